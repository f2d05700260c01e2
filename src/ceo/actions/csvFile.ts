/** A new CSV file that is on disk line by line, whatever becomes of the program. */
import { closeSync, fsyncSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { CeoError, messageOf } from '../../errors.js';

export class CsvFile {
  /** How long it was before its last line. */
  private previous = 0;
  private length = 0;
  /** Lines below the header. */
  private lines = 0;

  private constructor(
    readonly file: string,
    private readonly fd: number,
  ) {}

  /**
   * Makes it, for its owner alone.
   * @throws CeoError exists: nothing is overwritten, or followed as a link
   */
  static create(file: string, header: readonly string[]): CsvFile {
    let fd;
    try {
      fd = openSync(file, 'wx', 0o600);
    } catch (error) {
      throw notMade(file, error as NodeJS.ErrnoException);
    }
    const csv = new CsvFile(file, fd);
    csv.write(header);
    syncFolder(path.dirname(file));
    return csv;
  }

  /** Resolves nothing before the line is on disk. @throws CeoError */
  add(fields: readonly (string | number)[]): void {
    this.write(fields);
    this.lines += 1;
  }

  /** Takes the last line back. */
  strike(): void {
    ftruncateSync(this.fd, this.previous);
    fsyncSync(this.fd);
    this.length = this.previous;
    this.lines -= 1;
  }

  /** Closes it. @returns whether it stays: without a line it does not */
  close(): boolean {
    closeSync(this.fd);
    if (this.lines === 0) rmSync(this.file, { force: true });
    return this.lines > 0;
  }

  private write(fields: readonly (string | number)[]): void {
    const line = Buffer.from(`${fields.map(quoted).join(',')}\r\n`);
    try {
      for (let done = 0; done < line.length;) {
        done += writeSync(this.fd, line, done, line.length - done, this.length + done);
      }
      fsyncSync(this.fd);
    } catch (cause) {
      throw new CeoError('failed', `${this.file} cannot be written: ${messageOf(cause)}.`, {
        cause,
      });
    }
    this.previous = this.length;
    this.length += line.length;
  }
}

/** RFC 4180. */
function quoted(field: string | number): string {
  const text = String(field);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** So that the file's name is on disk as well. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function notMade(file: string, error: NodeJS.ErrnoException): CeoError {
  if (error.code === 'EEXIST') return alreadyThere(file);
  return new CeoError('usage', `${file} cannot be made: ${messageOf(error)}.`, { cause: error });
}

export const alreadyThere = (file: string): CeoError =>
  new CeoError('exists', `${file} exists already, and is not overwritten.`, {
    next: 'Name a new file, or move this one away.',
  });
