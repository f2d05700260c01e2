/**
 * Where homes are made, from inside this process: a file system that does not answer there keeps one
 * of Node's four threads, and the journal and the look-ups have the others.
 */
import { Turns } from '../../process/turns.js';

const turns = new Turns('the file system of the homes', 1);

/**
 * Work that is not over in time goes on; what comes behind it, its undo for example, waits.
 * @throws CeoError unreachable, if it was not begun; outcome_unknown, if it goes on
 */
export const atHomes = <T>(timeoutMs: number, work: () => Promise<T>): Promise<T> =>
  turns.run(timeoutMs, work);
