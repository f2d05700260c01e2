/** The environment is a contract: tests, bench and outside checks use it. */
import { describe, expect, test } from '@jest/globals';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ceodIsBuilt } from '../../sandbox/ceod.js';
import { isListening } from '../../sandbox/network.js';
import { passwords, people, termOf } from '../../sandbox/site.js';
import { ccache, folder, run, variable } from './inside.js';

const mode = async (path: string): Promise<number> =>
  (await stat(join(folder, path))).mode & 0o7777;

test.each([
  'KRB5_CONFIG',
  'KRB5CCNAME',
  'KRB5RCACHENAME',
  'CEO_CONFIG_DIR',
  'CEO_HOSTS',
  'LDAPTLS_CACERT',
  'MYSQL_SOCKET',
  'PGHOST',
  'CEO_MAILDIR',
  'CEO_SENDMAIL',
])('%s names something inside the folder', async (name) => {
  const path = variable(name).replace(/^[a-z0-9]+:/i, '');
  expect(path.startsWith(`${folder}/`)).toBe(true);
  await stat(path);
});

test('PATH begins with the programs', async () => {
  const bin = join(folder, 'bin');
  expect(variable('PATH').split(':')[0]).toBe(bin);
  expect(await readdir(bin)).toEqual(
    expect.arrayContaining(['addclub', 'addmember', 'ceo', 'ceoc', 'ceod', 'sendmail']),
  );
});

test('the hosts file has the three names on three loopback addresses', async () => {
  const lines = (await readFile(variable('CEO_HOSTS'), 'utf8')).trim().split('\n');
  const [addresses, names] = [0, 1].map((column) => lines.map((line) => line.split(' ')[column]));
  expect(names).toEqual(['ginseng.csclub.test', 'caffeine.csclub.test', 'mail.csclub.test']);
  expect(new Set(addresses).size).toBe(3);
  for (const address of addresses ?? []) expect(address).toMatch(/^127\./);
});

(ceodIsBuilt() ? test : test.skip).each([
  ['CEOD_GINSENG', 'ginseng'],
  ['CEOD_CAFFEINE', 'caffeine'],
  ['CEOD_MAIL', 'mail'],
])('a ceod listens at %s', async (name, host) => {
  const [address = '', port] = variable(name).split(':');
  expect(await readFile(variable('CEO_HOSTS'), 'utf8')).toContain(`${address} ${host}.csclub.test`);
  expect(await isListening(address, Number(port))).toBe(true);
});

describe('everybody', () => {
  test.each(Object.keys(passwords))('%s has a ticket', async (name) => {
    const { stdout, status } = await run(['klist', '-c', ccache(name)]);
    expect(stdout).toContain(`Default principal: ${name}@CSCLUB.TEST`);
    expect(status).toBe(0);
  });

  test.each(people.map(({ username, id }) => [username, id] as const))(
    '%s owns a home',
    async (username, id) => {
      expect(await stat(join(folder, 'users', username))).toMatchObject({ uid: id, gid: id });
    },
  );

  test('logs in with the known password and no other', async () => {
    const env = { KRB5CCNAME: 'MEMORY:' };
    const login = (password: string) => run(['kinit', 'nobody1'], { env, input: `${password}\n` });
    expect((await login(passwords['nobody1'] ?? '')).status).toBe(0);
    expect((await login('not-the-password')).status).toBe(1);
  });
});

test('keys are for those who need them', async () => {
  expect(await mode('keytabs/admin.keytab')).toBe(0o600);
  expect(await mode('keytabs/ceod.keytab')).toBe(0o640);
  expect(await mode('.')).toBe(0o711);
  expect(await mode('hosts/ginseng/state')).toBe(0o700);
});

test('terms change with January, May and September', () => {
  expect([0, 3, 4, 7, 8, 11].map((month) => termOf(new Date(2026, month, 15)))).toEqual([
    'w2026',
    'w2026',
    's2026',
    's2026',
    'f2026',
    'f2026',
  ]);
});
