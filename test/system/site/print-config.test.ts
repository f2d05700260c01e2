/** Promise: ceod --print-config shows every setting that counts on this host, and no secret. */
import { readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { loadAccounts, loadCeod } from '../../../src/config/settings.js';
import { accountsTable, ceodTable, mailmanTable, mysqlTable } from '../../../src/config/keys.js';
import { ownHost } from '../../support/ownCeod.js';
import { run } from '../../support/realm.js';

const printed = async (env: Readonly<Record<string, string>>) => {
  const { status, stdout, stderr } = await run(['ceod', '--print-config'], { env });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
};
const keysOf = (text: string) => text.match(/^\w+(?= =)/gm);

test('every key of accounts.cf and ceod.cf, a line each; read as a file they come to the same', async () => {
  const { dir, env } = await ownHost('max_sessions = 0x10\npenalty_exempt = 192.0.2.7 ::1', {
    accounts: 'club_shell = "/bin/sh"',
  });
  const text = await printed(env);
  const keys = [...Object.keys(accountsTable), ...Object.keys(ceodTable)];
  expect(keysOf(text)).toEqual(keys);
  expect(text.trimEnd().split('\n')).toHaveLength(keys.length);
  expect(text).toContain('\nclub_shell = /bin/sh\n');
  expect(text).toContain('\nidle_timeout = 300\n');
  expect(text).toContain('\nmax_per_address =\n');
  const copy = await mkdtemp(path.join(dir, 'copy-'));
  for (const name of ['accounts.cf', 'ceod.cf']) await writeFile(path.join(copy, name), text);
  expect(loadAccounts(copy).settings).toEqual(loadAccounts(dir).settings);
  expect(loadCeod(copy).settings).toEqual(loadCeod(dir).settings);
});

test.each([
  ['caffeine', 'mysql.cf', mysqlTable, 'mysql_admin_password'],
  ['mail', 'mailman.cf', mailmanTable, 'mailman_rest_password'],
] as const)('of %s also those of %s, without its password', async (host, file, table, secret) => {
  const { dir, env } = await ownHost('', { host });
  const own = path.join(dir, '..', host, file);
  await run(['cp', '-p', own, path.join(dir, file)]);
  const text = await printed(env);
  expect(keysOf(text)).toEqual(expect.arrayContaining(Object.keys(table)));
  const [, password] =
    new RegExp(`^${secret} = "?([^"\\n]*)`, 'm').exec(readFileSync(own, 'utf8')) ?? [];
  expect(password).toMatch(/./);
  expect(text).toContain(`\n${secret} = [redacted]\n`);
  expect(text).not.toContain(String(password));
});

test('a wrong configuration is refused as ever', async () => {
  const { env } = await ownHost('max_sessions = many');
  const { status, stdout, stderr } = await run(['ceod', '--print-config'], { env });
  expect({ status, stdout }).toEqual({ status: 10, stdout: '' });
  expect(stderr).toContain('max_sessions');
});
