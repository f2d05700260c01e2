/** What there is of a name beyond the directory: as the host of the accounts sees it, through ceod. */
import { refusalOf } from '../../ceoc/outcome.js';
import { CeoError } from '../../errors.js';
import type { Context } from '../context.js';

export interface Inspection {
  /** What an account consists of and is not there. */
  readonly missing: readonly string[];
  /** Why a new account of that name would be refused; undefined: it would not. */
  readonly obstacle: string | undefined;
}

/** @returns undefined if no host of the site serves this @throws CeoError if it cannot be told */
export async function inspectName(
  context: Context,
  username: string,
): Promise<Inspection | undefined> {
  const ceod = await context.ceod();
  let reply;
  try {
    reply = await ceod.inspect({ username });
  } catch (error) {
    if (error instanceof CeoError && error.code === 'config') return undefined;
    throw error;
  }
  const refusal = refusalOf(reply.messages);
  if (refusal !== undefined) throw refusal;
  const { account, group, principal, home, obstacle } = reply;
  const parts = { account, group, principal, home };
  const missing = Object.entries(parts).flatMap(([part, isThere]) => (isThere ? [] : [part]));
  return { missing, obstacle: obstacle === '' ? undefined : obstacle };
}
