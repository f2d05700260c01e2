/**
 * Runs other programs: arguments as an array, never through a shell; the
 * environment exactly as given; a process group of its own, killed as a whole
 * when the time is up, and by the kernel when this process dies. Nobody waits
 * for what does not die of it (lingering.ts).
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { groupsAlive, noteLingering, refuseMore, type Started } from './lingering.js';

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
  /** The person whose files it works with: what hangs there counts against them alone. */
  readonly forWhom?: string;
  /** Open files that it gets as descriptors from 3 on. */
  readonly files?: readonly number[];
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
  /** Some of it is still there, though it was killed; resolves when that is over. */
  readonly lingers?: { readonly end: Promise<void> };
}

/** How long output is waited for when the program itself has ended. */
const AFTER_EXIT_MS = 500;

/** How long a killed process group may take to end. */
const AFTER_KILL_MS = 500;
const LOOK_AGAIN_MS = 20;

/** What one child may print, per stream; what is more is read and dropped. */
const MAX_OUTPUT = 1 << 20;

/**
 * Resolves soon after the time is up at the latest, whether or not what it killed is dead.
 * @throws Error if the program cannot be started
 */
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
  { timeoutMs, input = '', ...options }: RunOptions,
): Promise<RunResult<Buffer>> {
  return new Promise((resolve, reject) => {
    const child = start(program, args, options);
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    const settle = (result: Pick<RunResult, 'status' | 'timedOut' | 'lingers'>) =>
      resolve({ ...result, stdout: stdout(), stderr: stderr().toString('utf8') });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      kill(child).then(
        (lingers) =>
          settle({ status: child.exitCode ?? undefined, timedOut, ...(lingers && { lingers }) }),
        reject,
      );
    }, timeoutMs);
    child.stdin.end(input);
    child.on('error', (error) => {
      if (timedOut) return;
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
      if (timedOut) return;
      clearTimeout(timer);
      settle({ status: status ?? undefined, timedOut });
    });
  });
}

export type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const started = new WeakMap<Child, Started>();

/**
 * Starts a program that is spoken to while it runs; `error` tells that it could not be started.
 * @throws Error if there are no descriptors left for it
 * @throws CeoError unreachable, if several before it hang
 */
export function start(
  program: string,
  args: readonly string[],
  { env, as, forWhom, files = [] }: StartOptions,
): Child {
  refuseMore({ program, forWhom });
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...identity(as), '--', program, ...args], {
    cwd: '/',
    env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', ...files],
  }) as unknown as Child;
  child.on('error', () => undefined);
  const { stdin } = child as { stdin?: Writable };
  if (stdin === undefined) throw new Error(`${program} cannot be started now`);
  // A program that does not read its input is no error of ours.
  stdin.on('error', () => undefined);
  started.set(child, { program, forWhom, startedAt: Date.now() });
  return child;
}

/**
 * Kills its process group, and waits a moment for the end of it.
 * @returns what there is to know of what is still there then
 */
export async function kill(child: Child): Promise<RunResult['lingers']> {
  const { pid } = child;
  const what = started.get(child);
  // What left the group may hold the pipes open for ever.
  child.stdout.destroy();
  child.stderr.destroy();
  if (pid === undefined || what === undefined) return undefined;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself in the meantime, or is not ours to kill.
  }
  for (let waited = 0; waited < AFTER_KILL_MS; waited += LOOK_AGAIN_MS) {
    await sleep(LOOK_AGAIN_MS);
    if (groupsAlive([pid]).size === 0) return undefined;
  }
  // It keeps this process from nothing, its end included.
  child.unref();
  child.stdin.destroy();
  return { end: noteLingering({ ...what, pid }) };
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
