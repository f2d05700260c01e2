/** Who is there: listed, searched, and counted by the terms they are registered for. */
import type { Account, AccountSearch } from '../../directory/accounts.js';
import { findAccounts, accountsOf } from '../../directory/accounts.js';
import { groupMembers } from '../../directory/groups.js';
import { formatTerm, lastTerm, termOf, type Term } from '../../directory/terms.js';
import type { Context } from '../context.js';

export interface PeopleSearch extends AccountSearch {
  readonly group?: string | undefined;
}

/** In the order of usernames. */
export async function searchPeople(context: Context, search: PeopleSearch): Promise<Account[]> {
  const { directory, bases } = await context.site();
  const { group, ...rest } = search;
  if (group === undefined) return findAccounts(directory, bases, rest);
  const members = await accountsOf(directory, bases, await groupMembers(directory, bases, group));
  if (Object.values(rest).every((value) => value === undefined)) return members;
  const found = new Set((await findAccounts(directory, bases, rest)).map(({ dn }) => dn));
  return members.filter(({ dn }) => found.has(dn));
}

export interface Lapsed {
  readonly username: string;
  readonly realname: string;
  /** The last term that they were registered for. */
  readonly lastTerm: string;
  /** How many terms ago that was. */
  readonly terms: number;
}

/** Whose registration ended at least and at most so many terms ago. */
export async function lapsedMembers(
  context: Context,
  { atLeast, atMost = Infinity }: { readonly atLeast: number; readonly atMost?: number },
): Promise<Lapsed[]> {
  const { directory, bases } = await context.site();
  const now = termOf(new Date());
  const people = await findAccounts(directory, bases, { kind: 'member' });
  return people.flatMap((account) => {
    const last = lastTerm(account);
    const lapsed = last === undefined ? undefined : describe(account, last, now);
    return lapsed !== undefined && lapsed.terms >= atLeast && lapsed.terms <= atMost
      ? [lapsed]
      : [];
  });
}

const describe = ({ username, realname }: Account, last: Term, now: Term): Lapsed => ({
  username,
  realname,
  lastTerm: formatTerm(last),
  terms: now - last,
});
