/**
 * Processes that were killed and are still there: one that waits for a file system that does not
 * answer ends when that does, and not before. Nobody waits for them. They are counted, so that
 * what makes them hang is left alone, and told of.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { CeoError } from '../errors.js';

/** What was started, and for whom. */
export interface Started {
  readonly program: string;
  /** Whose it is: then it counts against them alone, and not against the program. */
  readonly forWhom: string | undefined;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

export interface Lingering extends Started {
  /** Its process group. */
  readonly pid: number;
}

/** Further ones are not started: for one person, for anybody, of a program that is for nobody. */
const MAX_FOR_PERSON = 2;
const MAX_FOR_ALL = 64;
const MAX_OF_PROGRAM = 8;

/** There is no event for the end of a process that is not, or no longer, a child. */
const LOOK_AGAIN_MS = 1_000;

const all = new Map<number, { readonly what: Lingering; readonly ended: () => void }>();
let looking: NodeJS.Timeout | undefined;
let listener: ((here: readonly Lingering[], gone: readonly Lingering[]) => void) | undefined;

/** @param onChange called with what lingers now, and what does no more, whenever that changes */
export function watchLingering(onChange: NonNullable<typeof listener>): void {
  listener = onChange;
}

/** @throws CeoError unreachable, if too many of its kind linger to start another */
export function refuseMore({ program, forWhom }: Omit<Started, 'startedAt'>): void {
  const isTooMany =
    forWhom === undefined
      ? count((each) => each.forWhom === undefined && each.program === program) >= MAX_OF_PROGRAM
      : count((each) => each.forWhom === forWhom) >= MAX_FOR_PERSON ||
        count((each) => each.forWhom !== undefined) >= MAX_FOR_ALL;
  if (!isTooMany) return;
  const whose = forWhom === undefined ? program : `${program} for ${forWhom}`;
  throw new CeoError(
    'unreachable',
    `${whose} is not started: processes before it hang, and cannot be killed`,
  );
}

/** Notes a process group that was killed. @returns a promise for its end */
export function noteLingering(what: Lingering): Promise<void> {
  return new Promise((ended) => {
    all.set(what.pid, { what, ended });
    listener?.(here(), []);
    lookAgain();
  });
}

const count = (isAlike: (each: Lingering) => boolean) => here().filter(isAlike).length;

const here = (): Lingering[] => [...all.values()].map(({ what }) => what);

function lookAgain(): void {
  looking ??= setTimeout(() => {
    looking = undefined;
    const alive = groupsAlive([...all.keys()]);
    const gone = [...all.values()].filter(({ what }) => !alive.has(what.pid));
    for (const { what } of gone) all.delete(what.pid);
    if (gone.length > 0) {
      listener?.(
        here(),
        gone.map(({ what }) => what),
      );
    }
    for (const { ended } of gone) ended();
    if (all.size > 0) lookAgain();
  }, LOOK_AGAIN_MS).unref();
}

/** Which of these process groups have a process that runs, or would. */
export function groupsAlive(groups: readonly number[]): ReadonlySet<number> {
  const known = new Set(groups.filter(exists));
  if (known.size === 0) return known;
  const alive = new Set<number>();
  for (const pid of readdirSync('/proc')) {
    const [state = '', , group] = /^\d+$/.test(pid) ? statOf(pid) : [];
    // A zombie is not waited for: whose it is may never look for it.
    if (known.has(Number(group)) && state !== 'Z' && state !== 'X') alive.add(Number(group));
  }
  return alive;
}

function exists(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** State, parent, process group…, proc_pid_stat(5): what is behind the name, which may be anything. */
function statOf(pid: string): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
