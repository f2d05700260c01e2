/** Promise: no two session processes have the same uid, also of two daemons of one configuration. */
import path from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, expect, test } from '@jest/globals';
import { SessionUids } from '../../src/ceod/master/sessionUids.js';

const folder = mkdtempSync(path.join(tmpdir(), 'session-uids-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('what one daemon has taken the other does not get, until it is given back', () => {
  const file = path.join(folder, 'uids');
  const range = { first: 70_000, last: 70_002 };
  const old = new SessionUids(range, file);
  const successor = new SessionUids(range, file);
  expect([old.take(), successor.take(), old.take()]).toEqual([70_000, 70_001, 70_002]);
  expect(() => successor.take()).toThrow('session_uids');
  expect(() => old.take()).toThrow('session_uids');
  old.giveBack(70_000);
  expect(successor.take()).toBe(70_000);
});

test('one that was given back is taken again as late as possible', () => {
  const uids = new SessionUids({ first: 1, last: 3 }, path.join(folder, 'turns'));
  const taken = [1, 2, 3, 4].map(() => {
    const uid = uids.take();
    uids.giveBack(uid);
    return uid;
  });
  expect(taken).toEqual([1, 2, 3, 1]);
});
