/** Accounts and what belongs to them, as entries (golden/SCHEMA.md has the schema). */
import { AndFilter, DN, EqualityFilter, OrFilter } from 'ldapts';
import type { Directory, Entry } from './connection.js';

/** Where things are. */
export interface Bases {
  readonly users: string;
  readonly groups: string;
  readonly sudo: string;
}

export interface Account {
  readonly dn: string;
  readonly kind: 'member' | 'club';
  readonly username: string;
  readonly realname: string;
  readonly uidNumber: number;
  readonly gidNumber: number;
  readonly home: string;
  readonly shell: string;
  readonly program: string | undefined;
  /** Terms paid as a member, e.g. `f2026`. */
  readonly terms: readonly string[];
  /** Terms as a club representative. */
  readonly nonMemberTerms: readonly string[];
}

/** What a new account is made of. */
export interface NewAccount {
  readonly kind: 'member' | 'club';
  readonly username: string;
  readonly realname: string;
  /** uid and gid. */
  readonly id: number;
  readonly home: string;
  readonly shell: string;
  /** Empty: none. */
  readonly program: string;
}

export const accountDn = (bases: Bases, username: string): string =>
  `${new DN().addPairRDN('uid', username).toString()},${bases.users}`;

export const groupDn = (bases: Bases, name: string): string =>
  `${new DN().addPairRDN('cn', name).toString()},${bases.groups}`;

export const sudoRuleDn = (bases: Bases, username: string): string =>
  `${new DN().addPairRDN('cn', `%${username}`).toString()},${bases.sudo}`;

const equals = (attribute: string, value: string) => new EqualityFilter({ attribute, value });
const ACCOUNT_ATTRIBUTES = [
  'objectClass',
  'uid',
  'cn',
  'uidNumber',
  'gidNumber',
  'homeDirectory',
  'loginShell',
  'program',
  'term',
  'nonMemberTerm',
];

/** The account of exactly that name: the directory itself does not tell `a` from `A`. */
export async function findAccount(
  directory: Directory,
  bases: Bases,
  username: string,
): Promise<Account | undefined> {
  const entries = await directory.search(bases.users, {
    scope: 'one',
    filter: new AndFilter({
      filters: [equals('objectClass', 'posixAccount'), equals('uid', username)],
    }),
    attributes: ACCOUNT_ATTRIBUTES,
  });
  return entries.map(toAccount).find((account) => account.username === username);
}

function toAccount(entry: Entry): Account {
  const one = (attribute: string) => entry.values(attribute)[0];
  const isClub = entry.values('objectClass').some((name) => name.toLowerCase() === 'club');
  return {
    dn: entry.dn,
    kind: isClub ? 'club' : 'member',
    username: one('uid') ?? '',
    realname: one('cn') ?? '',
    uidNumber: Number(one('uidNumber')),
    gidNumber: Number(one('gidNumber')),
    home: one('homeDirectory') ?? '',
    shell: one('loginShell') ?? '',
    program: one('program'),
    terms: entry.values('term'),
    nonMemberTerms: entry.values('nonMemberTerm'),
  };
}

/** What there is of a name already, for people: `user x`, `group x`, `sudo rule %x`. */
export async function findName(
  directory: Directory,
  bases: Bases,
  username: string,
): Promise<string | undefined> {
  const search = (base: string, filter: EqualityFilter) =>
    directory.search(base, { scope: 'one', filter, attributes: ['1.1'] });
  const [users, groups, rules] = await Promise.all([
    search(bases.users, equals('uid', username)),
    search(bases.groups, equals('cn', username)),
    search(bases.sudo, equals('cn', `%${username}`)),
  ]);
  if (users.length > 0) return `user ${username}`;
  if (groups.length > 0) return `group ${username}`;
  return rules.length > 0 ? `sudo rule %${username}` : undefined;
}

/** Whether an account or a group has that number. */
export async function idIsTaken(directory: Directory, bases: Bases, id: number): Promise<boolean> {
  const number = String(id);
  const filter = new OrFilter({
    filters: [equals('uidNumber', number), equals('gidNumber', number)],
  });
  const attributes = ['1.1'];
  const found = await Promise.all([
    directory.search(bases.users, { scope: 'one', filter, attributes }),
    directory.search(bases.groups, {
      scope: 'one',
      filter: equals('gidNumber', number),
      attributes,
    }),
  ]);
  return found.some((entries) => entries.length > 0);
}

/** Makes the account's entry. */
export async function addAccount(
  directory: Directory,
  bases: Bases,
  { kind, username, realname, id, home, shell, program }: NewAccount,
): Promise<void> {
  await directory.add(accountDn(bases, username), {
    objectClass: ['top', 'account', 'posixAccount', 'shadowAccount', kind],
    uid: username,
    cn: realname,
    loginShell: shell,
    uidNumber: String(id),
    gidNumber: String(id),
    homeDirectory: home,
    ...(program !== '' && { program }),
  });
}

/** Makes the group of an account. */
export async function addGroup(
  directory: Directory,
  bases: Bases,
  { username, id }: Pick<NewAccount, 'username' | 'id'>,
): Promise<void> {
  await directory.add(groupDn(bases, username), {
    objectClass: ['top', 'group', 'posixGroup'],
    cn: username,
    gidNumber: String(id),
  });
}

const sudoRule = (username: string) => ({
  cn: `%${username}`,
  sudoUser: `%${username}`,
  sudoHost: 'ALL',
  sudoCommand: 'ALL',
  sudoOption: '!authenticate',
  sudoRunAsUser: username,
});

/** Makes the rule by which the members of a club may act as the club. */
export async function addSudoRule(
  directory: Directory,
  bases: Bases,
  username: string,
): Promise<void> {
  await directory.add(sudoRuleDn(bases, username), {
    objectClass: ['top', 'sudoRole'],
    ...sudoRule(username),
  });
}

/** Deletes an account or group if it has the number that was reserved for it. @returns whether it did */
async function deleteNumbered(
  directory: Directory,
  dn: string,
  attribute: 'uidNumber' | 'gidNumber',
  id: number,
): Promise<boolean> {
  const [entry] = await directory.search(dn, {
    scope: 'base',
    filter: equals(attribute, String(id)),
    attributes: ['1.1'],
  });
  if (entry === undefined) return false;
  await directory.delete(dn);
  return true;
}

export const deleteAccount = (directory: Directory, bases: Bases, username: string, id: number) =>
  deleteNumbered(directory, accountDn(bases, username), 'uidNumber', id);

export const deleteGroup = (directory: Directory, bases: Bases, username: string, id: number) =>
  deleteNumbered(directory, groupDn(bases, username), 'gidNumber', id);

/** Deletes a sudo rule that is to the letter as addSudoRule makes it. @returns whether it did */
export async function deleteSudoRule(
  directory: Directory,
  bases: Bases,
  username: string,
): Promise<boolean> {
  const [entry] = await directory.search(sudoRuleDn(bases, username), {
    scope: 'base',
    filter: new AndFilter({
      filters: Object.entries(sudoRule(username)).map(([attribute, value]) =>
        equals(attribute, value),
      ),
    }),
    attributes: ['1.1'],
  });
  if (entry === undefined) return false;
  await directory.delete(sudoRuleDn(bases, username));
  return true;
}
