/**
 * Addresses whose connections fail again and again are turned away for a while, as by sshd's
 * PerSourcePenalties. A failed connection costs a session process, its sender nothing.
 */
import { BlockList, isIPv6 } from 'node:net';
import type { Network } from '../config/table.js';
import { RateLimitedLog, type Logger } from './log.js';

export interface PenaltyRules {
  /** So many failures within a minute earn a penalty; 0: none does. */
  readonly failures: number;
  readonly durationMs: number;
  /** Who is never punished. */
  readonly exempt: readonly Network[];
}

interface Failures {
  readonly firstAt: number;
  count: number;
  /** 0 if it is not. */
  punishedUntil: number;
}

const WINDOW_MS = 60_000;
/** Those whose last failure is the oldest are forgotten first. */
const MAX_ADDRESSES = 10_000;

export class Penalties {
  private readonly known = new Map<string, Failures>();
  private readonly exempt = new BlockList();
  private readonly turnedAway: RateLimitedLog;

  constructor(
    private readonly rules: PenaltyRules,
    private readonly log: Logger,
  ) {
    for (const { address, prefix } of rules.exempt) {
      this.exempt.addSubnet(address, prefix, familyOf(address));
    }
    this.turnedAway = new RateLimitedLog((count) => {
      log.warn({ count }, 'connections turned away: their address has failed too often');
    });
  }

  /** Whether a new connection of an address is not to be served. */
  turnsAway(address: string): boolean {
    const isPunished = (this.known.get(address)?.punishedUntil ?? 0) > Date.now();
    if (isPunished) this.turnedAway.note();
    return isPunished;
  }

  /** @returns whether the address is turned away from now on */
  noteFailure(address: string): boolean {
    if (this.rules.failures === 0 || this.exempt.check(address, familyOf(address))) return false;
    const now = Date.now();
    const before = this.known.get(address);
    // Connections that were open already may fail meanwhile: that is no further offence.
    if (before !== undefined && before.punishedUntil > now) return false;
    const isRecent = before?.punishedUntil === 0 && now < before.firstAt + WINDOW_MS;
    const failures = isRecent ? before : { firstAt: now, count: 0, punishedUntil: 0 };
    failures.count += 1;
    this.remember(address, failures);
    if (failures.count < this.rules.failures) return false;
    failures.punishedUntil = now + this.rules.durationMs;
    this.log.warn(
      { address, failures: failures.count, seconds: this.rules.durationMs / 1000 },
      'an address has failed too often: it is turned away for a while',
    );
    return true;
  }

  private remember(address: string, failures: Failures): void {
    this.known.delete(address);
    this.known.set(address, failures);
    if (this.known.size <= MAX_ADDRESSES) return;
    const [oldest] = this.known.keys();
    if (oldest !== undefined) this.known.delete(oldest);
  }
}

const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4');
