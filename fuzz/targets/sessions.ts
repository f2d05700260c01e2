/**
 * What session processes, which may be captured, say to the master: bytes in any order. The master
 * goes on, kills whoever says what none would, and gives a connection to one process alone.
 */
import type net from 'node:net';
import type { Child, ChildEvents } from '../../src/ceod/master/child.js';
import { createLogger } from '../../src/ceod/base/log.js';
import { fromSession } from '../../src/ceod/between/masterProtocol.js';
import { SessionPool, type PoolSettings } from '../../src/ceod/master/pool.js';
import { promise } from '../target.js';

const MAX_SESSIONS = 4;
const settings = {
  ...{ spares: 2, maxSessions: MAX_SESSIONS, maxQueued: 4, sessionsPerProcess: 2 },
  ...{ maxPerAddress: undefined, startups: { start: 9, rate: 100, full: 9 } },
  ...{ maxAgeMs: 60_000, busyMaxAgeMs: 60_000, opTimeoutMs: 60_000 },
  penalties: { failures: 0, durationMs: 1, exempt: [] },
  session: { loginDeadlineMs: 60_000 },
} as unknown as PoolSettings;
const log = createLogger('fuzz', 'silent');

/** A process of the fuzzer's: it says what the input tells, until it is killed. */
class FakeChild {
  readonly connections: unknown[] = [];
  isKilled = false;
  hasEnded = false;

  constructor(readonly events: ChildEvents) {}

  send(): void {
    // It hears nothing.
  }

  sendSocket(socket: unknown): boolean {
    if (this.isKilled) return false;
    this.connections.push(socket);
    return true;
  }

  kill(): void {
    this.isKilled = true;
  }

  end(): void {
    this.hasEnded = true;
    this.events.onEnd('exit: 0', 0);
  }
}

const socket = () =>
  ({
    ...{ remoteAddress: '192.0.2.7', remotePort: 1, destroyed: false },
    ...{ on: () => undefined, destroy: () => undefined, resetAndDestroy: () => undefined },
  }) as unknown as net.Socket;

const { ready, authenticated, done } = fromSession;
/** Each pair of bytes: what happens, and to which process, or what it says. */
export const seeds = [
  Buffer.of(0, 0, 1, ready, 0, 0, 1, authenticated, 1, done, 0, 0, 1, done),
  Buffer.of(1, ready, 5, ready, 0, 0, 0, 0, 0, 0, 1, done, 1, ready, 2, 0),
  Buffer.of(0, 0, 2, 0, 2, 0, 1, 0xff, 9, done, 13, authenticated, 13, authenticated),
];

export function fuzz(data: Buffer): void {
  const children: FakeChild[] = [];
  const living = () => children.filter(({ hasEnded }) => !hasEnded);
  const pool = new SessionPool(
    settings,
    (events) => {
      const child = new FakeChild(events);
      children.push(child);
      return child as unknown as Child;
    },
    log,
  );
  pool.open();
  const accepted = new Set<unknown>();
  for (let at = 0; at + 1 < data.length && at < 512; at += 2) {
    const [what = 0, byte = 0] = data.subarray(at, at + 2);
    const child = living()[(what >> 2) % Math.max(1, living().length)];
    if ((what & 3) === 0) {
      const connection = socket();
      accepted.add(connection);
      pool.accept(connection);
    } else if ((what & 3) === 1) {
      if (child?.isKilled === false) child.events.onReport(byte);
    } else child?.end();
    promise(living().length <= MAX_SESSIONS, 'there are no more processes than sessions');
    const given = children.flatMap(({ connections }) => connections);
    promise(new Set(given).size === given.length, 'a connection is given to one process alone');
    promise(
      given.every((each) => accepted.has(each)),
      'and is one that came',
    );
    const isKnown = byte === ready || byte === authenticated || byte === done;
    promise(
      (what & 3) !== 1 || isKnown || child === undefined || child.isKilled,
      'who says what none would is killed',
    );
  }
  // With all its timers.
  void pool.drain();
  for (const child of living()) child.end();
}
