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
  const { directory } = await context.site();
  const { group, ...rest } = search;
  if (group === undefined) return findAccounts(directory, rest);
  const members = await accountsOf(directory, await groupMembers(directory, group));
  if (Object.values(rest).every((value) => value === undefined)) return members;
  const found = new Set((await findAccounts(directory, rest)).map(({ dn }) => dn));
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

/** Who was never registered has no last term. */
export type Inactive = Pick<Lapsed, 'username' | 'realname'> & Partial<Lapsed>;

/** Whose registration ended at least and at most so many terms ago. */
export async function lapsedMembers(
  context: Context,
  { atLeast, atMost }: { readonly atLeast: number; readonly atMost: number },
): Promise<Lapsed[]> {
  const people = await allMembers(context);
  return people
    .filter((each): each is Lapsed => each.lastTerm !== undefined)
    .filter(({ terms }) => terms >= atLeast && terms <= atMost);
}

/** Whose registration ended at least so many terms ago, or never began. */
export async function inactiveMembers(context: Context, atLeast: number): Promise<Inactive[]> {
  const people = await allMembers(context);
  return people.filter(({ terms = Infinity }) => terms >= atLeast);
}

async function allMembers(context: Context): Promise<Inactive[]> {
  const { directory } = await context.site();
  const now = termOf(new Date());
  const people = await findAccounts(directory, { kind: 'member' });
  return people.map((account) => describe(account, lastTerm(account), now));
}

function describe({ username, realname }: Account, last: Term | undefined, now: Term): Inactive {
  if (last === undefined) return { username, realname };
  return { username, realname, lastTerm: formatTerm(last), terms: now - last };
}
