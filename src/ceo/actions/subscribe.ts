/** Subscribing somebody to the members' mailing list. */
import { CeoError } from '../../errors.js';
import type { Context } from '../context.js';

/** The beginnings that mean that there is nothing left to do (docs/protocol.md §4.3). */
const DONE = /^(Subscribed|Already a member|Disabled): /;

/** @returns what came of it @throws CeoError also if it was refused */
export async function subscribe(context: Context, username: string): Promise<string> {
  const ceod = await context.ceod();
  const { line } = await ceod.subscribe({ username });
  if (DONE.test(line)) return line;
  throw new CeoError(line.startsWith('Access denied') ? 'denied' : 'failed', line);
}
