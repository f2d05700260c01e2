/** How the programs say on standard error that something is wrong: what, and below it what to do. */
import { CeoError, messageOf } from './errors.js';
import { printable } from './printable.js';

/** @param maxLength of each of the two; commands are not to be cut */
export function complain(program: string, error: unknown, maxLength?: number): void {
  process.stderr.write(`${program}: ${printable(messageOf(error), maxLength)}\n`);
  if (!(error instanceof CeoError) || error.next === undefined) return;
  const indent = ' '.repeat(program.length + 2);
  process.stderr.write(`${indent}${printable(error.next, maxLength)}\n`);
}
