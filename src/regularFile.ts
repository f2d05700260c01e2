/** Files that are read whole, by whoever may have named them: no pipe, no device, nothing without end. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** Why a file is not read: what is said behind its name. */
export class UnfitFile extends Error {
  override readonly name = 'UnfitFile';
}

/** More than any file that people write by hand. */
const MAX_BYTES = 4 << 20;

/**
 * The content of a regular file, or of one that a link leads to.
 * @throws UnfitFile: it is none, or larger than may be; Error of the system's
 */
export function readRegularFile(file: string, maxBytes = MAX_BYTES): Buffer {
  // Without waiting for whoever should open the other end of a pipe.
  const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const stat = fstatSync(fd);
    // Of a folder the system says it itself.
    if (!stat.isFile() && !stat.isDirectory()) throw new UnfitFile('is no regular file');
    return readAll(fd, maxBytes);
  } finally {
    closeSync(fd);
  }
}

/** Not what its size says, which may change meanwhile, and is 0 in /proc. */
function readAll(fd: number, maxBytes: number): Buffer {
  const chunks: Buffer[] = [];
  for (let length = 0; ;) {
    const chunk = Buffer.allocUnsafe(65_536);
    const read = readSync(fd, chunk);
    if (read === 0) return Buffer.concat(chunks);
    length += read;
    if (length > maxBytes) throw new UnfitFile(`is larger than ${maxBytes >> 20} MB`);
    chunks.push(chunk.subarray(0, read));
  }
}

export const readRegularText = (file: string): string => readRegularFile(file).toString('utf8');

/** What is said behind the name of a file that could not be read. */
export const whyUnread = (error: unknown): string =>
  error instanceof UnfitFile ? error.message : 'cannot be read';
