/** Random early drop, as by sshd's MaxStartups: while very many come, each has a chance. */
import type { Startups } from '../../config/kinds.js';

/**
 * The chance, from 0 to 1, that one more connection is closed.
 * @param count of those not authenticated so far
 */
export function dropChance({ start, rate, full }: Startups, count: number): number {
  if (count < start) return 0;
  if (count >= full) return 1;
  return (rate + ((100 - rate) * (count - start)) / (full - start)) / 100;
}
