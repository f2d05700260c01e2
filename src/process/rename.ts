/** renameat2(2), which Node does not offer: a rename that replaces nothing. */
import koffi from 'koffi';
import { libc } from './libc.js';

const AT_FDCWD = -100;
const RENAME_NOREPLACE = 1;
const { EEXIST, EINVAL } = koffi.os.errno as Readonly<Record<string, number>>;

const renameat2 = libc.func('renameat2', 'int', ['int', 'str', 'int', 'str', 'uint']) as (
  fromFolder: number,
  from: string,
  toFolder: number,
  to: string,
  flags: number,
) => number;

/**
 * Renames a file or folder. Unlike rename(2) it does not replace an empty folder, or a file.
 * @throws Error if there is anything at `to`, or if the file system cannot tell
 */
export function renameNoReplace(from: string, to: string): void {
  if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) === 0) return;
  const errno = koffi.errno();
  if (errno === EEXIST) throw new Error(`${to} exists already`);
  if (errno === EINVAL)
    throw new Error(`the file system of ${to} has no rename that replaces nothing (renameat2)`);
  throw new Error(`${from} cannot be renamed to ${to}: errno ${errno}`);
}
