/** Subscribing somebody to the members' mailing list. */
import { refusalOfLine } from '../../ceoc/outcome.js';
import type { Context } from '../context.js';

/** @returns what came of it @throws CeoError also if it was refused */
export async function subscribe(context: Context, username: string): Promise<string> {
  const ceod = await context.ceod();
  const { line } = await ceod.subscribe({ username });
  const refusal = refusalOfLine(line);
  if (refusal !== undefined) throw refusal;
  return line;
}
