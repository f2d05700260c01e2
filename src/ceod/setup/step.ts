/** What a host or a realm needs, one thing each: whether it is there, and the commands that make it. */
import { run, SYSTEM_PATH } from '../../process/run.js';

export interface Step {
  /** For people: what there is when it is done. */
  readonly what: string;
  /** Undefined: it cannot be told from this machine. */
  isDone(): Promise<boolean | undefined>;
  /** For sh, as a person would paste it; asked for only when it is not done. */
  commands(): Promise<string> | string;
  /** The way back, for sh as well. */
  undo(): Promise<string> | string;
  /** Why a person has to do it. */
  byHand?(): Promise<string | undefined> | string | undefined;
}

export interface Planned {
  readonly what: string;
  readonly state: 'done' | 'missing' | 'by hand';
  readonly commands?: string;
  readonly undo?: string;
  readonly why?: string;
  /** What became of the commands, if they were run and failed. */
  readonly error?: string;
}

/** For kadmin and slapd on a busy machine. */
const TIMEOUT_MS = 60_000;

/** That of whoever runs it, with the folders of servers' tools, and words that can be read. */
function environment(): Record<string, string> {
  const own = Object.entries(process.env).filter(
    (each): each is [string, string] => each[1] !== undefined,
  );
  const PATH = `${process.env['PATH'] ?? ''}:${SYSTEM_PATH}`.replace(/^:/, '');
  return { ...Object.fromEntries(own), PATH, LC_ALL: 'C.UTF-8' };
}

/** What a program says, undefined if it fails or is not there. */
export async function ask(program: string, ...args: string[]): Promise<string | undefined> {
  const options = { env: environment(), timeoutMs: TIMEOUT_MS };
  const { status, stdout } = await run(program, args, options);
  return status === 0 ? stdout : undefined;
}

export async function look(step: Step): Promise<Planned> {
  const { what } = step;
  const isDone = await step.isDone();
  if (isDone === true) return { what, state: 'done' };
  const why =
    (await step.byHand?.()) ??
    (isDone === undefined ? 'it cannot be told from here whether it is done' : undefined);
  return {
    what,
    state: why === undefined ? 'missing' : 'by hand',
    commands: await step.commands(),
    undo: await step.undo(),
    ...(why !== undefined && { why }),
  };
}

/** Runs exactly what look() has shown, and looks again: commands may succeed in vain. */
export async function carryOut(step: Step, planned: Planned): Promise<Planned> {
  const { commands } = planned;
  if (planned.state !== 'missing' || commands === undefined) return planned;
  const { status, stdout, stderr } = await run('sh', ['-ec', commands], {
    env: environment(),
    timeoutMs: TIMEOUT_MS,
  });
  if (status !== 0) return { ...planned, error: (stderr || stdout).trim() || 'it failed' };
  if ((await step.isDone()) === false)
    return { ...planned, error: `it was run, and is not done: ${(stderr || stdout).trim()}` };
  return { ...planned, state: 'done' };
}
