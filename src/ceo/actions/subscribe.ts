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
  if (line === '') {
    throw new CeoError(
      'outcome_unknown',
      `ceod answered without a word: ${username} may or may not have been subscribed.`,
      { next: 'It is safe to do it again.' },
    );
  }
  throw new CeoError(line.startsWith('Access denied') ? 'denied' : 'failed', line);
}
