/** Subscribing somebody to the members' mailing list. */
import { safeAgain } from '../../ceoc/lookUp.js';
import { refusalOfLine } from '../../ceoc/outcome.js';
import type { Context } from '../context.js';

/** @returns what came of it @throws CeoError also if it was refused */
export async function subscribe(context: Context, username: string): Promise<string> {
  const underWay = { what: `the subscription of ${username}`, check: safeAgain('subscribe') };
  const { line } = await context.changeByCeod(underWay, (ceod) => ceod.subscribe({ username }));
  const refusal = refusalOfLine(line);
  if (refusal !== undefined) throw refusal;
  return line;
}
