import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createLogger } from '../../src/ceod/base/log.js';
import { networkOf, Penalties } from '../../src/ceod/master/penalties.js';

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

test('however many networks fail, only so many are remembered', () => {
  const penalties = new Penalties(rules, log);
  failing(penalties, '198.51.100.1', 3);
  for (let i = 0; i < 5_000; i += 1) penalties.noteFailure(`10.${i >> 8}.${i & 255}.1`);
  expect(penalties.turnsAway('198.51.100.1')).toBe(false);
  failing(penalties, '10.19.135.1', 2);
  expect(penalties.turnsAway('10.19.135.1')).toBe(true);
});

test('the window slides: failures count by when they were, and not from the first one on', () => {
  const penalties = new Penalties(rules, log);
  failing(penalties, '198.51.100.1', 1);
  jest.advanceTimersByTime(50_000);
  failing(penalties, '198.51.100.1', 1);
  // The first is forgotten; the second is not.
  jest.advanceTimersByTime(20_000);
  failing(penalties, '198.51.100.1', 1);
  expect(penalties.turnsAway('198.51.100.1')).toBe(false);
  failing(penalties, '198.51.100.1', 1);
  expect(penalties.turnsAway('198.51.100.1')).toBe(true);
});

test('a new address of the same /64 for each connection does not help', () => {
  const penalties = new Penalties(rules, log);
  for (const last of ['1', '2', 'ffff:1:2:3'])
    penalties.noteFailure(`2001:db8:7:8:${last.includes(':') ? last : `:${last}`}`);
  expect(penalties.turnsAway('2001:db8:7:8:9:9:9:9')).toBe(true);
  expect(penalties.turnsAway('2001:db8:7:9::1')).toBe(false);
});

test('a flood from many addresses of a /24, or /64s of a /48, is one', () => {
  const penalties = new Penalties(rules, log);
  for (let i = 1; i <= 24; i += 1) penalties.noteFailure(`198.51.100.${i}`);
  expect(penalties.turnsAway('198.51.100.200')).toBe(true);
  expect(penalties.turnsAway('198.51.101.1')).toBe(false);
  for (let i = 1; i <= 24; i += 1) penalties.noteFailure(`2001:db8:7:${i.toString(16)}::1`);
  expect(penalties.turnsAway('2001:db8:7:ffff::1')).toBe(true);
  expect(penalties.turnsAway('2001:db8:8::1')).toBe(false);
});

test('who is exempt is served though the rest of the network is not', () => {
  const penalties = new Penalties(rules, log);
  for (let i = 0; i < 24; i += 1) penalties.noteFailure(`2001:db8:1::${i + 2}`);
  expect(penalties.turnsAway('2001:db8:1::2')).toBe(true);
  expect(penalties.turnsAway('2001:db8:1::1')).toBe(false);
});

test.each([
  ['192.0.2.7', 32, '192.0.2.7'],
  ['192.0.2.7', 24, '192.0.2.0/24'],
  ['2001:db8::7', 64, '2001:db8:0:0::/64'],
  ['2001:DB8:0:0:1:2:3:4', 64, '2001:db8:0:0::/64'],
  ['::1', 48, '0:0:0::/48'],
  ['fe80::1%eth0', 64, 'fe80:0:0:0::/64'],
  ['2001:db8:1:2:3:4:5::', 48, '2001:db8:1::/48'],
])('%s is of /%s: %s', (address, bits, network) => {
  expect(networkOf(address, bits)).toBe(network);
});

test('the failure that earns a penalty is told of, and no other', () => {
  const penalties = new Penalties(rules, log);
  const told = () => penalties.noteFailure('198.51.100.1');
  expect([told(), told(), told(), told()]).toEqual([false, false, true, false]);
  expect(penalties.noteFailure('192.0.2.1')).toBe(false);
  const off = new Penalties({ ...rules, failures: 0 }, log);
  expect([1, 2, 3, 4].map(() => off.noteFailure('198.51.100.1'))).not.toContain(true);
  // What was counted begins anew.
  jest.advanceTimersByTime(30_000);
  expect([told(), told(), told()]).toEqual([false, false, true]);
});

test('networks of IPv6 addresses, however they are written', () => {
  expect(networkOf('fe80::1%eth0', 64)).toBe('fe80:0:0:0::/64');
  expect(networkOf('2001:db8:1:2:3:4:5:6', 64)).toBe('2001:db8:1:2::/64');
  expect(networkOf('2001:db8::5:6', 112)).toBe('2001:db8:0:0:0:0:5::/112');
  expect(networkOf('::1', 128)).toBe('0:0:0:0:0:0:0:1::/128');
});
