/** Passwords that are drawn anew for every sandbox. */
import { randomBytes } from 'node:crypto';

/** Letters and digits alone: it needs no quoting anywhere. */
export function drawSecret(): string {
  return randomBytes(16).toString('hex');
}
