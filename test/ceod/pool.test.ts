/** Promise: the master starts session processes no faster than they can be of use. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { SessionPool, addressOf, type Spawn } from '../../src/ceod/master/pool.js';
import type { Child } from '../../src/ceod/master/child.js';

test.each([
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8::7', '2001:db8::7'],
  [undefined, undefined],
])('the address of a peer at %s is %s', (remoteAddress, address) => {
  expect(addressOf({ remoteAddress })).toBe(address);
});

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('session processes that cannot start are started less and less often, and never given up', () => {
  let count = 0;
  const spawn: Spawn = ({ onEnd }) => {
    count += 1;
    setTimeout(() => onEnd('out of memory', 1), 1);
    const child = { send: () => undefined, sendSocket: () => false, kill: () => undefined };
    return child as unknown as Child;
  };
  const pool = new SessionPool(
    {
      spares: 1,
      maxSessions: 4,
      maxQueued: 4,
      maxPerAddress: undefined,
      startups: { start: 10, rate: 30, full: 100 },
      maxAgeMs: 60_000,
      busyMaxAgeMs: 60_000,
      opTimeoutMs: 60_000,
      penalties: { failures: 0, durationMs: 0, exempt: [] },
      sessionsPerProcess: 1,
      session: {
        service: 'ceod@host',
        realm: 'REALM',
        runners: [],
        loginDeadlineMs: 10_000,
        busyLoginDeadlineMs: 10_000,
        idleTimeoutMs: 10_000,
        busyIdleTimeoutMs: 10_000,
        logLevel: 'info',
      },
    },
    spawn,
    pino({ level: 'silent' }),
  );
  pool.open();
  const startedWithin = (ms: number) => {
    const before = count;
    jest.advanceTimersByTime(ms);
    return count - before;
  };
  // 0.1 s after the first failure, then 0.2 s, 0.4 s …: at most every ten seconds.
  expect(startedWithin(5_000)).toBeLessThan(10);
  startedWithin(60_000);
  const late = startedWithin(60_000);
  expect(late).toBeGreaterThan(3);
  expect(late).toBeLessThan(8);
});
