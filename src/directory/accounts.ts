/** Accounts and what belongs to them, as entries (docs/directory.md has the schema). */
import {
  AndFilter,
  ApproximateFilter,
  DN,
  EqualityFilter,
  OrFilter,
  PresenceFilter,
  SubstringFilter,
  type Filter,
} from 'ldapts';
import { CeoError } from '../errors.js';
import { detailsOf, PERSON, STORED, type Known, type StoredField } from '../person.js';
import { printable } from '../printable.js';
import type { Directory, Entry, Search } from './connection.js';
import type { Bases, SiteDirectory } from './siteDirectory.js';
import { idNumber, ownId, type IdRanges, type OwnId } from './idNumbers.js';

export interface Account extends Known<StoredField> {
  readonly dn: string;
  readonly kind: 'member' | 'club';
  readonly username: string;
  /** As the directory says, to be shown; undefined if it is no such number. */
  readonly uidNumber: number | undefined;
  readonly gidNumber: number | undefined;
  readonly home: string;
  readonly shell: string;
  /** Terms paid as a member, e.g. `f2026`. */
  readonly terms: readonly string[];
  /** Terms as a club representative. */
  readonly nonMemberTerms: readonly string[];
  /** Positions of the club that they hold, e.g. `president`. */
  readonly positions: readonly string[];
}

/** An account whose numbers are the site's own: something may be done as it, or given to it. */
export interface ManagedAccount extends Account {
  readonly uidNumber: OwnId;
  readonly gidNumber: OwnId;
}

/** What a new account is made of. */
export interface NewAccount extends Known<StoredField> {
  readonly kind: 'member' | 'club';
  readonly username: string;
  /** uid and gid. */
  readonly id: OwnId;
  readonly home: string;
  readonly shell: string;
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
  'uidNumber',
  'gidNumber',
  'homeDirectory',
  'loginShell',
  'term',
  'nonMemberTerm',
  'position',
  ...STORED.map((field) => PERSON[field].attribute),
];

/** Every posixAccount for which something more holds. */
const accountsFilter = (...filters: Filter[]) =>
  new AndFilter({ filters: [equals('objectClass', 'posixAccount'), ...filters] });

async function searchAccounts(
  directory: SiteDirectory,
  filter: Filter,
  paging: Pick<Search, 'unpaged'> = {},
): Promise<Account[]> {
  const entries = await directory.search(directory.bases.users, {
    scope: 'one',
    filter,
    attributes: ACCOUNT_ATTRIBUTES,
    ...paging,
  });
  return entries.map(toAccount).sort(byUsername);
}

const byUsername = (a: Account, b: Account) => (a.username < b.username ? -1 : 1);

/** The account of exactly that name: the directory itself does not tell `a` from `A`. */
export async function findAccount(
  directory: SiteDirectory,
  username: string,
): Promise<Account | undefined> {
  const filter = accountsFilter(equals('uid', username));
  const found = await searchAccounts(directory, filter, { unpaged: true });
  return found.find((account) => account.username === username);
}

/** The usernames that begin with the same character. */
export async function usernamesLike(directory: SiteDirectory, username: string): Promise<string[]> {
  const initial = Array.from(username)[0];
  if (initial === undefined) return [];
  const entries = await directory.search(directory.bases.users, {
    scope: 'one',
    filter: accountsFilter(new SubstringFilter({ attribute: 'uid', initial })),
    attributes: ['uid'],
  });
  return entries.map((entry) => entry.values('uid')[0] ?? '');
}

/** What people are looked for by; each narrows the search. */
export interface AccountSearch {
  /** Registered for this term, as a member or as a club representative. */
  readonly term?: string | undefined;
  /** Sounds like it (approxMatch of RFC 4511 §4.5.1.7.6), or contains it. */
  readonly name?: string | undefined;
  readonly kind?: Account['kind'] | undefined;
  /** Holds this position. */
  readonly position?: string | undefined;
  /** Has this number, by telephoneNumberMatch of RFC 4517: blanks and hyphens do not count. */
  readonly phone?: string | undefined;
}

/** In the order of usernames. */
export function findAccounts(
  directory: SiteDirectory,
  { term, name, kind, position, phone }: AccountSearch,
): Promise<Account[]> {
  const either = (...filters: Filter[]) => new OrFilter({ filters });
  const filters = [
    ...(kind === undefined ? [] : [equals('objectClass', kind)]),
    ...(term === undefined ? [] : [either(equals('term', term), equals('nonMemberTerm', term))]),
    ...(name === undefined
      ? []
      : [
          either(
            new SubstringFilter({ attribute: 'cn', any: [name] }),
            // What has no sound sounds like every number.
            ...(/\p{L}/u.test(name)
              ? [new ApproximateFilter({ attribute: 'cn', value: name })]
              : []),
          ),
        ]),
    ...(position === undefined ? [] : [equals('position', position)]),
    ...(phone === undefined ? [] : [equals(PERSON.phone.attribute, phone)]),
  ];
  return searchAccounts(directory, accountsFilter(...filters));
}

/** Everybody who holds a position. */
export function findOfficers(directory: SiteDirectory): Promise<Account[]> {
  const filter = accountsFilter(new PresenceFilter({ attribute: 'position' }));
  return searchAccounts(directory, filter);
}

/** The accounts behind DNs that groups hold; in the order of usernames, unknown ones left out. */
export async function accountsOf(
  directory: SiteDirectory,
  dns: readonly string[],
): Promise<Account[]> {
  const usernames = dns
    .map((dn) => usernameOfDn(dn, directory.bases))
    .filter((name) => name !== undefined);
  if (usernames.length === 0) return [];
  const any = new OrFilter({ filters: usernames.map((name) => equals('uid', name)) });
  return searchAccounts(directory, accountsFilter(any));
}

/** The username of an account's DN; undefined for an entry elsewhere. */
export function usernameOfDn(dn: string, bases: Bases): string | undefined {
  const [rdn = '', ...parent] = dn.split(/(?<!\\),/);
  const isHere = normalized(parent.join(',')) === normalized(bases.users);
  return isHere ? /^uid=(.+)$/i.exec(rdn.trim())?.[1] : undefined;
}

const normalized = (dn: string) => dn.toLowerCase().replace(/\s*([,=])\s*/g, '$1');

/** Sets the login shell; nothing is sent if it is that already. */
export async function setShell(
  directory: Directory,
  account: Account,
  shell: string,
): Promise<boolean> {
  if (account.shell === shell) return false;
  await directory.modify(account.dn, [
    { operation: 'replace', attribute: 'loginShell', values: [shell] },
  ]);
  return true;
}

/** Sets the program of study; nothing is sent if it is that already. */
export async function setProgram(
  directory: Directory,
  account: Account,
  program: string,
): Promise<boolean> {
  if (account.program === program) return false;
  await directory.modify(account.dn, [
    { operation: 'replace', attribute: 'program', values: [program] },
  ]);
  return true;
}

/** Gives or takes a position. */
export async function changePosition(
  directory: Directory,
  account: Account,
  operation: 'add' | 'delete',
  position: string,
): Promise<void> {
  await directory.modify(account.dn, [{ operation, attribute: 'position', values: [position] }]);
}

function toAccount(entry: Entry): Account {
  const one = (attribute: string) => entry.values(attribute)[0];
  const isClub = entry.values('objectClass').some((name) => name.toLowerCase() === 'club');
  return {
    dn: entry.dn,
    kind: isClub ? 'club' : 'member',
    username: one('uid') ?? '',
    ...detailsOf(STORED, (field) => one(PERSON[field].attribute)),
    uidNumber: idNumber(entry.values('uidNumber')),
    gidNumber: idNumber(entry.values('gidNumber')),
    home: one('homeDirectory') ?? '',
    shell: one('loginShell') ?? '',
    terms: entry.values('term'),
    nonMemberTerms: entry.values('nonMemberTerm'),
    positions: entry.values('position'),
  };
}

/**
 * Holds the numbers of an account against the range of its kind.
 * @throws CeoError denied, unless both lie in it
 */
export function managed(account: Account, ranges: IdRanges): ManagedAccount {
  const range = ranges[account.kind];
  const [uidNumber, gidNumber] = [ownId(account.uidNumber, range), ownId(account.gidNumber, range)];
  if (uidNumber !== undefined && gidNumber !== undefined)
    return { ...account, uidNumber, gidNumber };
  const wrong = uidNumber === undefined ? 'uidNumber' : 'gidNumber';
  const is = account[wrong] === undefined ? `${wrong} is` : `${wrong} ${account[wrong]} is`;
  const kind = `${range.min} to ${range.max}, the range of ${account.kind}s`;
  throw new CeoError(
    'denied',
    `${printable(account.username)} is not an account that ceod manages: its ${is} none from ${kind}`,
    { next: 'A member of syscom can look at the entry in the directory.' },
  );
}

/** What there is of a name already, for people: `user x`, `group x`, `sudo rule %x`. */
export async function findName(
  directory: SiteDirectory,
  username: string,
): Promise<string | undefined> {
  const search = (base: string, filter: EqualityFilter) =>
    directory.search(base, { scope: 'one', filter, attributes: ['1.1'], unpaged: true });
  const [users, groups, rules] = await Promise.all([
    search(directory.bases.users, equals('uid', username)),
    search(directory.bases.groups, equals('cn', username)),
    search(directory.bases.sudo, equals('cn', `%${username}`)),
  ]);
  if (users.length > 0) return `user ${username}`;
  if (groups.length > 0) return `group ${username}`;
  return rules.length > 0 ? `sudo rule %${username}` : undefined;
}

/** Whether an account or a group has that number. */
export async function idIsTaken(directory: SiteDirectory, id: number): Promise<boolean> {
  const number = String(id);
  const filter = new OrFilter({
    filters: [equals('uidNumber', number), equals('gidNumber', number)],
  });
  const attributes = ['1.1'];
  const found = await Promise.all([
    directory.search(directory.bases.users, { scope: 'one', filter, attributes, unpaged: true }),
    directory.search(directory.bases.groups, {
      scope: 'one',
      filter: equals('gidNumber', number),
      attributes,
      unpaged: true,
    }),
  ]);
  return found.some((entries) => entries.length > 0);
}

/** Makes the account's entry. */
export async function addAccount(directory: SiteDirectory, account: NewAccount): Promise<void> {
  const { kind, username, id, home, shell } = account;
  const details = STORED.map((field) => [PERSON[field].attribute, account[field] ?? ''] as const);
  await directory.add(accountDn(directory.bases, username), {
    objectClass: ['top', 'account', 'posixAccount', 'shadowAccount', kind],
    uid: username,
    loginShell: shell,
    uidNumber: String(id),
    gidNumber: String(id),
    homeDirectory: home,
    ...Object.fromEntries(details.filter(([, text]) => text !== '')),
  });
}

/** Makes the group of an account. */
export async function addGroup(
  directory: SiteDirectory,
  { username, id }: Pick<NewAccount, 'username' | 'id'>,
): Promise<void> {
  await directory.add(groupDn(directory.bases, username), {
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
export async function addSudoRule(directory: SiteDirectory, username: string): Promise<void> {
  await directory.add(sudoRuleDn(directory.bases, username), {
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

/** What an entry must be to be one that was made for a plan whose number is lost. */
interface Unnumbered {
  readonly dn: string;
  readonly filter: Filter;
  /** When the plan was made, on this host's clock; milliseconds since the epoch. */
  readonly since: number;
}

/** No plan is at work for longer. */
const PLAN_LASTS_MS = 3_600_000;
/** Clocks differ by no more where Kerberos works. */
const CLOCK_SKEW_MS = 300_000;

/** Whether something was made while a plan was at work. @param at milliseconds since the epoch */
export const isOfPlan = (at: number, since: number): boolean =>
  at >= since - CLOCK_SKEW_MS && at <= since + PLAN_LASTS_MS;

/**
 * Deletes an entry that is as it would have been made, and was made while the plan was at work.
 * @returns whether it did; `foreign` if it is another one
 */
async function deleteUnnumbered(
  directory: Directory,
  { dn, filter, since }: Unnumbered,
): Promise<boolean | 'foreign'> {
  const [entry] = await directory.search(dn, {
    scope: 'base',
    filter: new PresenceFilter({ attribute: 'objectClass' }),
    attributes: ['createTimestamp'],
  });
  if (entry === undefined) return false;
  const [made] = await directory.search(dn, {
    scope: 'base',
    filter,
    attributes: ['createTimestamp'],
  });
  const at = generalizedTime(made?.values('createTimestamp')[0]);
  if (at === undefined || !isOfPlan(at, since)) return 'foreign';
  await directory.delete(dn);
  return true;
}

/** RFC 4517 §3.3.13, as servers write it: `20261125120000Z`. */
function generalizedTime(text = ''): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z$/.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, ...rest] = parts.slice(1).map(Number);
  return Date.UTC(year, month - 1, ...rest);
}

export const deleteAccountOfPlan = (
  directory: SiteDirectory,
  { username, realname, home }: Pick<NewAccount, 'username' | 'realname' | 'home'>,
  since: number,
) =>
  deleteUnnumbered(directory, {
    dn: accountDn(directory.bases, username),
    filter: accountsFilter(equals('cn', realname), equals('homeDirectory', home)),
    since,
  });

export const deleteGroupOfPlan = (directory: SiteDirectory, username: string, since: number) =>
  deleteUnnumbered(directory, {
    dn: groupDn(directory.bases, username),
    filter: equals('objectClass', 'posixGroup'),
    since,
  });

export const deleteAccount = (directory: SiteDirectory, username: string, id: number) =>
  deleteNumbered(directory, accountDn(directory.bases, username), 'uidNumber', id);

export const deleteGroup = (directory: SiteDirectory, username: string, id: number) =>
  deleteNumbered(directory, groupDn(directory.bases, username), 'gidNumber', id);

/** Deletes a sudo rule that is to the letter as addSudoRule makes it. @returns whether it did */
export async function deleteSudoRule(directory: SiteDirectory, username: string): Promise<boolean> {
  const [entry] = await directory.search(sudoRuleDn(directory.bases, username), {
    scope: 'base',
    filter: new AndFilter({
      filters: Object.entries(sudoRule(username)).map(([attribute, value]) =>
        equals(attribute, value),
      ),
    }),
    attributes: ['1.1'],
  });
  if (entry === undefined) return false;
  await directory.delete(sudoRuleDn(directory.bases, username));
  return true;
}
