/**
 * The journal of what is under way: one file for each name, created
 * exclusively, so that it is also the lock on that name between processes. A
 * record is one line of JSON and is on disk before the call returns. It never
 * holds a password.
 */
import {
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  unlink,
  type FileHandle,
} from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../errors.js';
import { run } from '../../process/run.js';
import { JOURNAL_SUFFIX } from '../base/journalPlace.js';

/** Which process answers for a file: a pid alone may belong to another one by now. */
interface Writer {
  readonly pid: number;
  /** Field 22 of proc_pid_stat(5), in clock ticks since boot. */
  readonly startTime: string;
  /** Since which boot, random(4); files of earlier releases have none. */
  readonly boot?: string;
}

export class Journal<R> {
  private readonly reported = new Set<string>();

  /** @param report hears of files that cannot be understood */
  constructor(
    private readonly folder: string,
    private readonly report: (file: string, error: unknown) => void,
  ) {}

  /** Opens a new entry; undefined if one of that name is there already. */
  async begin(name: string): Promise<JournalEntry<R> | undefined> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const file = this.fileOf(name);
    const { handle, fresh } = await this.write(name, '');
    try {
      // Whoever sees the file sees whose it is.
      await link(fresh, file);
      await syncFolder(this.folder);
    } catch (error) {
      await handle.close();
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
      await unlink(file).catch(() => undefined);
      throw error;
    } finally {
      await unlink(fresh);
    }
    return new JournalEntry(name, file, handle);
  }

  /**
   * Takes over the entries whose process is no more, with the records that were
   * complete. Each goes to one process, however many ask.
   */
  async takeAbandoned(): Promise<{ entry: JournalEntry<R>; records: R[] }[]> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const lock = await lockFile(`${this.folder}.lock`);
    try {
      const found = [];
      const files = await readdir(this.folder);
      await this.removeLeftOver(files);
      const names = files.filter((name) => name.endsWith(JOURNAL_SUFFIX));
      for (const name of names.map((each) => each.slice(0, -JOURNAL_SUFFIX.length))) {
        const file = this.fileOf(name);
        const [writer, ...records] = await this.understood(file);
        if (writer === undefined || isAlive(writer as Writer)) continue;
        const lines = records.map((record) => `${JSON.stringify(record)}\n`).join('');
        const { handle, fresh } = await this.write(name, lines);
        await rename(fresh, file);
        found.push({
          entry: new JournalEntry<R>(name, file, handle),
          records: records as R[],
        });
      }
      await syncFolder(this.folder);
      return found;
    } finally {
      await lock.close();
    }
  }

  /**
   * The records of the entry of a name that is there already, whoever answers for it.
   * @returns undefined if it is gone by now
   * @throws MalformedJournal
   */
  async read(name: string): Promise<R[] | undefined> {
    try {
      const [, ...records] = parseJournal(await readFile(this.fileOf(name), 'utf8'));
      return records as R[];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  fileOf(name: string): string {
    return path.join(this.folder, `${name}${JOURNAL_SUFFIX}`);
  }

  /** Nothing, if the file cannot be understood: then it stays, and its name locked. */
  private async understood(file: string): Promise<object[]> {
    try {
      const lines = parseJournal(await readFile(file, 'utf8'));
      this.reported.delete(file);
      return lines;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      // Who looks again and again tells once.
      if (!this.reported.has(file)) this.report(file, error);
      this.reported.add(file);
      return [];
    }
  }

  /** What a process that was killed had not given its name yet. */
  private async removeLeftOver(files: readonly string[]): Promise<void> {
    for (const name of files) {
      const pid = FRESH.exec(name)?.[1];
      if (pid === undefined || startTimeOf(Number(pid)) !== undefined) continue;
      await rm(path.join(this.folder, name), { force: true });
    }
  }

  /** A file of this process, under a name that nobody looks for, on disk. */
  private async write(name: string, lines: string): Promise<{ handle: FileHandle; fresh: string }> {
    const fresh = path.join(this.folder, freshName(name));
    const handle = await open(fresh, 'ax', 0o600);
    try {
      await handle.appendFile(`${JSON.stringify(self())}\n${lines}`);
      await handle.sync();
    } catch (error) {
      await handle.close();
      await unlink(fresh);
      throw error;
    }
    return { handle, fresh };
  }
}

const freshName = (name: string) => `${name}.new-${process.pid}-${performance.now()}`;
const FRESH = /\.new-(\d+)-[\d.]+$/;

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

/** What a file of the journal is that ceod did not write. */
export class MalformedJournal extends Error {}

/**
 * The records of a file. A line that a crash cut short was not acted upon: it is left out.
 * @throws MalformedJournal
 */
export function parseJournal(text: string): object[] {
  const lines = text.split('\n').slice(0, -1).map(parseRecord);
  if (lines.length === 0) throw new MalformedJournal('it is empty');
  return lines;
}

function parseRecord(line: string): object {
  try {
    const value = JSON.parse(line) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // No JSON.
  }
  throw new MalformedJournal('a line is no record');
}

/** Others hold it for as long as it takes to read a few files. */
const LOCK_TIMEOUT_MS = 10_000;

/** flock(2), which Node lacks: flock(1) locks the open file that it inherits. Closing it unlocks. */
async function lockFile(file: string): Promise<FileHandle> {
  const handle = await open(file, 'a', 0o600);
  try {
    const { status, timedOut, stderr } = await run('flock', ['--exclusive', '3'], {
      env: { PATH: process.env['PATH'] ?? '', LANG: 'C' },
      timeoutMs: LOCK_TIMEOUT_MS,
      files: [handle.fd],
    });
    if (status === 0) return handle;
    throw new Error(timedOut ? 'another process holds it' : stderr.trim());
  } catch (error) {
    await handle.close();
    throw new Error(`${file} cannot be locked: ${messageOf(error)}`, { cause: error });
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync();
  await handle.close();
}

const self = (): Writer => ({
  pid: process.pid,
  startTime: startTimeOf(process.pid) ?? '',
  boot: bootId(),
});

const isAlive = ({ pid, startTime, boot = bootId() }: Writer): boolean =>
  boot === bootId() && startTimeOf(pid) === startTime;

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** States of proc_pid_stat(5) in which a process does nothing any more. */
const ENDED: readonly (string | undefined)[] = ['Z', 'X', 'x'];

/** @returns undefined if there is no such process, or none that goes on */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ENDED.includes(fields[0]) ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
