/** The settings of a site, typed. All are read at start; keytabs are reread by themselves. */
import { existsSync, lstatSync } from 'node:fs';
import path from 'node:path';
import { CeoError } from '../errors.js';
import { defaults, load, type Loaded, type SettingsOf, type Table } from './kinds.js';
import {
  accountsTable,
  ceodTable,
  clientTable,
  libraryTable,
  mailmanTable,
  mysqlTable,
} from './keys.js';

export type AccountsSettings = SettingsOf<typeof accountsTable>;
export type CeodSettings = SettingsOf<typeof ceodTable>;

/** The folder of the configuration, as an absolute path. */
export const configDir = (): string => path.resolve(process.env['CEO_CONFIG_DIR'] || '/etc/csc');

/**
 * accounts.cf. The admin principals get krb5_realm if they name none.
 * @throws CeoError config
 */
export function loadAccounts(dir: string): Loaded<typeof accountsTable> {
  const loaded = load(accountsTable, path.join(dir, 'accounts.cf'));
  const { settings, where } = loaded;
  const { memberMinId, memberMaxId, clubMinId, clubMaxId } = settings;
  const expectOrder = (least: number, most: number, key: 'member_max_id' | 'club_max_id') => {
    if (least <= most) return;
    throw new CeoError('config', `${where(key)}: ${key} = ${most}: expected at least ${least}.`, {
      next: `Check ${key.replace('max', 'min')} and ${key}: the range would be empty.`,
    });
  };
  expectOrder(memberMinId, memberMaxId, 'member_max_id');
  expectOrder(clubMinId, clubMaxId, 'club_max_id');
  if (memberMinId <= clubMaxId && clubMinId <= memberMaxId) {
    const members = `${memberMinId}–${memberMaxId} (${where('member_min_id')})`;
    const clubs = `${clubMinId}–${clubMaxId} (${where('club_min_id')})`;
    throw new CeoError(
      'config',
      `The ids of members, ${members}, and of clubs, ${clubs}, overlap.`,
      {
        next: 'Give members and clubs ranges of their own.',
      },
    );
  }
  const inRealm = (principal: string) =>
    principal.includes('@') ? principal : `${principal}@${settings.krb5Realm}`;
  return {
    ...loaded,
    settings: {
      ...settings,
      krb5AdminPrincipal: inRealm(settings.krb5AdminPrincipal),
      ldapAdminPrincipal: inRealm(settings.ldapAdminPrincipal),
    },
  };
}

/**
 * ceod.cf, or every default if there is no such file.
 * @throws CeoError config
 */
export function loadCeod(dir: string): Loaded<typeof ceodTable> {
  const loaded = loadUnlessAbsent(ceodTable, path.join(dir, 'ceod.cf'));
  const { universityLdapUrl, universityLdapBase } = loaded.settings;
  if (universityLdapUrl !== undefined && universityLdapBase === undefined) {
    throw new CeoError(
      'config',
      `${loaded.where('university_ldap_url')}: university_ldap_url needs a base.`,
      { next: 'Set university_ldap_base to where people are in that directory.' },
    );
  }
  return loaded;
}

/**
 * What a client of ceod takes from ceod.cf: whatever else is wrong there is the daemon's trouble.
 * @throws CeoError config
 */
export const loadClient = (dir: string): Loaded<typeof clientTable> =>
  loadUnlessAbsent(clientTable, path.join(dir, 'ceod.cf'));

const loadUnlessAbsent = <T extends Table>(table: T, file: string): Loaded<T> =>
  isAbsent(file) ? defaults(table, file) : load(table, file);

/** mysql.cf. @throws CeoError config */
export const loadMysql = (dir: string): Loaded<typeof mysqlTable> =>
  load(mysqlTable, path.join(dir, 'mysql.cf'));

/** Where things are in the directory. */
export const basesOf = (accounts: AccountsSettings) => ({
  users: accounts.ldapUsersBase,
  groups: accounts.ldapGroupsBase,
  sudo: accounts.ldapSudoBase,
});

/** In which homes are made; both kinds of account may have the same. */
export const homeFolders = ({
  memberHome,
  clubHome,
}: Pick<AccountsSettings, 'memberHome' | 'clubHome'>): string[] => [
  ...new Set([memberHome, clubHome]),
];

/** How the database server is reached, and as whom. */
export const mysqlAccess = (settings: SettingsOf<typeof mysqlTable>, timeoutMs: number) => ({
  socket: settings.mysqlSocket,
  adminUsername: settings.mysqlAdminUsername,
  adminPassword: settings.mysqlAdminPassword,
  userHost: settings.mysqlUserHost,
  timeoutMs,
});

/** What ceo asks of new accounts and forwards, before anything is sent. */
export const clientRules = (accounts: AccountsSettings, ceod: CeodSettings) => ({
  usernameRegex: accounts.usernameRegex,
  minPasswordLength: accounts.minPasswordLength,
  minUsernameLength: ceod.minUsernameLength,
  minNameLength: ceod.minNameLength,
  mailDomains: (ceod.mailDomains.length > 0 ? ceod.mailDomains : [accounts.krb5Realm]).map(
    (domain) => domain.toLowerCase(),
  ),
  needsDot: ceod.forwardNeedsDot === 'yes',
});

/** Of Debian's package, of the deployed op, and of Mailman's own installation. */
const ADD_MEMBERS = [
  '/usr/lib/mailman/bin/add_members',
  '/var/lib/mailman/bin/add_members',
  '/usr/sbin/add_members',
  '/usr/local/mailman/bin/add_members',
];

/** add_members of Mailman 2: the one that is set, or else the first that is there. */
export const addMembersCommand = ({ mailmanCommand }: MailmanSettings): string =>
  mailmanCommand ?? ADD_MEMBERS.find((file) => existsSync(file)) ?? (ADD_MEMBERS[0] as string);

type MailmanSettings = SettingsOf<typeof mailmanTable>;

/** How Mailman 3 is reached, and as whom. */
export const mailman3Access = (settings: MailmanSettings, timeoutMs: number) => ({
  url: settings.mailmanUrl,
  username: settings.mailmanRestUser,
  password: settings.mailmanRestPassword ?? '',
  timeoutMs,
});

/** mailman.cf. @throws CeoError config */
export function loadMailman(dir: string): Loaded<typeof mailmanTable> {
  const loaded = load(mailmanTable, path.join(dir, 'mailman.cf'));
  const { mailmanBackend, mailmanRestPassword, membersList } = loaded.settings;
  if (
    mailmanBackend === 'mailman3' &&
    mailmanRestPassword === undefined &&
    membersList !== 'none'
  ) {
    throw new CeoError('config', `${loaded.where('mailman_backend')}: mailman3 needs a password.`, {
      next: 'Set mailman_rest_password to admin_pass of mailman.cfg.',
    });
  }
  return loaded;
}

type OwnSettings = Pick<Loaded<Table>, 'files' | 'lines'>;

/** Files of settings that are one op's own (`settings` of (ceo.op) in the proto). */
const OWN_SETTINGS: Readonly<Record<string, (dir: string) => OwnSettings>> = {
  'mysql.cf': loadMysql,
  'mailman.cf': loadMailman,
};

/** The files that such a one consists of, and what is in force. @throws CeoError config */
export function ownSettings(name: string, dir: string): OwnSettings {
  const load = OWN_SETTINGS[name];
  if (load === undefined) throw new Error(`nothing is known of ${name}`);
  return load(dir);
}

/** library.cf. @throws CeoError config, which says how to write one if there is none */
export function loadLibrary(dir: string): Loaded<typeof libraryTable> {
  const file = path.join(dir, 'library.cf');
  if (!isAbsent(file)) return load(libraryTable, file);
  throw new CeoError('config', `There is no ${file}: ceo does not know the library's database.`, {
    next: `Write it, with library_connect_string = "${libraryTable.library_connect_string.kind.expected.replace('a URL, ', '')}"`,
  });
}

/** A link that leads nowhere, or a folder that cannot be searched, is not absence. */
function isAbsent(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

/** What differs between members and clubs. */
export interface KindSettings {
  readonly shell: string;
  /** The folder of the homes. */
  readonly home: string;
  readonly skeleton: string;
}

export const memberSettings = (accounts: AccountsSettings): KindSettings => ({
  shell: accounts.memberShell,
  home: accounts.memberHome,
  skeleton: accounts.memberHomeSkel,
});

export const clubSettings = (accounts: AccountsSettings): KindSettings => ({
  shell: accounts.clubShell,
  home: accounts.clubHome,
  skeleton: accounts.clubHomeSkel,
});

/** The uids and gids of each kind of account. */
export const idRanges = (accounts: AccountsSettings) => ({
  member: { min: accounts.memberMinId, max: accounts.memberMaxId },
  club: { min: accounts.clubMinId, max: accounts.clubMaxId },
});
