/** Registering somebody for further terms. */
import type { Account } from '../../directory/accounts.js';
import {
  addTerms,
  consecutiveTerms,
  formatTerm,
  missingTerms,
  parseTerm,
  type Registration,
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

/** @throws CeoError exists if one of the terms is registered: then nothing was changed */
export async function renew(
  context: Context,
  username: string,
  registration: Registration,
  terms: string[],
): Promise<string[]> {
  const account = await context.account(username);
  const taken = alreadyRegistered(account, registration, terms);
  if (taken.length > 0) {
    throw new CeoError('exists', `${username} is registered for ${taken.join(', ')} already.`);
  }
  const { directory } = await context.site();
  return context.change(registrationOf(username), () =>
    addTerms(directory, account, registration, terms),
  );
}
