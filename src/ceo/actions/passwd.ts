/** Resetting somebody's password: they must change it at the next login. */
import { refusalOf, untold } from '../../ceoc/outcome.js';
import { safeAgain } from '../../ceoc/lookUp.js';
import type { CeoError } from '../../errors.js';
import type { StatusLine } from '../../protocol/status.js';
import type { Context } from '../context.js';

export interface PasswordResult {
  readonly username: string;
  readonly steps: readonly StatusLine[];
  /** The one that was generated; undefined if it was given, or not set. */
  readonly password: string | undefined;
  readonly problem: CeoError | undefined;
}

/**
 * @param password undefined: ceod makes one
 * @throws CeoError if nothing was sent, or the outcome is unknown
 */
export async function resetPassword(
  context: Context,
  username: string,
  password: string | undefined,
): Promise<PasswordResult> {
  const underWay = {
    what: `the new password of ${username}`,
    check: safeAgain('resetPassword'),
  };
  const reply = await context.changeByCeod(underWay, (ceod) =>
    ceod.resetPassword({ username, ...(password !== undefined && { password }) }),
  );
  const generated = reply.password === '' ? undefined : reply.password;
  return {
    username,
    steps: reply.messages,
    password: generated,
    problem:
      refusalOf(reply.messages) ?? untold('resetPassword', password ?? reply.password, username),
  };
}
