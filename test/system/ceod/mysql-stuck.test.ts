/**
 * Promise: a database server that does not go on, locked for a backup or frozen, is not waited for
 * beyond the time of a step, and the old password works. On a server of its own.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createUserWithDatabase } from '../../../src/mysql/databases.js';
import type { OwnId } from '../../../src/directory/idNumbers.js';
import { startOwnMariadb, type OwnMariadb } from '../../support/ownMariadb.js';

const owner = { name: 'msstuck', uid: 28_999 as OwnId };
const FIRST = 'the-first-password';

let mariadb: OwnMariadb;

beforeAll(async () => {
  mariadb = await startOwnMariadb();
  await setPassword(FIRST);
});
afterAll(() => mariadb.server.stop());

/** With two seconds for all of it. */
const setPassword = (password: string) =>
  createUserWithDatabase(
    {
      socket: mariadb.access.socket,
      adminUsername: mariadb.access.username,
      adminPassword: mariadb.access.password,
      userHost: 'localhost',
      timeoutMs: 2_000,
    },
    owner,
    password,
  );
const newPassword = () => setPassword('another-password').catch((error: unknown) => error);

const query: OwnMariadb['query'] = (user, password, sql) => mariadb.query(user, password, sql);
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
    process.kill(mariadb.server.pid, 'SIGSTOP');
    try {
      expect(await outcome).toMatchObject({ code: 'outcome_unknown' });
    } finally {
      process.kill(mariadb.server.pid, 'SIGCONT');
    }
  });
  expect(inTime).toBe(true);
  await expectOldPassword();
});

test('frozen before: not reachable, and not waited for', async () => {
  process.kill(mariadb.server.pid, 'SIGSTOP');
  try {
    expect(await newPassword()).toMatchObject({ code: 'unreachable' });
  } finally {
    process.kill(mariadb.server.pid, 'SIGCONT');
  }
  await expectOldPassword();
});
