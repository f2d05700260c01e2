/** Promise: the documentation and the shipped example say what the programs do. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadRoutes } from '../../src/config/routes.js';
import { loadAccounts, loadCeod } from '../../src/config/settings.js';
import { load, type Row, type Table } from '../../src/config/kinds.js';
import {
  accountsTable,
  ceodTable,
  libraryTable,
  mailmanTable,
  mysqlTable,
} from '../../src/config/keys.js';
import { allOps } from '../../src/protocol/ops.js';
import { privateFolder } from './folder.js';
import { inMarkdown } from './markdown.js';

const folder = privateFolder();
const root = path.resolve(import.meta.dirname, '../..');
const read = (name: string) => readFileSync(path.join(root, name), 'utf8');

test.each([
  ['accounts.cf', accountsTable],
  ['ceod.cf', ceodTable],
  ['mysql.cf', mysqlTable],
  ['mailman.cf', mailmanTable],
  ['library.cf', libraryTable],
])('docs/configuration.md has every key of %s, with its default', (_file, table) => {
  expect(read('docs/configuration.md')).toContain(inMarkdown(table));
});

describe('etc/', () => {
  test('is a configuration without errors and warnings', () => {
    expect(loadAccounts(path.join(root, 'etc')).warnings).toEqual([]);
    expect(loadCeod(path.join(root, 'etc')).warnings).toEqual([]);
  });

  test('ceod.cf as shipped changes nothing', () => {
    expect(loadCeod(path.join(root, 'etc')).settings).toEqual(loadCeod('/nowhere').settings);
  });

  test('ceod.cf shows every key, and defaults where there are any', () => {
    const { settings, warnings } = load(
      ceodTable,
      folder.write('ceod.cf', read('etc/ceod.cf').replace(/^#(\w+ = )/gm, '$1')),
    );
    expect(warnings).toEqual([]);
    const file = read('etc/ceod.cf');
    for (const [key, row] of Object.entries<Row<unknown>>(ceodTable)) {
      expect(file).toMatch(new RegExp(`^#${key} = `, 'm'));
      if (row.default) expect(file).toContain(`\n#${key} = ${row.default}\n`);
    }
    expect(Object.values(settings)).not.toContain(undefined);
  });

  test.each([
    ['mysql.cf', mysqlTable],
    ['mailman.cf', mailmanTable],
    ['library.cf', libraryTable],
  ])('%s shows every key, and is right', (name, table: Table) => {
    const file = read(`etc/${name}`);
    for (const key of Object.keys(table)) expect(file).toMatch(new RegExp(`^#?${key} = `, 'm'));
    expect(load(table, folder.write(name, file)).warnings).toEqual([]);
  });

  test('accounts.cf shows every key', () => {
    const file = read('etc/accounts.cf');
    for (const key of Object.keys(accountsTable)) {
      expect(file).toMatch(new RegExp(`^#?${key} = `, 'm'));
    }
  });

  test('ops/ has every op of the proto', () => {
    const routes = loadRoutes(path.join(root, 'etc'), allOps);
    expect(routes.map(({ name, user }) => `${name} ${user}`).sort()).toEqual(
      allOps.map(({ name, runAs }) => `${name} ${runAs}`).sort(),
    );
  });
});
