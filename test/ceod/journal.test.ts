/** Promise: the journal locks a name, tells nobody but one what is left of it, and whatever becomes of the disk, nothing half-made stays. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Journal, JournalEntry } from '../../src/ceod/accounts/journal.js';
import { createLogger } from '../../src/ceod/base/log.js';
import {
  busy,
  StepFailed,
  Stuck,
  Transactions,
  type Outcome,
  type Step,
} from '../../src/ceod/accounts/transaction.js';
import { checkout } from '../../sandbox/checkout.js';
import { eventually } from '../support/eventually.js';
import { folder, run } from '../support/realm.js';

const EIO = 5;
const log = createLogger('journal test', 'silent');

/** Pids are below 2²², proc_pid_stat(5). */
const DEAD = JSON.stringify({ pid: 2 ** 22 + 1, startTime: '1' });

let dir: string;
let reported: string[];
beforeEach(async () => {
  dir = path.join(await mkdtemp(path.join(folder, 'journal-')), 'journal');
  await mkdir(dir);
  reported = [];
});

const report = (file: string) => reported.push(path.basename(file));
const journal = () => new Journal<object>(dir, report);

/** A file as a process that is no more has left it. */
const abandon = (name: string, ...lines: string[]) =>
  writeFile(path.join(dir, `${name}.journal`), lines.map((line) => `${line}\n`).join(''));

let open: JournalEntry<object>[] = [];
afterEach(async () => {
  await Promise.all(open.map((entry) => entry.remove()));
  open = [];
});

async function taken(): Promise<{ name: string; records: object[] }[]> {
  const found = await journal().takeAbandoned();
  open.push(...found.map(({ entry }) => entry));
  return found.map(({ entry: { name }, records }) => ({ name, records }));
}

/** Another process, which runs a script with a journal of this folder. */
function another(script: string): ChildProcess & { lines: AsyncIterator<string> } {
  const source = `
    import { Journal } from './src/ceod/accounts/journal.ts';
    const journal = new Journal(process.env.JOURNAL, () => undefined);
    ${script}`;
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', source],
    // NODE_OPTIONS is jest's.
    {
      cwd: checkout,
      env: { ...process.env, NODE_OPTIONS: '', JOURNAL: dir },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return Object.assign(child, { lines });
}

const line = async ({ lines }: { lines: AsyncIterator<string> }) =>
  String((await lines.next()).value);

/** Steps on a set of names, which stands for the world. */
function world(names: readonly string[], fails: Readonly<Record<string, Error>> = {}) {
  const made = new Set<string>();
  const steps = names.map((name): Step<object, object> => ({
    name,
    do() {
      const error = fails[name];
      if (error instanceof StepFailed && error.changed === 'nothing') throw error;
      made.add(name);
      if (error !== undefined) throw error;
      return Promise.resolve(`successfully made ${name}`);
    },
    undo: () => Promise.resolve(made.delete(name) ? `removed ${name}` : undefined),
  }));
  return { made, steps };
}

const plan =
  (...steps: string[]) =>
  () =>
    Promise.resolve({ plan: {}, steps });

describe('a name is locked', () => {
  test('until its entry is removed', async () => {
    const entry = await journal().begin('x');
    expect(entry).toBeDefined();
    expect(await journal().begin('x')).toBeUndefined();
    await entry?.remove();
    expect(await readdir(dir)).toEqual([]);
    const again = await journal().begin('x');
    expect(again).toBeDefined();
    await again?.remove();
  });

  test('for one of those who begin at once', async () => {
    const entries = await Promise.all(Array.from({ length: 20 }, () => journal().begin('x')));
    const [entry, ...others] = entries.filter((each) => each !== undefined);
    expect(others).toEqual([]);
    expect(await readdir(dir)).toEqual(['x.journal']);
    await entry?.remove();
  });
});

/** Containers may not allow mounts, not even in a namespace of their own. */
const mayMount = spawnSync('unshare', ['--mount', 'true']).status === 0;

describe('a disk that takes nothing when it begins', () => {
  test('a file that may not grow: nothing is left, and the name is free', async () => {
    const { stdout, stderr } = await run([
      // SIGXFSZ, which the kernel sends besides the error, is not what this is about.
      ...(['sh', '-c', 'trap "" XFSZ; exec "$@"', 'sh', process.execPath] as const),
      ...['--import', 'tsx', '--input-type=module', '-e'],
      `import { execFileSync } from 'node:child_process';
       import { readdirSync } from 'node:fs';
       import { Journal } from './src/ceod/accounts/journal.ts';
       const limit = (size) =>
         execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=' + size + ':unlimited']);
       const journal = new Journal('${dir}', () => undefined);
       limit(0);
       let why = 'begun';
       try { await journal.begin('x'); } catch (error) { why = error.code; }
       const left = readdirSync('${dir}');
       limit('unlimited');
       const entry = await journal.begin('x');
       console.log(JSON.stringify({ why, left, again: entry !== undefined }));`,
    ]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ why: 'EFBIG', left: [], again: true });
  });

  /** In a mount namespace of its own: a disk on which this much is left. */
  const onFullDisk = (options: string, fill: string) =>
    run([
      ...(['unshare', '--mount', 'sh', '-ec'] as const),
      `mount -t tmpfs -o ${options} none "$1"
       shift
       exec "$@"`,
      ...['sh', dir, process.execPath, '--import', 'tsx', '--input-type=module', '-e'],
      `import { readdirSync, rmSync, writeFileSync } from 'node:fs';
       import { Journal } from './src/ceod/accounts/journal.ts';
       const dir = '${dir}';
       const journal = new Journal(dir + '/journal', () => undefined);
       await (await journal.begin('before')).remove();
       ${fill}
       let why = 'begun';
       try { await journal.begin('x'); } catch (error) { why = error.code; }
       const left = readdirSync(dir + '/journal');
       free();
       const entry = await journal.begin('x');
       console.log(JSON.stringify({ why, left, again: entry !== undefined }));`,
    ]);

  const outcome = { why: 'ENOSPC', left: [], again: true };

  if (mayMount) {
    test('no blocks: nothing is left, and the name is free', async () => {
      const { stdout, stderr } = await onFullDisk(
        'size=64k',
        `const fill = () => {
         for (let i = 0; ; i += 1) {
           try { writeFileSync(dir + '/filler' + i, Buffer.alloc(4096)); }
           catch { return; }
         }
       };
       fill();
       const free = () => readdirSync(dir).filter((name) => name.startsWith('filler'))
         .forEach((name) => rmSync(dir + '/' + name));`,
      );
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toEqual(outcome);
    });

    test.each([
      ['no inode for its file', 0],
      ['no inode for its name', 1],
    ])('%s: nothing is left, and the name is free', async (_what, spare) => {
      const { stdout, stderr } = await onFullDisk(
        'size=1m,nr_inodes=32',
        `let count = 0;
       for (;; count += 1) {
         try { writeFileSync(dir + '/filler' + count, ''); } catch { break; }
       }
       for (let i = 0; i < ${spare}; i += 1) rmSync(dir + '/filler' + (count -= 1));
       const free = () => {
         while (count > 0) rmSync(dir + '/filler' + (count -= 1));
       };`,
      );
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toEqual(outcome);
    });
  }

  test('a transaction: an error before its first step, and the name is free', async () => {
    const { made, steps } = world(['one']);
    // As if the disk were full from the first record on.
    const full = new Failing((record) => 'plan' in record);
    await expect(new Transactions(steps, full, log).run('x', {}, plan('one'))).rejects.toThrow(
      'ENOSPC',
    );
    expect([...made]).toEqual([]);
    expect(await readdir(dir)).toEqual([]);
  });
});

/** A journal whose disk fails at some records: before or after they are written. */
class Failing extends Journal<unknown> {
  constructor(
    private readonly fails: (record: object) => boolean,
    private readonly moment: 'before' | 'after' = 'before',
  ) {
    super(dir, report);
  }

  override async begin(name: string): Promise<JournalEntry<unknown> | undefined> {
    const entry = await super.begin(name);
    if (entry === undefined) return undefined;
    const append = entry.append.bind(entry);
    entry.append = async (record) => {
      const failing = this.fails(record as object);
      if (!failing || this.moment === 'after') await append(record);
      if (failing) throw new Error('ENOSPC: no space left on device, write');
    };
    return entry;
  }
}

describe('a disk that fails later: what was begun is rolled back all the same', () => {
  test.each<[string, Error, string]>([
    [
      'that a step changed nothing cannot be noted',
      new StepFailed(-3, 'refused', 'nothing'),
      'changedNothing',
    ],
    ['that a step failed cannot be noted', new StepFailed(-3, 'lost', 'maybe'), 'abort'],
    ['that a step failed unexpectedly cannot be noted', new Error('a bug'), 'abort'],
  ])('%s', async (_what, error, record) => {
    const { made, steps } = world(['one', 'two'], { two: error });
    const transactions = new Transactions(steps, new Failing((each) => record in each), log);
    const outcome = await transactions.run('x', {}, plan('one', 'two'));
    if (outcome === busy || outcome instanceof Stuck) throw new Error('the name is taken');
    expect(outcome.committed).toBe(false);
    expect(outcome.lines.map(({ status }) => status).find((status) => status !== 0)).toBe(
      error instanceof StepFailed ? -3 : EIO,
    );
    expect(outcome.lines.at(-1)?.message).toBe('removed one');
    expect([...made]).toEqual([]);
    expect(await readdir(dir)).toEqual([]);
  });

  test.each<[string, 'before' | 'after']>([
    ['an intent', 'before'],
    ['an intent', 'after'],
    ['the commit', 'before'],
    ['the commit', 'after'],
  ])('%s cannot be written down; it failed %s the write', async (what, moment) => {
    const { made, steps } = world(['one', 'two']);
    const fails = (record: object) =>
      what === 'the commit' ? 'commit' in record : 'intent' in record && record.intent === 'two';
    const transactions = new Transactions(steps, new Failing(fails, moment), log);
    const outcome = await transactions.run('x', {}, plan('one', 'two'));
    expect(outcome).toMatchObject({ committed: false });
    const { lines } = outcome as Outcome;
    expect(lines.find(({ status }) => status !== 0)).toMatchObject({ status: EIO });
    expect([...made]).toEqual([]);
    expect(await readdir(dir)).toEqual([]);
  });

  test('what is committed is told as that, even if its journal cannot be removed', async () => {
    const { made, steps } = world(['one']);
    const stays = journal();
    const begin = stays.begin.bind(stays);
    stays.begin = async (name) => {
      const entry = await begin(name);
      if (entry !== undefined) {
        const remove = entry.remove.bind(entry);
        entry.remove = async () => {
          await remove();
          throw new Error('EROFS: read-only file system, unlink');
        };
      }
      return entry;
    };
    const outcome = await new Transactions(steps, stays, log).run('x', {}, plan('one'));
    expect(outcome).toMatchObject({ committed: true });
    expect([...made]).toEqual(['one']);
  });
});

describe('recovery', () => {
  const records = ['{"plan":{"n":1}}', '{"intent":"one"}'];
  const parsed = records.map((each) => JSON.parse(each) as object);

  test('has the records of a process that is no more, without a line that was cut short', async () => {
    await abandon('x', DEAD, ...records);
    await writeFile(path.join(dir, 'x.journal'), '{"intent":"tw', { flag: 'a' });
    expect(await taken()).toEqual([{ name: 'x', records: parsed }]);
    expect(reported).toEqual([]);
    // It is this process's now, on disk as well.
    expect(await taken()).toEqual([]);
    expect(await readFile(path.join(dir, 'x.journal'), 'utf8')).toMatch(
      new RegExp(`^\\{"pid":${process.pid},.*\\n.*\\n.*\\n$`),
    );
  });

  test.each([
    ['nothing', ''],
    ['a first line that was cut short', '{"pid":1'],
    ['zeros, as after a power failure', `${'\0'.repeat(4096)}\n`],
    ['a line of zeros between others', `${DEAD}\n${'\0'.repeat(50)}\n${records.join('\n')}\n`],
    ['a line that is no JSON', `${DEAD}\n{"plan":{}}\n{"intent":\n{"intent":"one"}\n`],
    ['a first line that is no writer', 'null\n'],
    ['a record that is none', `${DEAD}\n{"plan":{}}\nnull\n`],
    ['a record that is a number', `${DEAD}\n42\n`],
  ])(
    '%s in one file: its name stays locked, it is told, the others are recovered',
    async (_what, text) => {
      const { made, steps } = world(['one']);
      made.add('one');
      await abandon('a-good', DEAD, ...records);
      await writeFile(path.join(dir, 'bad.journal'), text);
      await abandon('c-good', DEAD, ...records);
      await new Transactions(steps, journal(), log).recover();
      expect([...made]).toEqual([]);
      expect(await readdir(dir)).toEqual(['bad.journal']);
      expect(await readFile(path.join(dir, 'bad.journal'), 'utf8')).toBe(text);
      expect(reported).toEqual(['bad.journal']);
      expect(await journal().begin('bad')).toBeUndefined();
    },
  );

  test.each<[string, string[], boolean]>([
    ['a commit: it stands', ['{"commit":true}'], true],
    ['no commit: it is rolled back', [], false],
    ['a commit, then an abort: it is rolled back', ['{"commit":true}', '{"abort":true}'], false],
  ])('%s', async (_what, last, stands) => {
    const { made, steps } = world(['one']);
    made.add('one');
    await abandon('x', DEAD, ...records, ...last);
    await new Transactions(steps, journal(), log).recover();
    expect([...made]).toEqual(stands ? ['one'] : []);
    expect(await readdir(dir)).toEqual([]);
  });

  describe('among processes', () => {
    let others: ReturnType<typeof another>[];
    beforeEach(() => {
      others = [];
    });
    afterEach(() => {
      for (const child of others) child.kill('SIGKILL');
    });

    test('an entry goes to exactly one of those who ask at once', async () => {
      const names = Array.from({ length: 30 }, (_, index) => `x${index}`);
      for (const name of names) await abandon(name, DEAD, ...records);
      // Whoever took some lives on while the others ask: what is theirs is not abandoned.
      const script = `
        console.log('ready');
        await new Promise((resolve) => process.stdin.once('data', resolve));
        const found = await journal.takeAbandoned();
        console.log(JSON.stringify(found.map(({ entry }) => entry.name)));
        setInterval(() => undefined, 1000);`;
      others = Array.from({ length: 4 }, () => another(script));
      for (const each of others) expect(await line(each)).toBe('ready');
      for (const { stdin } of others) stdin?.write('go\n');
      const found = await Promise.all(
        others.map(async (each) => JSON.parse(await line(each)) as string[]),
      );
      expect(found.flat().sort()).toEqual([...names].sort());
      expect((await readdir(dir)).sort()).toEqual(names.map((name) => `${name}.journal`).sort());
    });

    test('while another process holds the lock and does not let go: an error that names it, in time', async () => {
      await abandon('alice', DEAD, '{"plan":{}}');
      const script = 'echo held; exec sleep 600';
      const holder = spawn('flock', [`${dir}.lock`, 'sh', '-c', script], { detached: true });
      try {
        await new Promise((resolve) => holder.stdout.once('data', resolve));
        await expect(taken()).rejects.toThrow(
          `${dir}.lock cannot be locked: another process holds it`,
        );
      } finally {
        // With sleep(1), which has inherited the lock.
        if (holder.pid !== undefined) process.kill(-holder.pid, 'SIGKILL');
      }
      expect(await taken()).toMatchObject([{ name: 'alice' }]);
    });

    test('what a live process has begun is left alone; when it has died, it is taken', async () => {
      const child = another(`
        const entry = await journal.begin('x');
        await entry.append({ intent: 'one' });
        console.log('begun');
        setInterval(() => undefined, 1000);`);
      others = [child];
      expect(await line(child)).toBe('begun');
      expect(await taken()).toEqual([]);
      expect(await journal().begin('x')).toBeUndefined();
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      let found: unknown[] = [];
      await eventually(async () => (found = await taken()).length > 0);
      expect(found).toEqual([{ name: 'x', records: [{ intent: 'one' }] }]);
    });

    test('a process that has the same pid by now is not the one that began', async () => {
      await abandon('x', JSON.stringify({ pid: process.pid, startTime: '1' }), ...records);
      expect(await taken()).toEqual([{ name: 'x', records: parsed }]);
    });
  });
});
