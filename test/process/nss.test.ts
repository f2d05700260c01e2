/** Promise: what the system knows as a user or group is known, as getent(1) has it. */
import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { isKnown } from '../../src/process/nss.js';

const getent = (database: string): string[][] =>
  execFileSync('getent', [database], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.split(':'));

test('every user and uid', async () => {
  const users = getent('passwd');
  expect(users.length).toBeGreaterThan(5);
  for (const [name = '', , uid] of users) {
    expect(await isKnown('user', name)).toBe(true);
    expect(await isKnown('uid', Number(uid))).toBe(true);
  }
});

test('every group and gid', async () => {
  for (const [name = '', , gid] of getent('group')) {
    expect(await isKnown('group', name)).toBe(true);
    expect(await isKnown('gid', Number(gid))).toBe(true);
  }
});

test('nobody else', async () => {
  expect(await isKnown('user', 'nobody-has-this-name')).toBe(false);
  expect(await isKnown('group', 'nobody-has-this-name')).toBe(false);
  expect(await isKnown('uid', 4_294_000_000)).toBe(false);
  expect(await isKnown('gid', 4_294_000_000)).toBe(false);
  // 0 is root, and nobody's name.
  expect(await isKnown('user', '0')).toBe(false);
});

test('many at once', async () => {
  const asked = Array.from({ length: 200 }, (_, index) =>
    index % 2 === 0 ? isKnown('user', 'root') : isKnown('uid', 4_294_000_000 + index),
  );
  expect(await Promise.all(asked)).toEqual(asked.map((_, index) => index % 2 === 0));
});
