/**
 * Which room of src/ may import which: the lint fails on anything else, and docs/architecture.md
 * shows the same (test/build/imports.test.ts holds it to that). Files of src/ itself are for all.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import importX, { createNodeResolver } from 'eslint-plugin-import-x';

const SRC = path.join(import.meta.dirname, 'src');

/**
 * By folder; of one with rooms in it, the files that lie in itself.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const MAY_IMPORT = {
  generated: [],
  wire: [],
  process: [],
  library: [],
  mysql: [],
  protocol: ['generated'],
  kerberos: ['process'],
  mailman: ['process'],
  gssapi: ['kerberos', 'process'],
  config: ['process', 'wire'],
  directory: ['kerberos', 'wire'],
  'ceod/between': ['process', 'protocol', 'wire'],
  'ceod/base': ['config', 'directory', 'kerberos', 'process', 'protocol'],
  'ceod/master': ['ceod/base', 'ceod/between', 'config', 'process'],
  'ceod/session': ['ceod/base', 'ceod/between', 'gssapi', 'process', 'wire'],
  'ceod/accounts': [
    ...['ceod/base', 'config', 'directory', 'generated'],
    ...['kerberos', 'process', 'protocol'],
  ],
  'ceod/site': [
    ...['ceod/accounts', 'ceod/base', 'config', 'directory', 'generated'],
    ...['kerberos', 'process', 'protocol'],
  ],
  'ceod/ops': [
    ...['ceod/accounts', 'ceod/base', 'ceod/site', 'config', 'directory'],
    ...['generated', 'mailman', 'mysql', 'process', 'protocol'],
  ],
  'ceod/runner': [
    ...['ceod/accounts', 'ceod/base', 'ceod/between', 'ceod/ops', 'ceod/site', 'config'],
    ...['directory', 'mailman', 'mysql', 'process', 'protocol'],
  ],
  'ceod/setup': ['ceod/base', 'config', 'process', 'protocol'],
  'ceod/check': [
    ...['ceod/accounts', 'ceod/base', 'config', 'directory', 'kerberos', 'library'],
    ...['mailman', 'mysql', 'process', 'protocol'],
  ],
  ceoc: ['config', 'generated', 'gssapi', 'protocol', 'wire'],
  ceo: ['ceo/cli', 'ceoc', 'config', 'directory', 'generated', 'gssapi', 'kerberos', 'library'],
  'ceo/actions': ['ceo', 'ceoc', 'directory', 'generated', 'library', 'process', 'protocol'],
  'ceo/cli': [
    ...['ceo', 'ceo/actions', 'ceo/tui', 'ceoc', 'config', 'directory'],
    ...['gssapi', 'library', 'protocol'],
  ],
  'ceo/tui': ['ceo', 'ceo/actions', 'directory', 'library', 'protocol'],
};

const rooms = Object.keys(MAY_IMPORT);

/** @param {string} folder of src/ */
const filesIn = (folder) =>
  readdirSync(path.join(SRC, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => path.join(folder, name));

/** @param {string} room */
const hasRooms = (room) => rooms.some((other) => other.startsWith(`${room}/`));

/** What belongs to a room: its folder, or its files. @param {string} room */
const partsOf = (room) => (hasRooms(room) ? filesIn(room) : [room]);

/** @type {import('eslint').Linter.Config} */
export const importRules = {
  files: ['src/**'],
  plugins: { 'import-x': /** @type {import('eslint').ESLint.Plugin} */ (importX) },
  settings: {
    // Imports name the emitted .js file.
    'import-x/resolver-next': [createNodeResolver({ extensionAlias: { '.js': ['.ts', '.tsx'] } })],
  },
  rules: {
    'import-x/no-restricted-paths': [
      'error',
      {
        zones: rooms.map((room) => ({
          target: partsOf(room).map((part) => path.join(SRC, part)),
          from: SRC,
          except: ['.', room, ...(MAY_IMPORT[room] ?? [])].flatMap((each) =>
            each === '.' ? filesIn('.') : partsOf(each),
          ),
          message: `MAY_IMPORT in eslint.imports.js says what src/${room}/ may import.`,
        })),
      },
    ],
  },
};
