/** Promise: each right lets in whom it names, and nobody else; of several, one is enough. */
import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { Authority } from '../../src/ceod/site/authority.js';
import { requireRight, type Asked } from '../../src/ceod/site/rights.js';
import { Refusal } from '../../src/ceod/base/refusal.js';
import { Right } from '../../src/generated/ceo/op_pb.js';
import { allOps } from '../../src/protocol/ops.js';
import { mayUse } from '../../src/protocol/rights.js';

const GROUPS: Readonly<Record<string, string>> = {
  desk: 'office',
  root: 'syscom',
  rower: 'rowing',
};
const authority = new Authority(
  (username) =>
    username === 'unknown'
      ? Promise.reject(new Error('no directory'))
      : Promise.resolve(new Set([GROUPS[username] ?? ''])),
  { office: 'office', syscom: 'syscom' },
  pino({ level: 'silent' }),
);
const site: Asked = {
  authority,
  findAccount: (username) =>
    Promise.resolve(username === 'nobody' ? undefined : ({ username } as never)),
  isInClub: (caller, { username }) => Promise.resolve(GROUPS[caller.username] === username),
};

const outcome = async (rights: Right[], username: string, target: string) => {
  try {
    await requireRight({ rights, doing: 'do it' }, target, authority.caller(username), site);
    return 'allowed';
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect(error.status).toBe(1);
    return error.message;
  }
};

const PEOPLE = ['alice', 'rower', 'desk', 'root'];
const TARGETS = [...PEOPLE, 'rowing', 'nobody', 'unknown'];

test.each<[keyof typeof Right, (caller: string, target: string) => boolean]>([
  ['ONESELF', (caller, target) => caller === target],
  ['OFFICE', (caller) => caller === 'desk'],
  [
    'OFFICE_EXCEPT_FOR_SYSCOM',
    (caller, target) => caller === 'desk' && !['root', 'unknown'].includes(target),
  ],
  [
    'OFFICE_EXCEPT_FOR_STAFF',
    (caller, target) => caller === 'desk' && !['desk', 'root', 'unknown'].includes(target),
  ],
  ['SYSCOM', (caller) => caller === 'root'],
  ['CLUB_MEMBER', (caller, target) => caller === 'rower' && target === 'rowing'],
])('%s', async (right, isAllowed) => {
  for (const caller of PEOPLE) {
    for (const target of TARGETS) {
      const told = await outcome([Right[right]], caller, target);
      expect({ caller, target, allowed: told === 'allowed' }).toEqual({
        caller,
        target,
        allowed: isAllowed(caller, target),
      });
    }
  }
});

test('one of several is enough', async () => {
  const rights = [Right.ONESELF, Right.OFFICE_EXCEPT_FOR_SYSCOM, Right.SYSCOM];
  expect(await outcome(rights, 'alice', 'alice')).toBe('allowed');
  expect(await outcome(rights, 'root', 'root')).toBe('allowed');
  expect(await outcome(rights, 'alice', 'root')).toBe('alice not authorized to do it');
  expect(await outcome(rights, 'desk', 'root')).toBe(
    'only the systems committee may do it for staff',
  );
});

test('an op without rights is nobody’s', async () => {
  for (const caller of PEOPLE) expect(await outcome([], caller, caller)).not.toBe('allowed');
});

test.each([
  ['nobody', { office: false, syscom: false }, []],
  ['office', { office: true, syscom: false }, ['adduser', 'resetpassword']],
  ['syscom', { office: false, syscom: true }, ['adduser', 'mysql', 'resetpassword']],
])('for others, %s may use', (_who, staff, names) => {
  const usable = allOps.filter((op) => mayUse(op, staff)).map(({ name }) => name);
  expect(usable).toEqual(expect.arrayContaining(names));
  if (names.length === 0) expect(usable).toEqual([]);
  if (!staff.syscom) expect(usable).not.toContain('mysql');
});
