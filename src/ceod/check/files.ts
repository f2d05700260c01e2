/**
 * Questions about files, put by programs: a file system that does not answer then keeps a child
 * waiting, which can be left behind, and none of our own threads.
 */
import { run, type Identity } from '../../process/run.js';

const env = () => ({ PATH: process.env['PATH'] ?? '', LANG: 'C' });

async function ask(program: string, args: readonly string[], timeoutMs: number, as?: Identity) {
  const result = await run(program, args, { env: env(), timeoutMs, as });
  if (result.timedOut) throw new Error(`${args.at(-1) ?? ''} does not answer`);
  return result;
}

export interface Stat {
  readonly kind: 'folder' | 'file' | 'other';
  readonly uid: number;
  readonly mode: number;
  /** Of the file system. */
  readonly device: string;
}

/** What a name leads to; undefined: nothing. @throws Error if it cannot be told */
export async function statOf(file: string, timeoutMs: number): Promise<Stat | undefined> {
  const { status, stdout, stderr } = await ask(
    'stat',
    ['--dereference', '--format=%u %f %d', '--', file],
    timeoutMs,
  );
  if (status !== 0) {
    if (/No such file|Not a directory/.test(stderr)) return undefined;
    throw new Error(stderr.trim().replace(/^stat: /, ''));
  }
  const [uid = '', raw = '', device = ''] = stdout.trim().split(' ');
  const mode = Number.parseInt(raw, 16);
  const format = mode & 0o170000;
  return {
    kind: format === 0o040000 ? 'folder' : format === 0o100000 ? 'file' : 'other',
    uid: Number(uid),
    mode: mode & 0o7777,
    device,
  };
}

/** In percent of all; undefined where the file system does not count them. */
export interface Free {
  readonly space: number | undefined;
  readonly inodes: number | undefined;
}

export async function freeAt(file: string, timeoutMs: number): Promise<Free> {
  const { status, stdout, stderr } = await ask(
    'stat',
    ['--file-system', '--format=%a %b %d %c', '--', file],
    timeoutMs,
  );
  if (status !== 0) throw new Error(stderr.trim().replace(/^stat: /, ''));
  const [blocks = 0, allBlocks = 0, inodes = 0, allInodes = 0] = stdout
    .trim()
    .split(' ')
    .map(Number);
  const percent = (part: number, all: number) => (all > 0 ? (100 * part) / all : undefined);
  return { space: percent(blocks, allBlocks), inodes: percent(inodes, allInodes) };
}

/** test(1), by somebody: `-x` a file that they can execute, `-w` one that they can write. */
export async function holds(
  test: '-x' | '-w' | '-e',
  file: string,
  as: Identity | undefined,
  timeoutMs: number,
): Promise<boolean> {
  return (await ask('test', [test, file], timeoutMs, as)).status === 0;
}
