/**
 * The highest uid of a range that this host has given out, in state_dir: a directory that was
 * restored from an older backup has forgotten some, whose files may still be there.
 */
import { open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { idNumber, ownId, type IdRange, type OwnId } from '../../directory/idNumbers.js';

export class HighWaterMark {
  private readonly file: string;
  /** The end of the last write: one at a time, so that a lower number replaces no higher one. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    stateDir: string,
    private readonly range: IdRange,
  ) {
    this.file = path.join(stateDir, `highest-uid-${range.min}-${range.max}`);
  }

  /** Undefined: none was given out, as far as is known here. */
  async read(): Promise<OwnId | undefined> {
    const text = await readFile(this.file, 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw error;
    });
    return ownId(idNumber([text.trim()]), this.range);
  }

  /** On disk when it returns. */
  raise(id: OwnId): Promise<void> {
    const raised = this.last.then(() => this.write(id));
    this.last = raised.catch(() => undefined);
    return raised;
  }

  private async write(id: OwnId): Promise<void> {
    const current = await this.read();
    if (current !== undefined && current >= id) return;
    const fresh = `${this.file}.new-${process.pid}`;
    const handle = await open(fresh, 'w', 0o600);
    try {
      await handle.writeFile(`${id}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, this.file);
  }
}
