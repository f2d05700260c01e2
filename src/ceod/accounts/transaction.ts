/**
 * All or nothing: steps with do and undo, and a journal record of the intent
 * before each of them. What has no commit record is rolled back: at once when
 * a step fails, at the next start when the process died, again and again while
 * an undo cannot run.
 */
import { messageOf } from '../../errors.js';
import { printable } from '../../printable.js';
import { Status, success, warning, type StatusLine } from '../../protocol/status.js';
import { Backoff } from '../base/backoff.js';
import { MalformedJournal, type Journal, type JournalEntry } from './journal.js';
import type { Logger } from '../base/log.js';

export interface Step<P, S> {
  readonly name: string;
  /**
   * Does it.
   * @returns what to tell: `successfully …`
   * @throws StepFailed
   */
  do(plan: P, tools: StepTools<P, S>): Promise<string>;
  /**
   * Removes what `do` may have made, if it is provably that; nothing, if it is
   * not there. It may run more than once, and in another process than `do`.
   * @returns what to tell, or undefined if there was nothing to remove
   * @throws NotProvable: it stays, and the name locked; Error if it cannot be done just now: it is
   *   tried again later
   */
  undo(plan: P): Promise<string | undefined>;
}

export interface StepTools<P, S> {
  /** What must never be written down. */
  readonly secrets: S;
  /** Adds to the plan what undo will need; on disk when it returns. */
  readonly note: (addition: Partial<P>) => Promise<void>;
}

/** What an undo finds, and cannot tell whose it is: nobody but a person can. */
export class NotProvable extends Error {
  override readonly name = 'NotProvable';
}

/** A step that failed, with its status for the reply. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';

  constructor(
    readonly status: number,
    message: string,
    /** `nothing` if it is certain that the step changed nothing. */
    readonly changed: 'nothing' | 'maybe',
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

type Record_<P> =
  /** What undo needs to know; the first one also tells of which steps it is. */
  | { readonly plan: Partial<P>; readonly steps?: readonly string[] }
  | { readonly intent: string }
  | { readonly changedNothing: string }
  | { readonly commit: true }
  /** What was committed, as far as is known, is rolled back after all. */
  | { readonly abort: true };

export interface Outcome {
  readonly committed: boolean;
  readonly lines: readonly StatusLine[];
}

/** Called around each step; what it throws counts as a failure of the step. */
export type Observer = (step: string, moment: 'before' | 'after') => Promise<void> | void;

/** The name is taken by a transaction that is under way or being rolled back. */
export const busy = Symbol('busy');

/** The name is taken by an entry of the journal that nobody acts upon: somebody has to look at it. */
export class Stuck {
  constructor(
    readonly file: string,
    readonly problem: string,
  ) {}
}

/** What is known of plans besides their steps. */
export interface PlanRules<P> {
  /** Why a plan from the journal is not to be acted upon, whatever wrote it. */
  problemOf(name: string, plan: P): string | undefined;
  /** Whether there is nothing of a name, so that nothing of it can be half-made. */
  isFree(name: string): Promise<boolean>;
}

const NO_RULES = { problemOf: () => undefined, isFree: () => Promise.resolve(true) };

/** Between looks for what others have left. */
const LOOK_EVERY_MS = 5_000;

export class Transactions<P extends object, S> {
  private readonly steps: ReadonlyMap<string, Step<P, S>>;
  /** Why entries that were taken over are not acted upon, by name. */
  private readonly kept = new Map<string, string>();

  /** @param steps in the order in which they are done */
  constructor(
    steps: readonly Step<P, S>[],
    private readonly journal: Journal<unknown>,
    private readonly log: Logger,
    private readonly observe: Observer = () => undefined,
    private readonly rules: PlanRules<P> = NO_RULES,
  ) {
    this.steps = new Map(steps.map((step) => [step.name, step]));
  }

  /**
   * Runs those steps that `plan` needs.
   * @param name locked while the transaction is under way
   * @param prepare makes the plan once the name is locked; what it throws ends
   *   the transaction before its first step
   * @throws Error only before the first step, when nothing was changed
   */
  async run(
    name: string,
    secrets: S,
    prepare: () => Promise<{ plan: P; steps: readonly string[] }>,
  ): Promise<Outcome | typeof busy | Stuck> {
    const entry = (await this.journal.begin(name)) as JournalEntry<Record_<P>> | undefined;
    if (entry === undefined) return (await this.stuck(name)) ?? busy;
    let plan: P;
    let names: readonly string[];
    try {
      ({ plan, steps: names } = await prepare());
      await entry.append({ plan, steps: names });
    } catch (error) {
      await entry.remove();
      throw error;
    }
    const note = async (addition: Partial<P>) => {
      await entry.append({ plan: addition });
      plan = { ...plan, ...addition };
    };
    const lines: StatusLine[] = [];
    const begun: string[] = [];
    try {
      for (const each of names) {
        await entry.append({ intent: each });
        begun.push(each);
        await this.observe(each, 'before');
        lines.push(success(await this.step(each).do(plan, { secrets, note })));
        await this.observe(each, 'after');
      }
      await entry.append({ commit: true });
    } catch (error) {
      this.log.warn({ name, step: begun.at(-1), err: error }, 'a step failed: rolling back');
      const failure = asFailure(error, begun.at(-1) ?? 'begin');
      const record: Record_<P> =
        failure.changed === 'nothing' ? { changedNothing: begun.pop() ?? '' } : { abort: true };
      // Whether or not it can be written down, what was begun is rolled back.
      await entry.append(record).catch((cause: unknown) => {
        this.log.error({ name, err: cause }, 'the journal cannot be written');
      });
      lines.push({ status: failure.status, message: failure.message });
      lines.push(...(await this.rollBackOrLater(entry, plan, begun)));
      return { committed: false, lines };
    }
    await entry.remove().catch((err: unknown) => {
      this.log.error({ name, err }, 'the journal of what is committed cannot be removed');
    });
    return { committed: true, lines };
  }

  /** Rolls back what a process that died left half-made. */
  async recover(): Promise<void> {
    for (const { entry, records } of await this.journal.takeAbandoned()) {
      const { plan, undoable, committed } = replay(records as Record_<P>[]);
      const { name } = entry;
      const problem = await this.problemOf(name, plan, undoable);
      if (committed || (plan === undefined && problem === undefined)) {
        await entry.remove();
      } else if (plan === undefined || problem !== undefined) {
        // It stays, and with it the lock on the name.
        this.kept.set(name, problem ?? '');
        this.log.error(
          { name, file: this.journal.fileOf(name), problem },
          'a journal that ceod did not write: look at what it names, then remove it',
        );
      } else {
        this.log.warn({ name, steps: undoable }, 'rolling back what was left half-made');
        await this.rollBackOrLater(entry, plan, undoable);
      }
    }
  }

  /**
   * Goes on looking for what others leave: one that was alive when this process began, and has
   * ended since, has nobody else who looks after it.
   */
  watch(): void {
    const timer = setTimeout(() => {
      this.recover()
        .catch((err: unknown) => this.log.error({ err }, 'what was left cannot be looked for'))
        .finally(() => this.watch());
    }, LOOK_EVERY_MS);
    timer.unref();
  }

  private async problemOf(
    name: string,
    plan: P | undefined,
    steps: readonly string[],
  ): Promise<string | undefined> {
    if (plan === undefined)
      return (await this.rules.isFree(name)) ? undefined : 'what was planned is missing';
    if (!steps.every((step) => this.steps.has(step))) return 'it has a step that there is none of';
    return this.rules.problemOf(name, plan);
  }

  /** Why nobody acts upon the entry of a name; undefined: somebody does. */
  private async stuck(name: string): Promise<Stuck | undefined> {
    const file = this.journal.fileOf(name);
    let records;
    try {
      records = await this.journal.read(name);
    } catch (error) {
      if (error instanceof MalformedJournal) return new Stuck(file, error.message);
      throw error;
    }
    if (records === undefined) {
      this.kept.delete(name);
      return undefined;
    }
    const { plan } = replay(records as Record_<P>[]);
    const problem = plan && this.rules.problemOf(name, plan);
    const why = problem ?? this.kept.get(name);
    return why === undefined ? undefined : new Stuck(file, why);
  }

  private async rollBackOrLater(
    entry: JournalEntry<unknown>,
    plan: P,
    begun: readonly string[],
    backoff = new Backoff(1_000, 60_000),
  ): Promise<StatusLine[]> {
    try {
      const lines = await this.rollBack(plan, begun);
      await entry.remove();
      this.log.info(
        { name: entry.name, lines: lines.map(({ message }) => message) },
        'rolled back',
      );
      return lines;
    } catch (error) {
      if (error instanceof NotProvable) return [this.keep(entry, error)];
      this.log.error({ name: entry.name, err: error }, 'rolling back is to be tried again');
      backoff.wait(() => void this.rollBackOrLater(entry, plan, begun, backoff));
      return [
        warning(
          `what was made cannot be removed just now (${reasonOf(error)}); this is tried again ` +
            `until it is done, and until then ${entry.name} counts as taken`,
        ),
      ];
    }
  }

  private keep({ name }: JournalEntry<unknown>, { message }: NotProvable): StatusLine {
    const file = this.journal.fileOf(name);
    this.kept.set(name, message);
    this.log.error({ name, file, problem: message }, 'what is left half-made has to be looked at');
    return warning(
      `what was made is not removed: ${message}; ${name} counts as taken until root has looked at it and removed ${file}`,
    );
  }

  private async rollBack(plan: P, begun: readonly string[]): Promise<StatusLine[]> {
    const lines: StatusLine[] = [];
    for (const name of [...begun].reverse()) {
      const told = await this.step(name).undo(plan);
      if (told !== undefined) lines.push(success(told));
    }
    return lines;
  }

  private step(name: string): Step<P, S> {
    const step = this.steps.get(name);
    if (step === undefined) throw new Error(`no step ${name}`);
    return step;
  }
}

/**
 * How far a transaction came, by its records. Some may be missing at the end, if the disk lost
 * them: whatever was planned may have been done.
 */
export function replay<P>(records: readonly Record_<P>[]) {
  let plan: P | undefined;
  let undoable: string[] = [];
  let committed = false;
  for (const record of records) {
    if ('plan' in record) {
      plan = { ...plan, ...record.plan } as P;
      undoable = [...(record.steps ?? undoable)];
    } else if ('intent' in record) {
      if (!undoable.includes(record.intent)) undoable.push(record.intent);
    } else if ('changedNothing' in record) {
      undoable = undoable.filter((step) => step !== record.changedNothing);
    } else committed = 'commit' in record;
  }
  return { plan, undoable, committed };
}

function asFailure(error: unknown, step: string): StepFailed {
  if (error instanceof StepFailed) return error;
  return new StepFailed(Status.EIO, `${step}: ${reasonOf(error)}`, 'maybe', error);
}

function reasonOf(error: unknown): string {
  return printable(messageOf(error));
}
