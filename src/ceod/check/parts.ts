/** What is looked at: one line for each part, whose name its ids begin with. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { configDir } from '../../config/settings.js';
import { ops as protocol } from '../../protocol/ops.js';
import { clock } from './clock.js';
import type { Finding } from './finding.js';
import { homes } from './homes.js';
import { asksDirectory, makesAccounts, serves, type Host } from './host.js';
import { journal } from './journal.js';
import { kadmin } from './kadmin.js';
import { keys } from './keys.js';
import { ldap } from './ldap.js';
import { library } from './library.js';
import { mailman } from './mailman.js';
import { mysql } from './mysql.js';
import { ops } from './ops.js';
import { programs } from './programs.js';
import { replay } from './replay.js';
import { schema } from './schema.js';
import { space } from './space.js';
import { staff } from './staff.js';
import { writes } from './writes.js';

export interface Part {
  readonly name: string;
  /** For people: what is fine if nothing is found. */
  readonly about: string;
  /** Whether this host has it; all have unless said. */
  readonly concerns?: (host: Host) => boolean;
  /** Whoever is not root cannot look. */
  readonly isRoots?: true;
  /** What is thrown means that it could not be asked. */
  readonly look: (host: Host) => Promise<Finding[]>;
}

const hasLibrary = () => existsSync(path.join(configDir(), 'library.cf'));

export const PARTS: readonly Part[] = [
  { name: 'ops', about: 'what is routed here', look: ops },
  {
    name: 'homes',
    about: 'the folders of the homes',
    concerns: makesAccounts,
    look: homes,
  },
  { name: 'space', about: 'free space and inodes', look: space },
  { name: 'programs', about: 'programs, hooks and skeletons', isRoots: true, look: programs },
  { name: 'keys', about: "keytabs against the KDC's keys", isRoots: true, look: keys },
  { name: 'clock', about: "the KDC's clock", isRoots: true, look: clock },
  {
    name: 'kadmin',
    about: 'rights in Kerberos, and the password policy',
    concerns: makesAccounts,
    isRoots: true,
    look: kadmin,
  },
  {
    name: 'ldap',
    about: 'each server of the directory',
    concerns: asksDirectory,
    isRoots: true,
    look: ldap,
  },
  {
    name: 'ldap.schema',
    about: 'the schema of each of them',
    concerns: asksDirectory,
    isRoots: true,
    look: schema,
  },
  {
    name: 'ldap.writes',
    about: 'the server that takes the changes',
    concerns: makesAccounts,
    isRoots: true,
    look: writes,
  },
  {
    name: 'staff',
    about: 'the groups that carry rights',
    concerns: asksDirectory,
    isRoots: true,
    look: staff,
  },
  {
    name: 'mysql',
    about: 'the database server',
    concerns: (host) => serves(host, protocol.addMySQLUser.name),
    isRoots: true,
    look: mysql,
  },
  {
    name: 'mailman',
    about: 'Mailman, and the list of the members',
    concerns: (host) => serves(host, protocol.subscribe.name),
    isRoots: true,
    look: mailman,
  },
  {
    name: 'library',
    about: "the library's database",
    concerns: hasLibrary,
    isRoots: true,
    look: library,
  },
  { name: 'replay', about: 'the replay cache', isRoots: true, look: replay },
  {
    name: 'journal',
    about: 'sign-ups that are under way',
    concerns: makesAccounts,
    isRoots: true,
    look: journal,
  },
];
