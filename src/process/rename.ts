/** renameat2(2), which Node does not offer: a rename that replaces nothing. */
import { promisify } from 'node:util';
import { libc } from './libc.js';

const AT_FDCWD = -100;
const RENAME_NOREPLACE = 1;

const renameat2 = promisify(
  libc.func('renameat2', 'int', ['int', 'str', 'int', 'str', 'uint']).async,
) as (
  fromFolder: number,
  from: string,
  toFolder: number,
  to: string,
  flags: number,
) => Promise<number>;

/**
 * Renames a file or folder. Unlike rename(2) it does not replace an empty folder, or a file.
 * @throws Error if there is anything at `to`, or if the file system cannot tell
 */
export async function renameNoReplace(from: string, to: string): Promise<void> {
  if ((await renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE)) === 0) return;
  throw new Error(
    `${from} cannot be renamed to ${to}: there is something by that name,` +
      ' or its file system has no rename that replaces nothing (renameat2)',
  );
}
