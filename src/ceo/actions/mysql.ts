/** A database for a member or club, and the file in the home that tells its owner about it. */
import { refusalOf, untold } from '../../ceoc/outcome.js';
import { safeAgain } from '../../ceoc/lookUp.js';
import { checkDatabase } from '../../ceoc/whetherDone.js';
import { CeoError } from '../../errors.js';
import type { StatusLine } from '../../protocol/status.js';
import type { Context } from '../context.js';
import { writeInfoFile } from './infoFile.js';

export interface DatabaseResult {
  readonly username: string;
  readonly steps: readonly StatusLine[];
  /** The new password: it is told once, and kept nowhere but in the info file. */
  readonly password: string | undefined;
  /** Where it was written as well; undefined if it could not be. */
  readonly infoFile: string | undefined;
  readonly problem: CeoError | undefined;
}

/**
 * @param reset whether the user of a database that is there gets a new password; otherwise the
 *   problem is that it exists
 * @throws CeoError if nothing was sent, or the outcome is unknown
 */
export async function createDatabase(
  context: Context,
  username: string,
  reset: boolean,
): Promise<DatabaseResult> {
  const underWay = {
    what: `the database of ${username}`,
    check: (reset ? safeAgain('addMySQLUser') : undefined) ?? checkDatabase(username),
  };
  const { messages: steps, password } = await context.changeByCeod(underWay, (ceod) =>
    ceod.addMySQLUser({ username, ...(!reset && { onlyNew: true }) }),
  );
  const problem = refusalOf(steps) ?? untold('addMySQLUser', password, username);
  if (problem !== undefined) {
    return { username, steps, password: undefined, infoFile: undefined, problem };
  }
  return {
    username,
    steps,
    password,
    infoFile: await infoFile(context, username, password),
    problem,
  };
}

/** Homes need not be mounted where ceo runs, nor be writable by whoever asks. */
async function infoFile(context: Context, username: string, password: string) {
  try {
    return await writeInfoFile(await context.managedAccount(username), password);
  } catch {
    return undefined;
  }
}
