/**
 * Runs other programs: arguments as an array, never through a shell; the
 * environment exactly as given; a process group of its own, killed as a whole
 * when the time is up, and by the kernel when this process dies.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** For programs whose caller's PATH is not ours to trust, or is not there. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** A Unix identity for a child process. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary group ids. */
  readonly groups: readonly number[];
}

export interface StartOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Run as somebody else; needs root. */
  readonly as?: Identity | undefined;
}

export interface RunOptions extends StartOptions {
  readonly timeoutMs: number;
  /** Written to its standard input, which is then closed. */
  readonly input?: string | Uint8Array;
}

export interface RunResult<Output = string> {
  /** The exit status; undefined if it was ended by a signal. */
  readonly status: number | undefined;
  readonly stdout: Output;
  readonly stderr: string;
  /** The time was up and the process group was killed: the outcome is unknown. */
  readonly timedOut: boolean;
}

/** How long output is waited for when the program itself has ended. */
const AFTER_EXIT_MS = 500;

/** What one child may print, per stream; what is more is read and dropped. */
const MAX_OUTPUT = 1 << 20;

/** @throws Error if the program cannot be started */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<RunResult> {
  const result = await runBytes(program, args, options);
  return { ...result, stdout: result.stdout.toString('utf8') };
}

/** The same for a program whose output is no text. @throws Error if it cannot be started */
export function runBytes(
  program: string,
  args: readonly string[],
  { env, timeoutMs, input = '', as }: RunOptions,
): Promise<RunResult<Buffer>> {
  return new Promise((resolve, reject) => {
    const child = start(program, args, { env, as });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      kill(child);
    }, timeoutMs);
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    child.stdin.end(input);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('exit', () => {
      // What it left in the background may hold the pipes open.
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, AFTER_EXIT_MS).unref();
    });
    child.on('close', (status) => {
      clearTimeout(timer);
      resolve({
        status: status ?? undefined,
        stdout: stdout(),
        stderr: stderr().toString('utf8'),
        timedOut,
      });
    });
  });
}

export type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Starts a program that is spoken to while it runs; `error` tells that it could not be started.
 * @throws Error if there are no descriptors left for it
 */
export function start(program: string, args: readonly string[], { env, as }: StartOptions): Child {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...identity(as), '--', program, ...args], {
    cwd: '/',
    env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.on('error', () => undefined);
  const { stdin } = child as { stdin?: Writable };
  if (stdin === undefined) throw new Error(`${program} cannot be started now`);
  // A program that does not read its input is no error of ours.
  stdin.on('error', () => undefined);
  return child;
}

/** Kills its process group. */
export function kill(child: Child): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself in the meantime.
  }
  // What left the group may hold the pipes open for ever.
  child.stdout.destroy();
  child.stderr.destroy();
}

/** setpriv(1) options; without an identity everything stays as it is. */
function identity(as: Identity | undefined): string[] {
  if (as === undefined) return [];
  const groups = as.groups.length === 0 ? ['--clear-groups'] : ['--groups', as.groups.join(',')];
  return ['--reuid', String(as.uid), '--regid', String(as.gid), ...groups];
}

function collect(stream: NodeJS.ReadableStream): () => Buffer {
  const chunks: Buffer[] = [];
  let length = 0;
  stream.on('data', (chunk: Buffer) => {
    if (length < MAX_OUTPUT) chunks.push(chunk);
    length += chunk.length;
  });
  return () => Buffer.concat(chunks);
}
