import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { RecentAccounts } from '../../src/ceod/recentAccounts.js';
import type { ManagedAccount } from '../../src/directory/accounts.js';

const alice = { username: 'alice' } as ManagedAccount;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('an account is known for five seconds', () => {
  const recent = new RecentAccounts({ openConnection: {} });
  recent.set('alice', alice);
  jest.advanceTimersByTime(5_000);
  expect(recent.get('alice')).toBe(alice);
  jest.advanceTimersByTime(1);
  expect(recent.get('alice')).toBeUndefined();
});

test('what was learnt over a connection goes with it', () => {
  const directory: { openConnection: object | undefined } = { openConnection: {} };
  const recent = new RecentAccounts(directory);
  recent.set('alice', alice);
  directory.openConnection = undefined;
  expect(recent.get('alice')).toBeUndefined();
  directory.openConnection = {};
  expect(recent.get('alice')).toBeUndefined();
  recent.set('alice', alice);
  directory.openConnection = {};
  expect(recent.get('alice')).toBeUndefined();
});

test('nothing is learnt while there is no connection', () => {
  const recent = new RecentAccounts({ openConnection: undefined });
  recent.set('alice', alice);
  expect(recent.get('alice')).toBeUndefined();
});
