/** Registering somebody for further terms. */
import type { Account } from '../../directory/accounts.js';
import {
  addTerms,
  consecutiveTerms,
  formatTerm,
  missingTerms,
  nextTerms,
  parseTerm,
  type Registration,
  type Term,
} from '../../directory/terms.js';
import { CeoError } from '../../errors.js';
import type { Context } from '../context.js';
import { registrationOf } from '../underWay.js';

/** So many terms, from a first one on: `f2026`, `w2027`… Undefined if the first is no term. */
export function termsFrom(first: string, count: number): string[] | undefined {
  const from = parseTerm(first);
  if (from === undefined) return undefined;
  return consecutiveTerms(from, count).map(formatTerm);
}

/** Those of some terms that somebody is registered for already. */
export function alreadyRegistered(
  account: Account,
  registration: Registration,
  terms: readonly string[],
): string[] {
  return terms.filter((term) => {
    const from = parseTerm(term);
    return from !== undefined && missingTerms(account, registration, 1, from).length === 0;
  });
}

/** Which terms somebody is registered for. */
export type Wanted =
  /** So many that they are not registered for yet, from the current one on. */
  | { readonly next: number }
  /** These, none of which they are registered for. */
  | { readonly terms: string[] }
  /** What is missing of so many terms from one on. */
  | { readonly missingOf: number; readonly from: Term };

/**
 * @returns those that they were registered for now
 * @throws CeoError exists if one of `terms` is registered: then nothing was changed
 */
export async function register(
  context: Context,
  username: string,
  registration: Registration,
  wanted: Wanted,
): Promise<string[]> {
  const account = await context.account(username);
  const terms = termsOf(account, registration, wanted);
  const { directory } = await context.site();
  return context.change(registrationOf(username), () =>
    addTerms(directory, account, registration, terms),
  );
}

function termsOf(account: Account, registration: Registration, wanted: Wanted): string[] {
  if ('next' in wanted) return nextTerms(account, registration, wanted.next);
  if ('from' in wanted) return missingTerms(account, registration, wanted.missingOf, wanted.from);
  const taken = alreadyRegistered(account, registration, wanted.terms);
  if (taken.length === 0) return wanted.terms;
  throw new CeoError(
    'exists',
    `${account.username} is registered for ${taken.join(', ')} already.`,
  );
}
