/**
 * Terms: `w2027` is winter, January to April; `s2027` spring, May to August;
 * `f2027` fall, September to December.
 */
import { CeoError } from '../errors.js';
import type { Account } from './accounts.js';
import type { Directory } from './connection.js';

/** A term as a number: three a year, in order. */
export type Term = number & { readonly __brand: 'Term' };

const SEASONS = ['w', 's', 'f'] as const;

/** @returns undefined if the text is no term */
export function parseTerm(text: string): Term | undefined {
  const match = /^([wsf])(\d{4})$/.exec(text);
  if (match === null) return undefined;
  const season = SEASONS.indexOf(match[1] as (typeof SEASONS)[number]);
  return (Number(match[2]) * SEASONS.length + season) as Term;
}

export function formatTerm(term: Term): string {
  const year = Math.floor(term / SEASONS.length);
  return `${SEASONS[term % SEASONS.length] ?? ''}${String(year).padStart(4, '0')}`;
}

/** How terms are written, for people. */
export const TERM_SYNTAX = 'Terms are w, s or f for winter, spring or fall, and the year: f2026.';

/** So many terms, from a first one on. */
export const consecutiveTerms = (from: Term, count: number): Term[] =>
  Array.from({ length: count }, (_, index) => (from + index) as Term);

/** The most that somebody is registered for at once. */
export const MAX_TERMS = 9;

/** The term that a date is in, by local time. */
export function termOf(date: Date): Term {
  const season = Math.floor(date.getMonth() / (12 / SEASONS.length));
  return (date.getFullYear() * SEASONS.length + season) as Term;
}

/** The next `count` terms that are not among those registered, from a first one on. */
export function nextUnregistered(registered: Iterable<Term>, from: Term, count: number): Term[] {
  const taken = new Set(registered);
  const free: Term[] = [];
  for (let term = from; free.length < count; term = (term + 1) as Term) {
    if (!taken.has(term)) free.push(term);
  }
  return free;
}

/** Which terms: paid as a member, or as a club representative, who pays none. */
export type Registration = 'member' | 'club-rep';

const ATTRIBUTE: Readonly<Record<Registration, string>> = {
  member: 'term',
  'club-rep': 'nonMemberTerm',
};

/**
 * The next terms that an account is not registered for. For a club representative that means: in
 * neither list.
 */
export function nextTerms(account: Account, registration: Registration, count: number): string[] {
  const registered = registeredTerms(account, registration);
  return nextUnregistered(registered, termOf(new Date()), count).map(formatTerm);
}

/** Those of the `count` terms from a first one on that an account is not registered for. */
export function missingTerms(
  account: Account,
  registration: Registration,
  count: number,
  from: Term,
): string[] {
  const registered = new Set(registeredTerms(account, registration));
  return consecutiveTerms(from, count)
    .filter((term) => !registered.has(term))
    .map(formatTerm);
}

/** The first term, from the current one on, that an account is not registered for. */
export function firstUnregistered(account: Account, registration: Registration): Term {
  const [first] = nextUnregistered(registeredTerms(account, registration), termOf(new Date()), 1);
  return first as Term;
}

/** Registers an account for terms that it is not registered for. @returns them */
export async function addTerms(
  directory: Directory,
  account: Account,
  registration: Registration,
  terms: string[],
): Promise<string[]> {
  if (account.kind === 'club') {
    throw new CeoError('usage', `${account.username} is a club: only people register for terms.`);
  }
  if (terms.length === 0) return [];
  // A club representative who becomes a member is not both for one term.
  const replaced =
    registration === 'member' ? terms.filter((term) => account.nonMemberTerms.includes(term)) : [];
  await directory.modify(account.dn, [
    { operation: 'add', attribute: ATTRIBUTE[registration], values: terms },
    ...(replaced.length === 0
      ? []
      : [{ operation: 'delete', attribute: 'nonMemberTerm', values: replaced } as const]),
  ]);
  return terms;
}

/** A club representative need not register for a term that was paid as a member. */
function registeredTerms(account: Account, registration: Registration): Term[] {
  const lists =
    registration === 'member' ? [account.terms] : [account.terms, account.nonMemberTerms];
  return lists
    .flat()
    .map(parseTerm)
    .filter((term) => term !== undefined);
}

/** What a member pays for a term, in dollars; a club representative pays nothing. */
export const FEE_PER_TERM = 2;

/** The last term that somebody is registered for, in either way. */
export function lastTerm({ terms, nonMemberTerms }: Account): Term | undefined {
  const registered = [...terms, ...nonMemberTerms]
    .map(parseTerm)
    .filter((term) => term !== undefined);
  return registered.length === 0 ? undefined : (Math.max(...registered) as Term);
}
