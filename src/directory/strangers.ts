/**
 * Accounts and groups that other tools have made: what ceo misses in them. Such tools know neither
 * the classes of the club nor uniqueMember, and name people in groups by memberUid.
 */
import { EqualityFilter } from 'ldapts';
import { ldifLine } from '../ldif.js';
import { isUsername } from '../rules.js';
import { accountDn, usernameOfDn, type Account } from './accounts.js';
import { idNumber, ownId, type IdRanges } from './idNumbers.js';
import type { Entry, Modification } from './connection.js';
import type { Bases, SiteDirectory } from './siteDirectory.js';

export interface Stranger {
  readonly dn: string;
  /** Of an account or a group. */
  readonly name: string;
  /** uidNumber of an account, gidNumber of a group; undefined if it is no such number. */
  readonly number: number | undefined;
}

export interface StrangeAccount extends Stranger {
  /** By its number; undefined if it lies in neither range. */
  readonly kind: Account['kind'] | undefined;
  /** Why it has to stay as it is. */
  readonly hindrance: string | undefined;
}

export interface StrangeGroup extends Stranger {
  /** Usernames that memberUid has and uniqueMember has not. */
  readonly missing: readonly string[];
  /** What memberUid has besides, and is no account. */
  readonly unknown: readonly string[];
  readonly hasGroupClass: boolean;
  /** Its structural class, if that keeps it from being a group of the club: it has to be made anew. */
  readonly obstacle: string | undefined;
  readonly description: readonly string[];
  readonly memberUid: readonly string[];
  readonly uniqueMember: readonly string[];
}

export interface Strangers {
  readonly accounts: readonly StrangeAccount[];
  readonly groups: readonly StrangeGroup[];
  /** The server has posixGroup as a structural class: no entry can be that and a group of the club. */
  readonly posixGroupIsStructural: boolean;
}

/** Everything that is not as ceod makes it, in the order of names. */
export async function findStrangers(
  directory: SiteDirectory,
  ranges: IdRanges,
): Promise<Strangers> {
  const { bases } = directory;
  const accounts: StrangeAccount[] = [];
  const usernames = new Set<string>();
  const visit = (
    base: string,
    objectClass: string,
    attributes: string[],
    each: (e: Entry) => void,
  ) =>
    directory.visit(
      base,
      {
        scope: base === bases.users ? 'sub' : 'one',
        filter: new EqualityFilter({ attribute: 'objectClass', value: objectClass }),
        attributes,
      },
      each,
    );
  const ofAccounts = ['objectClass', 'uid', 'uidNumber', 'gidNumber'];
  await visit(bases.users, 'posixAccount', ofAccounts, (entry) => {
    const username = usernameOfDn(entry.dn, bases);
    if (username !== undefined) usernames.add(username);
    if (!has(entry, 'member') && !has(entry, 'club'))
      accounts.push(toAccount(entry, bases, ranges));
  });
  const classes = await objectClasses(directory);
  const canJoin = classes.find(named('group'))?.includes('AUXILIARY') === true;
  const groups: StrangeGroup[] = [];
  const ofGroups = ['objectClass', 'structuralObjectClass', 'cn', 'gidNumber', 'description'];
  await visit(bases.groups, 'posixGroup', [...ofGroups, 'memberUid', 'uniqueMember'], (entry) => {
    const group = toGroup(entry, bases, usernames, canJoin);
    if (!group.hasGroupClass || group.missing.length > 0) groups.push(group);
  });
  return {
    accounts: accounts.sort(byName),
    groups: groups.sort(byName),
    posixGroupIsStructural: classes.find(named('posixGroup'))?.includes('STRUCTURAL') === true,
  };
}

const byName = (one: Stranger, other: Stranger) => (one.name < other.name ? -1 : 1);

const has = (entry: Entry, objectClass: string) =>
  entry.values('objectClass').some((each) => each.toLowerCase() === objectClass);

function toAccount(entry: Entry, bases: Bases, ranges: IdRanges): StrangeAccount {
  const [name = ''] = entry.values('uid');
  const uid = idNumber(entry.values('uidNumber'));
  const gid = idNumber(entry.values('gidNumber'));
  const kind = (['member', 'club'] as const).find((each) => ownId(uid, ranges[each]) !== undefined);
  const hindrance = () => {
    if (usernameOfDn(entry.dn, bases) !== name) return `its name is not ${accountDn(bases, name)}`;
    if (!isUsername(name)) return 'it is no username that ceod knows';
    if (kind === undefined) return `its uidNumber ${uid ?? ''} lies in no range of accounts.cf`;
    if (ownId(gid, ranges[kind]) === undefined)
      return `its gidNumber ${gid ?? ''} is none of ${kind}s`;
    return undefined;
  };
  return { dn: entry.dn, name, number: uid, kind, hindrance: hindrance() };
}

function toGroup(
  entry: Entry,
  bases: Bases,
  usernames: ReadonlySet<string>,
  canJoin: boolean,
): StrangeGroup {
  const uniqueMember = entry.values('uniqueMember');
  const memberUid = entry.values('memberUid');
  const there = new Set(uniqueMember.map((dn) => usernameOfDn(dn, bases)));
  const absent = memberUid.filter((each) => !there.has(each));
  const hasGroupClass = has(entry, 'group');
  return {
    dn: entry.dn,
    name: entry.values('cn')[0] ?? '',
    number: idNumber(entry.values('gidNumber')),
    missing: absent.filter((each) => usernames.has(each)),
    unknown: absent.filter((each) => !usernames.has(each)),
    hasGroupClass,
    obstacle:
      hasGroupClass || canJoin
        ? undefined
        : (entry.values('structuralObjectClass')[0] ?? 'its class'),
    description: entry.values('description'),
    memberUid,
    uniqueMember,
  };
}

async function objectClasses(directory: SiteDirectory): Promise<readonly string[]> {
  const [subschema] = await directory.search('cn=Subschema', {
    scope: 'base',
    filter: new EqualityFilter({ attribute: 'objectClass', value: 'subschema' }),
    attributes: ['objectClasses'],
  });
  return subschema?.values('objectClasses') ?? [];
}

const named = (name: string) => (definition: string) => definition.includes(`NAME '${name}'`);

/** Makes it an account of ours; what else it says of somebody stays. */
export const adoptAccount = (
  directory: SiteDirectory,
  { dn }: Stranger,
  kind: Account['kind'],
): Promise<void> =>
  directory.modify(dn, [{ operation: 'add', attribute: 'objectClass', values: [kind] }]);

/** Puts those into it whom memberUid names, which stays. */
export async function adoptGroup(directory: SiteDirectory, group: StrangeGroup): Promise<void> {
  const add = (attribute: string, values: readonly string[]): Modification[] =>
    values.length === 0 ? [] : [{ operation: 'add', attribute, values }];
  await directory.modify(group.dn, [
    ...add('objectClass', group.hasGroupClass ? [] : ['group']),
    ...add('uniqueMember', membersToAdd(directory.bases, group)),
  ]);
}

const membersToAdd = (bases: Bases, { missing }: StrangeGroup): string[] =>
  missing.map((username) => accountDn(bases, username));

/** LDIF (RFC 2849) that makes a group anew whose structural class stands in the way. */
export function remadeGroup(bases: Bases, group: StrangeGroup): string[] {
  const attributes: readonly (readonly [string, readonly string[]])[] = [
    ['objectClass', ['top', 'group', 'posixGroup']],
    ['cn', [group.name]],
    ['gidNumber', [String(group.number ?? '')]],
    ['description', group.description],
    ['memberUid', group.memberUid],
    ['uniqueMember', [...group.uniqueMember, ...membersToAdd(bases, group)]],
  ];
  const dn = ldifLine('dn', group.dn);
  return [
    ...[dn, 'changetype: delete', ''],
    ...[dn, 'changetype: add'],
    ...attributes.flatMap(([name, values]) => values.map((value) => ldifLine(name, value))),
    '',
  ];
}
