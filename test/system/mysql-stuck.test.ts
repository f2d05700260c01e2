/**
 * Promise: a database server that does not go on, locked for a backup or frozen, is not waited for
 * beyond the time of a step, and the old password works. On a server of its own.
 */
import { mkdir, mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mariadbAccess, startMariadb, type MariadbAccess } from '../../sandbox/mariadb.js';
import type { Server } from '../../sandbox/server.js';
import { createUserWithDatabase } from '../../src/mysql/accounts.js';
import type { OwnId } from '../../src/directory/idNumbers.js';
import { folder, run, type Outcome } from '../support/realm.js';

const owner = { name: 'msstuck', uid: 28_999 as OwnId };
const FIRST = 'the-first-password';

let access: MariadbAccess;
let server: Server;

beforeAll(async () => {
  const own = await mkdtemp(path.join(folder, 'mariadb-'));
  await run(['chmod', '755', own]);
  await mkdir(path.join(own, 'log'));
  access = mariadbAccess(own);
  const env = process.env as Record<string, string>;
  [server] = (await startMariadb({ folder: own, access, env })).servers;
  await setPassword(FIRST);
});
afterAll(() => server.stop());

/** With two seconds for all of it. */
const setPassword = (password: string) =>
  createUserWithDatabase(
    {
      socket: access.socket,
      adminUsername: access.username,
      adminPassword: access.password,
      userHost: 'localhost',
      timeoutMs: 2_000,
    },
    owner,
    password,
  );
const newPassword = () => setPassword('another-password').catch((error: unknown) => error);

function query(user: string, password: string, sql: string): Promise<Outcome> {
  return run(['mariadb', '--no-defaults', `--socket=${access.socket}`, `--user=${user}`], {
    env: { MYSQL_PWD: password },
    input: sql,
  });
}
const worksFor = async (user: string, password: string) =>
  (await query(user, password, 'SELECT 1')).status === 0;
const expectOldPassword = async () => {
  expect(await worksFor(owner.name, FIRST)).toBe(true);
  expect(await worksFor(owner.name, 'another-password')).toBe(false);
};

/** Locked as for a backup. @returns whether `work` was over before that was */
async function whileLocked(seconds: number, work: () => Promise<void>): Promise<boolean> {
  const sql = `FLUSH TABLES WITH READ LOCK; SELECT SLEEP(${seconds})`;
  const backup = query('root', '', sql).then(() => 'backup');
  await sleep(500);
  const isOver = await Promise.race([backup, work().then(() => 'work')]);
  await backup;
  return isOver === 'work';
}

test('locked for a backup: not waited for, and the old password works', async () => {
  const inTime = await whileLocked(8, async () => {
    expect(await newPassword()).toMatchObject({ code: 'busy' });
  });
  expect(inTime).toBe(true);
  await expectOldPassword();
});

test('frozen in the middle: the outcome is not known, and not waited for', async () => {
  const inTime = await whileLocked(8, async () => {
    const outcome = newPassword();
    await sleep(300);
    process.kill(server.pid, 'SIGSTOP');
    try {
      expect(await outcome).toMatchObject({ code: 'outcome_unknown' });
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
  });
  expect(inTime).toBe(true);
  await expectOldPassword();
});

test('frozen before: not reachable, and not waited for', async () => {
  process.kill(server.pid, 'SIGSTOP');
  try {
    expect(await newPassword()).toMatchObject({ code: 'unreachable' });
  } finally {
    process.kill(server.pid, 'SIGCONT');
  }
  await expectOldPassword();
});
