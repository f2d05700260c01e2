/** Promise: who cannot be looked up has no rights, and is not touched by those who have some. */
import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { Authority, type GroupsOf } from '../../src/ceod/site/authority.js';
import { Refusal } from '../../src/ceod/base/refusal.js';
import { CeoError } from '../../src/errors.js';
import { Status } from '../../src/protocol/status.js';

const STAFF = { office: 'office', syscom: 'syscom' };
const authority = (groupsOf: GroupsOf) => new Authority(groupsOf, STAFF, pino({ level: 'silent' }));
const groups: Readonly<Record<string, string>> = { desk: 'office', root: 'syscom', alice: 'club' };
const known = authority((username) => Promise.resolve(new Set([groups[username] ?? ''])));
const down = authority(() => Promise.reject(new Error('no directory')));
const unreachable = authority(() => Promise.reject(new CeoError('unreachable', 'no directory')));

test.each([
  ['desk', true, false, true, false],
  ['root', false, true, true, true],
  ['alice', false, false, false, false],
])('%s', async (username, isOffice, isSyscom, mayBeStaff, mayBeSyscom) => {
  const caller = known.caller(username);
  expect(await caller.isOffice()).toBe(isOffice);
  expect(await caller.isSyscom()).toBe(isSyscom);
  expect(await known.mayBeStaff(username)).toBe(mayBeStaff);
  expect(await known.mayBeSyscom(username)).toBe(mayBeSyscom);
});

test('a target whose groups cannot be looked up is treated as staff', async () => {
  expect(await down.mayBeStaff('alice')).toBe(true);
  expect(await down.mayBeSyscom('alice')).toBe(true);
});

test.each([
  ['for a reason of its own', down, Status.EPERM],
  ['as no server can be reached', unreachable, Status.EHOSTUNREACH],
])('a caller whose groups cannot be looked up is denied: %s', async (_why, asked, status) => {
  for (const isIn of [asked.caller('root').isOffice(), asked.caller('root').isSyscom()]) {
    const refusal = await isIn.catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Refusal);
    expect((refusal as Refusal).line).toEqual({
      status,
      message: expect.stringContaining('this is denied') as unknown,
    });
  }
});

test('the groups of a caller are looked up once', async () => {
  let count = 0;
  const caller = authority(() => {
    count += 1;
    return Promise.resolve(new Set(['office']));
  }).caller('desk');
  await Promise.all([caller.isOffice(), caller.isSyscom(), caller.isOffice()]);
  expect(count).toBe(1);
});
