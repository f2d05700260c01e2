/** Groups and who is in them, with the groups that go together. */
import { CeoError } from '../../errors.js';
import {
  accountDn,
  accountsOf,
  groupDn,
  usernameOfDn,
  type Account,
} from '../../directory/accounts.js';
import { changeMembership, groupMembers, listGroups, type Group } from '../../directory/groups.js';
import { shellWord } from '../../shellWord.js';
import type { Context } from '../context.js';

export async function allGroups(context: Context): Promise<Group[]> {
  const { directory } = await context.site();
  return listGroups(directory);
}

export interface Members {
  readonly people: readonly Account[];
  /** DNs that the group holds and that are no account: whoever gets such a name is in the group. */
  readonly dangling: readonly string[];
}

/** @throws CeoError not_found */
export async function membersOf(context: Context, group: string): Promise<Members> {
  const { directory } = await context.site();
  const dns = await groupMembers(directory, group);
  const people = await accountsOf(directory, dns);
  const names = new Set(people.map(({ username }) => username));
  const isDangling = (dn: string) => !names.has(usernameOfDn(dn, directory.bases) ?? '');
  return { people, dangling: dns.filter(isDangling) };
}

/** The groups that whoever joins or leaves this one joins or leaves as well. */
export async function linkedGroups(context: Context, group: string): Promise<readonly string[]> {
  const { settings } = await context.site();
  return settings.linkedGroups.get(group) ?? [];
}

/** What became of one person and one group. */
export interface MembershipChange {
  /** As it was given: a username, or the DN of what is no account any more. */
  readonly username: string;
  readonly group: string;
  readonly outcome: 'added' | 'removed' | 'unchanged' | 'no such group' | 'failed';
  readonly error: CeoError | undefined;
}

/**
 * Puts people into a group and those that go with it, or takes them out.
 * @param usernames to be taken out, also one whose account is gone, or a DN as membersOf has it
 * @param force also if nobody is left in syscom
 * @throws CeoError not_found if somebody or the group is not there: nothing was changed
 */
export async function changeMembers(
  context: Context,
  group: string,
  usernames: readonly string[],
  operation: 'add' | 'delete',
  force = false,
): Promise<MembershipChange[]> {
  const { dangling } = await membersOf(context, group);
  for (const username of usernames) {
    if (operation === 'delete' && dangling.includes(await memberDn(context, username))) continue;
    await context.account(username);
  }
  const linked = await linkedGroups(context, group);
  if (operation === 'delete' && !force) {
    for (const each of [group, ...linked]) await refuseToEmpty(context, each, usernames);
  }
  const underWay = {
    what: `the change of ${group}`,
    check:
      `Check with: ceo groups members ${shellWord(group)}. ` +
      'The same command again makes what is missing.',
  };
  return context.change(underWay, async () => {
    const changes: MembershipChange[] = [];
    for (const username of usernames) {
      for (const each of [group, ...linked]) {
        changes.push(await change(context, each, username, operation));
      }
    }
    return changes;
  });
}

/** Root of the directory's server may do what nobody else may any more. */
const wayBack = (dn: string): string =>
  `To come back, root on the directory server adds a uniqueMember to ${dn}: ` +
  'ldapmodify -Y EXTERNAL -H ldapi:///';

/** How syscom is filled again, if nobody is in it. */
export async function wayBackIfEmpty(context: Context): Promise<string | undefined> {
  const { settings, directory } = await context.site();
  if (settings.authGroups !== 'ldap') return undefined;
  const { people } = await membersOf(context, settings.syscomGroup);
  return people.length === 0 ? wayBack(groupDn(directory.bases, settings.syscomGroup)) : undefined;
}

/** Without a member of syscom nobody could put one in. */
async function refuseToEmpty(
  context: Context,
  group: string,
  leaving: readonly string[],
): Promise<void> {
  const { settings, directory } = await context.site();
  if (settings.authGroups !== 'ldap' || group !== settings.syscomGroup) return;
  const { people } = await membersOf(context, group);
  const isStaying = ({ username }: Account) => !leaving.includes(username);
  if (people.length === 0 || people.some(isStaying)) return;
  throw new CeoError(
    'failed',
    `Nobody would be left in ${group}, and nobody could put anybody in again.`,
    {
      next:
        `Put somebody in first: ceo groups add ${group} USERNAME; or give --force. ` +
        wayBack(groupDn(directory.bases, group)),
    },
  );
}

/** Of a username, or a DN as it is. */
async function memberDn(context: Context, member: string): Promise<string> {
  const { directory } = await context.site();
  return member.includes('=') ? member : accountDn(directory.bases, member);
}

async function change(
  context: Context,
  group: string,
  username: string,
  operation: 'add' | 'delete',
): Promise<MembershipChange> {
  const { directory } = await context.site();
  const done = operation === 'add' ? 'added' : 'removed';
  const dn = await memberDn(context, username);
  try {
    const changed = await changeMembership(directory, group, dn, operation);
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
