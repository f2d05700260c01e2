/**
 * Networks whose connections fail again and again are turned away for a while, as by sshd's
 * PerSourcePenalties. A failed connection costs a session process, its sender nothing.
 */
import { BlockList, isIPv6 } from 'node:net';
import type { Network } from '../../config/kinds.js';
import { RateLimitedLog, type Logger } from '../base/log.js';

export interface PenaltyRules {
  /** So many failures within a minute earn a penalty; 0: none does. */
  readonly failures: number;
  readonly durationMs: number;
  /** Who is never punished. */
  readonly exempt: readonly Network[];
}

export interface Penalty {
  readonly network: string;
  readonly seconds: number;
}

interface Offender {
  /** When its last failures were, the oldest first: no more than earn a penalty. */
  failures: number[];
  /** 0 if it is not. */
  punishedUntil: number;
}

const WINDOW_MS = 60_000;
/** Those whose last failure is the oldest are forgotten first. */
const MAX_NETWORKS = 10_000;

/**
 * What counts as one offender, from the narrow to the wide: an IPv6 customer has a /64 at least, and
 * may draw a new address for each connection; many addresses of one provider are one flood.
 */
const NETWORKS = [
  { ipv4: 32, ipv6: 64, times: 1 },
  { ipv4: 24, ipv6: 48, times: 8 },
] as const;

export class Penalties {
  private readonly known = new Map<string, Offender>();
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
      log.warn({ count }, 'connections turned away: their network has failed too often');
    });
  }

  /** Whether a new connection of an address is not to be served. */
  turnsAway(address: string): boolean {
    const isPunished = this.isPunished(address);
    if (isPunished) this.turnedAway.note();
    return isPunished;
  }

  isPunished(address: string): boolean {
    const now = Date.now();
    return (
      !this.isExempt(address) &&
      networksOf(address).some(({ name }) => (this.known.get(name)?.punishedUntil ?? 0) > now)
    );
  }

  /** The networks that are turned away, with the seconds that are left of it. */
  list(): Penalty[] {
    const now = Date.now();
    return [...this.known]
      .filter(([, { punishedUntil }]) => punishedUntil > now)
      .map(([network, { punishedUntil }]) => ({
        network,
        seconds: Math.ceil((punishedUntil - now) / 1000),
      }));
  }

  /** Forgets what the networks of an address have done. @returns those that were turned away */
  lift(address: string): string[] {
    const names = networksOf(address).map(({ name }) => name);
    const punished = this.list().filter(({ network }) => names.includes(network));
    for (const name of names) this.known.delete(name);
    return punished.map(({ network }) => network);
  }

  /** @returns whether some network of the address is turned away from now on */
  noteFailure(address: string): boolean {
    if (this.rules.failures === 0 || this.isExempt(address)) return false;
    // Connections that were open already may fail meanwhile: that is no further offence.
    if (this.isPunished(address)) return false;
    const earned = networksOf(address).map(({ name, times }) =>
      this.note(name, this.rules.failures * times),
    );
    return earned.includes(true);
  }

  private note(network: string, most: number): boolean {
    const now = Date.now();
    const offender = this.known.get(network) ?? { failures: [], punishedUntil: 0 };
    offender.failures = offender.failures.filter((at) => at > now - WINDOW_MS);
    offender.failures.push(now);
    this.remember(network, offender);
    if (offender.failures.length < most) return false;
    offender.failures = [];
    offender.punishedUntil = now + this.rules.durationMs;
    this.log.warn(
      { network, failures: most, seconds: this.rules.durationMs / 1000 },
      'a network has failed too often: it is turned away for a while',
    );
    return true;
  }

  private remember(network: string, offender: Offender): void {
    this.known.delete(network);
    this.known.set(network, offender);
    if (this.known.size <= MAX_NETWORKS) return;
    const [oldest] = this.known.keys();
    if (oldest !== undefined) this.known.delete(oldest);
  }

  private isExempt(address: string): boolean {
    return this.exempt.check(address, familyOf(address));
  }
}

/** The networks that an address is in, by name. */
function networksOf(address: string) {
  const family = familyOf(address);
  return NETWORKS.map(({ times, ...bits }) => ({
    name: networkOf(address, bits[family]),
    times,
  }));
}

/** Such as `192.0.2.0/24` or `2001:db8:0:7::/64`. @param bits whole parts of the address */
export function networkOf(address: string, bits: number): string {
  if (!isIPv6(address)) {
    const parts = address.split('.').map((part, index) => (index < bits / 8 ? part : '0'));
    return bits === 32 ? address : `${parts.join('.')}/${bits}`;
  }
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const partsOf = (text: string) => (text === '' ? [] : text.split(':'));
  const before = partsOf(head);
  const after = partsOf(tail ?? '');
  const gap = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const parts = [...before, ...Array<string>(gap).fill('0'), ...after].slice(0, bits / 16);
  return `${parts.map((part) => Number.parseInt(part, 16).toString(16)).join(':')}::/${bits}`;
}

const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4');
