/** Every manual page: what programs and tables say of themselves, with a few words around it. */
import { addclub, addmember } from '../../src/ceo/cli/signUp.js';
import { withCompletion } from '../../src/ceo/cli/parser.js';
import { ceo } from '../../src/ceo/cli/root.js';
import {
  accountsTable,
  ceodTable,
  libraryTable,
  mailmanTable,
  mysqlTable,
} from '../../src/config/keys.js';
import { inCheckout } from '../checkout.js';
import { output } from '../program.js';
import { pageOf } from './commands.js';
import { pageOfHelp } from './help.js';
import type { Page } from './mdoc.js';
import { opsPage, pageOfSettings } from './settings.js';

/** What `--help` of a built program prints. */
export const helpOf = (program: string, ...words: readonly string[]): Promise<string> =>
  output([process.execPath, inCheckout('dist', program), ...words, '--help'], {
    env: { COLUMNS: '100' },
  });

const TICKET = [
  'You need a Kerberos ticket',
  '.Pq Xr kinit 1 .',
  'Passwords are asked for, or read from standard input, and never taken from the command line.',
];

const CONFIGURATION = [
  ['/etc/csc', 'The configuration; the variable CEO_CONFIG_DIR names another folder.'],
] as const;

/** By the package that they are in. */
export async function manualPages(): Promise<Readonly<Record<string, readonly Page[]>>> {
  const [ceocHelp, ceodHelp, setupHelp] = await Promise.all(
    ['ceoc/main.js', 'ceod/main.js', 'ceod/setup.js'].map((program) => helpOf(program)),
  );
  return {
    'ceo-common': [
      pageOfSettings('accounts.cf', accountsTable, {
        about: 'accounts of the site, for ceo and ceod',
        description: [
          'What accounts are like, and where Kerberos and LDAP are.',
          'Every host has the same; whoever uses',
          '.Xr ceo 1',
          'must be able to read it.',
        ],
        others: ['ceo 1', 'ops 5', 'ceod.cf 5', 'ceod 8'],
      }),
      opsPage(['ceo 1', 'ceoc 1', 'accounts.cf 5', 'ceod 8']),
    ],
    ceo: [
      pageOf(withCompletion(ceo), {
        description: [
          'Makes and looks after the accounts of a club: in Kerberos, in LDAP, and on the machines that',
          'hold the homes.',
          'Without a command it opens a menu.',
          '.Pp',
          ...TICKET,
        ],
        others: ['addclub 1', 'addmember 1', 'ceoc 1', 'accounts.cf 5', 'ops 5', 'ceod 8'],
      }),
      pageOf(addmember, {
        description: ['A short form of', '.Ql ceo members add .', ...TICKET],
        others: ['ceo 1'],
      }),
      pageOf(addclub, {
        description: ['A short form of', '.Ql ceo clubs add .', ...TICKET],
        others: ['ceo 1'],
      }),
      pageOfHelp(ceocHelp ?? '', {
        name: 'ceoc',
        section: 1,
        about: 'send one operation to ceod',
        files: [...CONFIGURATION, ['/usr/share/ceo/proto', 'The messages.']],
        others: ['ceo 1', 'kinit 1', 'ops 5', 'ceod 8'],
      }),
      pageOfSettings('library.cf', libraryTable, {
        about: "the library's database, for ceo",
        description: [
          'For those who use',
          '.Ql ceo library .',
          'It holds a password: it belongs to root and their group, 0640.',
        ],
        others: ['ceo 1'],
      }),
    ],
    ceod: [
      pageOfHelp(ceodHelp ?? '', {
        name: 'ceod',
        section: 8,
        about: 'account administration daemon',
        files: [
          ...CONFIGURATION,
          ['/etc/csc/ceod.keytab', 'The key of ceod/HOST.'],
          ['/var/lib/ceod', 'The journal of accounts that are being made.'],
          ['/usr/lib/ceod', "Operations as programs, and the site's own."],
        ],
        others: ['ceo 1', 'ceoc 1', 'accounts.cf 5', 'ceod.cf 5', 'ops 5'],
      }),
      pageOfHelp(setupHelp ?? '', {
        name: 'ceod-setup',
        section: 8,
        about: 'what a host and a realm need for ceod',
        files: CONFIGURATION,
        others: ['ceod 8', 'accounts.cf 5', 'ceod.cf 5', 'ops 5'],
      }),
      pageOfSettings('ceod.cf', ceodTable, {
        about: 'settings of ceod and its clients',
        description: ['The file may be absent: nearly every setting has a default.'],
        others: ['accounts.cf 5', 'ops 5', 'ceod 8'],
      }),
      pageOfSettings('mysql.cf', mysqlTable, {
        about: 'the database server, for ceod',
        description: [
          'On the host that serves mysql alone.',
          "It holds a password: it belongs to root and the group of the operation's user, 0640.",
        ],
        others: ['ceod.cf 5', 'ops 5', 'ceod 8'],
      }),
      pageOfSettings('mailman.cf', mailmanTable, {
        about: "the members' mailing list, for ceod",
        description: ['On the host that serves mailman alone.'],
        others: ['ceod.cf 5', 'ops 5', 'ceod 8'],
      }),
    ],
  };
}
