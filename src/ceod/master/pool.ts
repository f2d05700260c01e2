/**
 * The pool of session processes: spares booted ahead, sockets handed over, a
 * bounded queue when all are taken. It never reads a byte from a connection.
 */
import type net from 'node:net';
import { availableParallelism } from 'node:os';
import type { Startups } from '../../config/kinds.js';
import { dropChance } from './earlyDrop.js';
import { RateLimitedLog, type Logger } from '../base/log.js';
import {
  EXIT_AUTHENTICATED,
  fromSession,
  type FromSession,
  type SessionSettings,
  type ToSession,
} from '../between/masterProtocol.js';
import { Backoff } from '../base/backoff.js';
import type { Child, ChildEvents } from './child.js';
import { Penalties, type PenaltyRules } from './penalties.js';
import { ConnectionQueue, turnAway, type Connection } from './queue.js';

export interface PoolSettings {
  /** Processes kept ready, beyond those that serve a connection. */
  readonly spares: number;
  /** Connections served at a time, and so the most processes there are. */
  readonly maxSessions: number;
  /** Connections that wait for a process; one more is closed. */
  readonly maxQueued: number;
  /** Connections of one address, served or waiting. */
  readonly maxPerAddress: number | undefined;
  /** How many may be served or wait that are not authenticated. */
  readonly startups: Startups;
  /** After so long a connection ends, once the op in hand is done. */
  readonly maxAgeMs: number;
  /** The same while others wait. */
  readonly busyMaxAgeMs: number;
  /** What an op may take; a session that was told to end is killed later than that. */
  readonly opTimeoutMs: number;
  readonly penalties: PenaltyRules;
  /** Connections that one process serves, one after the other, before it ends. */
  readonly sessionsPerProcess: number;
  readonly session: SessionSettings;
}

/** Starts a session process. */
export type Spawn = (events: ChildEvents) => Child;

const PROCESSORS = availableParallelism();

interface Worker {
  readonly child: Child;
  state: 'booting' | 'idle' | 'busy' | 'ending';
  served: number;
  /** The connection that it serves, or served last. */
  connection: Connection | undefined;
  /** Whether its peer is known; told of connections that last a while. */
  isAuthenticated: boolean;
  /** When it got the connection that it serves, or served last; milliseconds since the epoch. */
  takenAt: number;
  /** Kills it when it does not do in time what it is to do. */
  watchdog: NodeJS.Timeout | undefined;
  /** Tells it to end, as its connection has lasted long enough. */
  age: NodeJS.Timeout | undefined;
  /** Whether it was told. */
  isRetired: boolean;
}

/** A session process keeps its own deadlines; one that does not is killed this much later. */
const GRACE_MS = 2_000;

/**
 * While as many processes are at work as there are processors, a connection
 * waits this long for one of them, whose code and data the processor has at hand,
 * before it wakes another. Sessions that take longer are not waited for.
 */
const PATIENCE_MS = 20;

/** Spares are booted again, and what is used up ends, this much later, unless none is left: a burst comes first. */
const BURST_MS = 50;

export class SessionPool {
  private readonly workers = new Set<Worker>();
  private readonly queue: ConnectionQueue;
  private readonly backoff = new Backoff();
  readonly penalties: Penalties;
  private readonly turnedAway: RateLimitedLog;
  private readonly tooManyOfOne: RateLimitedLog;
  private readonly crashed: RateLimitedLog;
  private isOpen = false;
  private draining = false;
  private allGone: () => void = () => undefined;
  private readonly gone = new Promise<void>((resolve) => (this.allGone = resolve));
  private othersWait = false;
  private patience: NodeJS.Timeout | undefined;
  private refilling: NodeJS.Timeout | undefined;

  constructor(
    private readonly settings: PoolSettings,
    private readonly spawn: Spawn,
    private readonly log: Logger,
  ) {
    this.turnedAway = new RateLimitedLog((count) => {
      log.warn({ count, queued: this.queue.length }, 'connections turned away: all sessions taken');
    });
    this.tooManyOfOne = new RateLimitedLog((count) => {
      log.warn({ count }, 'connections turned away: their address has max_per_address of them');
    });
    this.crashed = new RateLimitedLog((count) => {
      log.error({ count }, 'session processes have crashed while they served a connection');
    });
    this.penalties = new Penalties(settings.penalties, log);
    this.queue = new ConnectionQueue(settings.session.loginDeadlineMs, {
      onExpired: () => {
        this.turnedAway.note();
        this.tellPressure();
      },
      onLong: (longestMs) => {
        const counts = { queued: this.queue.length, sessions: this.workers.size };
        const { maxSessions } = settings;
        log.warn({ ...counts, longestMs, maxSessions }, 'connections wait for a session');
      },
    });
    this.refill();
  }

  /** Serves from now on; who came before has waited, under the same limits and deadlines. */
  open(): void {
    this.isOpen = true;
    this.serveQueue();
  }

  /** Takes over an accepted, paused socket. */
  accept(socket: net.Socket): void {
    const address = addressOf(socket);
    // One without an address is gone already.
    if (address === undefined || this.penalties.turnsAway(address)) {
      turnAway(socket);
      return;
    }
    const { maxQueued, maxPerAddress } = this.settings;
    const isFull = this.queue.length >= maxQueued;
    const isDropped = Math.random() < dropChance(this.settings.startups, this.unauthenticated);
    if (this.draining || isFull || isDropped) {
      this.turnedAway.note();
      turnAway(socket);
      return;
    }
    if (maxPerAddress !== undefined && this.connectionsOf(address) >= maxPerAddress) {
      this.tooManyOfOne.note();
      turnAway(socket);
      return;
    }
    socket.on('error', () => undefined);
    const peer = `${address} port ${socket.remotePort ?? 0}`;
    this.queue.push({ socket, address, peer, acceptedAt: Date.now() });
    this.serveQueue();
  }

  private get unauthenticated(): number {
    const served = [...this.workers].filter(
      ({ state, isAuthenticated }) => state === 'busy' && !isAuthenticated,
    );
    return served.length + this.queue.length;
  }

  private connectionsOf(address: string): number {
    const served = [...this.workers].filter(
      ({ state, connection }) => state === 'busy' && connection?.address === address,
    );
    return served.length + this.queue.countOf(address);
  }

  /** How many there are of what. */
  get counts() {
    const inState = (...states: Worker['state'][]) =>
      [...this.workers].filter(({ state }) => states.includes(state)).length;
    return {
      busy: inState('busy'),
      ready: inState('idle'),
      starting: inState('booting'),
      ending: inState('ending'),
      queued: this.queue.length,
    };
  }

  /** Ends every session after the op in hand; resolves when all processes have ended. */
  drain(): Promise<void> {
    this.queue.close();
    return this.endAll(() => true);
  }

  /** The connections that wait, for another pool to serve; their deadlines begin anew there. */
  giveUpWaiting(): net.Socket[] {
    return this.queue.giveUp();
  }

  /** Serves the connections that it has to their ends; resolves when all processes have ended. */
  retire(): Promise<void> {
    const gone = this.endAll(({ state }) => state !== 'busy');
    this.tellPressure();
    return gone;
  }

  private endAll(which: (worker: Worker) => boolean): Promise<void> {
    clearTimeout(this.patience);
    clearTimeout(this.refilling);
    this.draining = true;
    this.backoff.stop();
    for (const worker of this.workers) {
      if (which(worker)) this.tell(worker, { kind: 'drain' });
    }
    if (this.workers.size === 0) this.allGone();
    return this.gone;
  }

  /** Ends what is left without waiting. */
  kill(): void {
    for (const { child } of this.workers) child.kill();
  }

  private serveQueue(): void {
    if (!this.isOpen) return;
    for (const worker of this.workers) {
      if (worker.state !== 'idle') continue;
      const { first } = this.queue;
      if (first === undefined || this.isPatient(first)) break;
      this.queue.shift();
      this.handOver(worker, first);
    }
    if (this.queue.length > 0) this.refill();
    else this.refillLater();
    this.tellPressure();
  }

  private refillLater(): void {
    this.refilling ??= setTimeout(() => {
      this.refilling = undefined;
      this.refill();
    }, BURST_MS);
  }

  /** Whether a connection waits for a process that is at work, though others are idle. */
  private isPatient({ acceptedAt }: Connection): boolean {
    const { sessionsPerProcess, maxQueued } = this.settings;
    if (sessionsPerProcess === 1 || this.queue.length >= maxQueued) return false;
    const now = Date.now();
    const left = acceptedAt + PATIENCE_MS - now;
    let atWork = 0;
    for (const { state, takenAt } of this.workers) {
      if (state === 'busy' && now < takenAt + PATIENCE_MS) atWork += 1;
    }
    if (left <= 0 || atWork < PROCESSORS) return false;
    this.patience ??= setTimeout(() => {
      this.patience = undefined;
      this.serveQueue();
    }, left);
    return true;
  }

  private handOver(worker: Worker, connection: Connection): void {
    const { socket, peer, acceptedAt } = connection;
    if (socket.destroyed) return;
    worker.state = 'busy';
    worker.served += 1;
    worker.connection = connection;
    worker.isAuthenticated = false;
    worker.isRetired = false;
    worker.takenAt = Date.now();
    const left = acceptedAt + this.settings.session.loginDeadlineMs - Date.now();
    this.watch(worker, Math.max(0, left));
    if (worker.child.sendSocket(socket)) {
      this.tell(worker, { kind: 'connection', peer, acceptedAt });
      // What was sent is on its way, whatever becomes of this end of it.
      socket.destroy();
      return;
    }
    // The process has ended, or is of no use any more: another one will serve it.
    worker.state = 'ending';
    worker.child.kill();
    this.queue.unshift(connection);
  }

  private watch(worker: Worker, ms: number): void {
    clearTimeout(worker.watchdog);
    worker.watchdog = setTimeout(() => {
      this.log.error('a session process does not keep its deadline: killing it');
      worker.child.kill();
    }, ms + GRACE_MS);
  }

  /** Boots processes until there are enough spares, or the limit is reached. */
  private refill(): void {
    if (this.draining || this.backoff.waiting) return;
    const spares = [...this.workers].filter(
      ({ state }) => state === 'booting' || state === 'idle',
    ).length;
    // More at a time than the machine has processors would only be ready later.
    const waitedFor = Math.min(this.queue.length, PROCESSORS);
    const wanted = Math.max(this.settings.spares, waitedFor);
    const room = this.settings.maxSessions - this.workers.size;
    for (let i = 0; i < Math.min(wanted - spares, room); i += 1) this.boot();
  }

  private boot(): void {
    const child = this.spawn({
      onReport: (byte) => this.onReport(worker, byte),
      onEnd: (why, status) => this.onEnd(worker, why, status),
    });
    const worker: Worker = {
      child,
      state: 'booting',
      served: 0,
      connection: undefined,
      isAuthenticated: false,
      takenAt: 0,
      watchdog: undefined,
      age: undefined,
      isRetired: false,
    };
    this.workers.add(worker);
    this.watch(worker, this.settings.session.loginDeadlineMs);
    this.tell(worker, { kind: 'settings', settings: this.settings.session });
    if (this.othersWait) this.tell(worker, { kind: 'pressure', othersWait: true });
  }

  private onReport(worker: Worker, byte: number): void {
    switch (reported(byte, worker)) {
      case 'authenticated':
        worker.isAuthenticated = true;
        clearTimeout(worker.watchdog);
        this.backoff.reset();
        this.limitAge(worker);
        return;
      case 'ready':
        clearTimeout(worker.watchdog);
        break;
      case 'done':
        clearTimeout(worker.watchdog);
        clearTimeout(worker.age);
        this.backoff.reset();
        break;
      case undefined:
        this.log.error('a session process says what none would say: killing it');
        worker.child.kill();
        return;
    }
    if (this.draining) {
      worker.state = 'ending';
      this.tell(worker, { kind: 'drain' });
      this.watch(worker, 0);
      return;
    }
    if (worker.isRetired || worker.served >= this.settings.sessionsPerProcess) {
      worker.state = 'ending';
      // It has nothing left to do, and its end would take time from the burst that it was part of.
      worker.watchdog = setTimeout(() => worker.child.kill(), this.queue.length > 0 ? 0 : BURST_MS);
      return;
    }
    worker.state = 'idle';
    this.serveQueue();
  }

  private onEnd(worker: Worker, why: string, status: number | undefined): void {
    clearTimeout(worker.watchdog);
    clearTimeout(worker.age);
    this.workers.delete(worker);
    if (this.draining) {
      if (this.workers.size === 0) this.allGone();
      return;
    }
    if (worker.state === 'busy' && !worker.isAuthenticated && status !== EXIT_AUTHENTICATED) {
      const { address = '' } = worker.connection ?? {};
      if (this.penalties.noteFailure(address)) {
        this.queue.close((waiting) => this.penalties.isPunished(waiting.address));
      }
    }
    if (worker.state === 'busy' && !IN_ORDER.includes(status)) this.crashed.note();
    if (worker.state === 'booting' || worker.state === 'idle') {
      const what = worker.state === 'booting' ? 'could not be started' : 'ended while it was ready';
      this.log.error({ why }, `a session process ${what}`);
      // Others would go the same way.
      this.backoff.wait(() => this.serveQueue());
    }
    this.serveQueue();
  }

  /** Connections without an op in hand give way, if there is no process for one that waits. */
  private tellPressure(): void {
    const busy = [...this.workers].filter(({ state }) => state === 'busy');
    const othersWait = this.queue.length > 0 && busy.length >= this.settings.maxSessions;
    if (othersWait === this.othersWait) return;
    this.othersWait = othersWait;
    for (const worker of this.workers) {
      this.tell(worker, { kind: 'pressure', othersWait });
      if (worker.state === 'busy' && worker.isAuthenticated) this.limitAge(worker);
    }
  }

  /** By the master's own clock: a session process may be captured, or its runner hang. */
  private limitAge(worker: Worker): void {
    if (worker.isRetired) return;
    clearTimeout(worker.age);
    const { maxAgeMs, busyMaxAgeMs, opTimeoutMs } = this.settings;
    const endsAt = worker.takenAt + (this.othersWait ? Math.min(busyMaxAgeMs, maxAgeMs) : maxAgeMs);
    worker.age = setTimeout(
      () => {
        worker.isRetired = true;
        this.tell(worker, { kind: 'drain' });
        this.watch(worker, opTimeoutMs);
      },
      Math.max(0, endsAt - Date.now()),
    );
  }

  /** A process that has just ended is noticed by its end. */
  private tell(worker: Worker, message: ToSession): void {
    worker.child.send(message);
  }
}

/** Of IPv4 in IPv6 (RFC 4291 §2.5.5.2) the former. */
export const addressOf = ({ remoteAddress }: Pick<net.Socket, 'remoteAddress'>) =>
  remoteAddress?.replace(/^::ffff:(?=[0-9.]+$)/, '');

/** How session processes end by themselves; undefined: killed, by the master as a rule. */
const IN_ORDER: readonly (number | undefined)[] = [0, 1, EXIT_AUTHENTICATED, undefined];

/** What a session process in each state may say. */
const EXPECTED: Readonly<Record<Worker['state'], readonly FromSession[]>> = {
  booting: ['ready'],
  idle: [],
  busy: ['authenticated', 'done'],
  ending: [],
};

/** It may be captured: what it says may be anything, again and again. */
function reported(byte: number, { state, isAuthenticated }: Worker): FromSession | undefined {
  const said = EXPECTED[state].find((each) => fromSession[each] === byte);
  return said === 'authenticated' && isAuthenticated ? undefined : said;
}
