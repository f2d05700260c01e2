/** The settings of a site, typed. All are read at start; keytabs are reread by themselves. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { CeoError } from '../errors.js';
import { defaults, load, type Loaded, type SettingsOf } from './table.js';
import { accountsTable, ceodTable } from './tables.js';

export type AccountsSettings = SettingsOf<typeof accountsTable>;
export type CeodSettings = SettingsOf<typeof ceodTable>;

/** The folder of the configuration. */
export const configDir = (): string => process.env['CEO_CONFIG_DIR'] ?? '/etc/csc';

/** @throws CeoError config */
export function loadAccounts(dir: string): Loaded<typeof accountsTable> {
  const file = path.join(dir, 'accounts.cf');
  const loaded = load(accountsTable, file);
  const { memberMinId, memberMaxId, clubMinId, clubMaxId } = loaded.settings;
  if (memberMinId > memberMaxId || clubMinId > clubMaxId) {
    throw new CeoError('config', `${file}: a range of ids ends before it begins.`, {
      next: 'Check member_min_id, member_max_id, club_min_id and club_max_id.',
    });
  }
  if (memberMinId <= clubMaxId && clubMinId <= memberMaxId) {
    throw new CeoError('config', `${file}: the ids of members and clubs overlap.`, {
      next: 'Give members and clubs ranges of their own.',
    });
  }
  return loaded;
}

/** @throws CeoError config */
export function loadCeod(dir: string): Loaded<typeof ceodTable> {
  const file = path.join(dir, 'ceod.cf');
  return existsSync(file)
    ? load(ceodTable, file)
    : { settings: defaults(ceodTable, file), warnings: [] };
}

/** What differs between members and clubs. */
export interface KindSettings {
  readonly shell: string;
  readonly minId: number;
  readonly maxId: number;
  /** The folder of the homes. */
  readonly home: string;
  readonly skeleton: string;
}

export const memberSettings = (accounts: AccountsSettings): KindSettings => ({
  shell: accounts.memberShell,
  minId: accounts.memberMinId,
  maxId: accounts.memberMaxId,
  home: accounts.memberHome,
  skeleton: accounts.memberHomeSkel,
});

export const clubSettings = (accounts: AccountsSettings): KindSettings => ({
  shell: accounts.clubShell,
  minId: accounts.clubMinId,
  maxId: accounts.clubMaxId,
  home: accounts.clubHome,
  skeleton: accounts.clubHomeSkel,
});
