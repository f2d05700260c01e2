import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createLogger } from '../../src/ceod/log.js';
import { Penalties } from '../../src/ceod/penalties.js';

const log = createLogger('test', 'silent');
const exempt = [
  { address: '192.0.2.0', prefix: 24 },
  { address: '2001:db8:1::1', prefix: 128 },
];
const rules = { failures: 3, durationMs: 30_000, exempt };

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function failing(penalties: Penalties, address: string, times: number): void {
  for (let i = 0; i < times; i += 1) penalties.noteFailure(address);
}

test('an address that fails too often is turned away for a while, and no other', () => {
  const penalties = new Penalties(rules, log);
  failing(penalties, '198.51.100.1', 2);
  expect(penalties.turnsAway('198.51.100.1')).toBe(false);
  failing(penalties, '198.51.100.1', 1);
  expect(penalties.turnsAway('198.51.100.1')).toBe(true);
  expect(penalties.turnsAway('198.51.100.2')).toBe(false);
  jest.advanceTimersByTime(29_999);
  expect(penalties.turnsAway('198.51.100.1')).toBe(true);
  jest.advanceTimersByTime(1);
  expect(penalties.turnsAway('198.51.100.1')).toBe(false);
});

test('what failed while an address was turned away makes it no longer', () => {
  const penalties = new Penalties(rules, log);
  failing(penalties, '2001:db8::1', 3);
  jest.advanceTimersByTime(20_000);
  failing(penalties, '2001:db8::1', 3);
  jest.advanceTimersByTime(10_000);
  expect(penalties.turnsAway('2001:db8::1')).toBe(false);
  failing(penalties, '2001:db8::1', 2);
  expect(penalties.turnsAway('2001:db8::1')).toBe(false);
  failing(penalties, '2001:db8::1', 1);
  expect(penalties.turnsAway('2001:db8::1')).toBe(true);
});

test('failures of more than a minute ago count no more', () => {
  const penalties = new Penalties(rules, log);
  failing(penalties, '198.51.100.1', 2);
  jest.advanceTimersByTime(60_000);
  failing(penalties, '198.51.100.1', 2);
  expect(penalties.turnsAway('198.51.100.1')).toBe(false);
});

test('those who are exempt are never turned away, and nobody is with 0', () => {
  const penalties = new Penalties(rules, log);
  for (const address of ['192.0.2.77', '2001:db8:1::1']) {
    failing(penalties, address, 10);
    expect(penalties.turnsAway(address)).toBe(false);
  }
  const none = new Penalties({ ...rules, failures: 0 }, log);
  failing(none, '198.51.100.1', 10);
  expect(none.turnsAway('198.51.100.1')).toBe(false);
});

test('however many addresses fail, only so many are remembered', () => {
  const penalties = new Penalties(rules, log);
  failing(penalties, '198.51.100.1', 3);
  for (let i = 0; i < 10_000; i += 1) penalties.noteFailure(`10.0.${i >> 8}.${i & 255}`);
  expect(penalties.turnsAway('198.51.100.1')).toBe(false);
  failing(penalties, '10.0.39.15', 2);
  expect(penalties.turnsAway('10.0.39.15')).toBe(true);
});
