/**
 * The journal of what is under way: one file for each name, created
 * exclusively, so that it is also the lock on that name between processes. A
 * record is one line of JSON and is on disk before the call returns. It never
 * holds a password.
 */
import { open, mkdir, readdir, readFile, unlink, type FileHandle } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const SUFFIX = '.journal';

/** Which process wrote a file: a pid alone may belong to another one by now. */
interface Writer {
  readonly pid: number;
  /** Field 22 of proc_pid_stat(5), in clock ticks since boot. */
  readonly startTime: string;
}

export class Journal<R> {
  constructor(private readonly folder: string) {}

  /** Opens a new entry; undefined if one of that name is there already. */
  async begin(name: string): Promise<JournalEntry<R> | undefined> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const file = this.fileOf(name);
    let handle: FileHandle;
    try {
      handle = await open(file, 'wx', 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
      throw error;
    }
    await handle.appendFile(`${JSON.stringify(self())}\n`);
    await handle.sync();
    await syncFolder(this.folder);
    return new JournalEntry(name, file, handle);
  }

  /** The entries whose writer is no more, with the records that were complete. */
  async abandoned(): Promise<{ entry: JournalEntry<R>; records: R[] }[]> {
    const names = await readdir(this.folder).catch(() => []);
    const found = [];
    for (const each of names.filter((name) => name.endsWith(SUFFIX))) {
      const name = each.slice(0, -SUFFIX.length);
      const lines = parseLines(await readFile(this.fileOf(name), 'utf8'));
      const writer = lines[0] as Writer | undefined;
      if (writer !== undefined && isAlive(writer)) continue;
      const handle = await open(this.fileOf(name), 'a', 0o600);
      const entry = new JournalEntry<R>(name, this.fileOf(name), handle);
      found.push({ entry, records: lines.slice(1) as R[] });
    }
    return found;
  }

  private fileOf(name: string): string {
    return path.join(this.folder, `${name}${SUFFIX}`);
  }
}

export class JournalEntry<R> {
  constructor(
    readonly name: string,
    private readonly file: string,
    private readonly handle: FileHandle,
  ) {}

  /** Returns when the record is on disk. */
  async append(record: R): Promise<void> {
    await this.handle.appendFile(`${JSON.stringify(record)}\n`);
    await this.handle.datasync();
  }

  /** Ends the entry, and with it the lock on its name. */
  async remove(): Promise<void> {
    await unlink(this.file);
    await this.handle.close();
  }
}

/** A line that a crash cut short was not acted upon: it is left out. */
function parseLines(text: string): unknown[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync();
  await handle.close();
}

const self = (): Writer => ({ pid: process.pid, startTime: startTimeOf(process.pid) ?? '' });

const isAlive = ({ pid, startTime }: Writer): boolean => startTimeOf(pid) === startTime;

function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
