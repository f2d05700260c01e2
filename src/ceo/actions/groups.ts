/** Groups and who is in them, with the groups that go together. */
import { CeoError } from '../../errors.js';
import { accountsOf, type Account } from '../../directory/accounts.js';
import { changeMembership, groupMembers, listGroups, type Group } from '../../directory/groups.js';
import type { Context } from '../context.js';

export async function allGroups(context: Context): Promise<Group[]> {
  const { directory, bases } = await context.site();
  return listGroups(directory, bases);
}

/** @throws CeoError not_found */
export async function membersOf(context: Context, group: string): Promise<Account[]> {
  const { directory, bases } = await context.site();
  return accountsOf(directory, bases, await groupMembers(directory, bases, group));
}

/** The groups that whoever joins or leaves this one joins or leaves as well. */
export async function linkedGroups(context: Context, group: string): Promise<readonly string[]> {
  const { settings } = await context.site();
  return settings.linkedGroups.get(group) ?? [];
}

/** What became of one person and one group. */
export interface MembershipChange {
  readonly username: string;
  readonly group: string;
  readonly outcome: 'added' | 'removed' | 'unchanged' | 'no such group' | 'failed';
  readonly error: CeoError | undefined;
}

/**
 * Puts people into a group and those that go with it, or takes them out.
 * @throws CeoError not_found if somebody or the group is not there: nothing was changed
 */
export async function changeMembers(
  context: Context,
  group: string,
  usernames: readonly string[],
  operation: 'add' | 'delete',
): Promise<MembershipChange[]> {
  const { directory, bases } = await context.site();
  await groupMembers(directory, bases, group);
  for (const username of usernames) await context.account(username);
  const linked = await linkedGroups(context, group);
  const changes: MembershipChange[] = [];
  for (const username of usernames) {
    for (const each of [group, ...linked]) {
      changes.push(await change(context, each, username, operation));
    }
  }
  return changes;
}

async function change(
  context: Context,
  group: string,
  username: string,
  operation: 'add' | 'delete',
): Promise<MembershipChange> {
  const { directory, bases } = await context.site();
  const done = operation === 'add' ? 'added' : 'removed';
  try {
    const changed = await changeMembership(directory, bases, group, username, operation);
    return { username, group, outcome: changed ? done : 'unchanged', error: undefined };
  } catch (error) {
    if (!(error instanceof CeoError)) throw error;
    // Not every site has every group that usually goes with another.
    if (error.code === 'not_found') {
      return { username, group, outcome: 'no such group', error: undefined };
    }
    return { username, group, outcome: 'failed', error };
  }
}

/** The error that some changes mean together; undefined: none failed. */
export function problemOf(changes: readonly MembershipChange[]): CeoError | undefined {
  const [first] = changes.flatMap(({ error }) => (error === undefined ? [] : [error]));
  const someDone = changes.some(({ outcome }) => outcome === 'added' || outcome === 'removed');
  if (first === undefined || !someDone) return first;
  return new CeoError('partly_failed', first.message, {
    ...(first.next !== undefined && { next: first.next }),
    cause: first,
  });
}
