import { CeoError, exitStatus, type ErrorCode } from '../../errors.js';
import { isWarning, Status, type StatusLine } from '../../protocol/status.js';
import { printableJson } from '../../printable.js';
import type { Terminal } from '../terminal.js';
import { whatWasChanged } from '../whatNext.js';

/** What a command came to. */
export interface Report {
  /** The JSON object of --json, but for `error` and `finish`. */
  readonly data: object;
  /** Tells it to people. */
  readonly print: () => void;
  readonly problem?: CeoError | undefined;
  /** The command that does what is missing. */
  readonly finish?: string | undefined;
  /** What follows once all that was told. */
  readonly afterwards?: () => Promise<void>;
}

export const report = (
  data: object,
  print: () => void,
  more: Omit<Report, 'data' | 'print'> = {},
): Report => ({ data, print, ...more });

interface Printing {
  readonly json: boolean;
  /** Whether the command may have changed something. */
  readonly changes: boolean;
}

/** @returns the exit status */
export function printReport(
  terminal: Terminal,
  { data, print, problem, finish }: Report,
  { json, changes }: Printing,
): number {
  if (json) {
    const error = problem && { code: problem.code, message: problem.message, next: problem.next };
    terminal.print(printableJson({ ...data, error, finish }, withoutOwn));
  } else {
    print();
  }
  if (problem === undefined) return 0;
  printError(terminal, problem, changes);
  if (finish !== undefined) terminal.note(`To finish: ${finish}`);
  return exitStatus[problem.code];
}

/** `$typeName` is how protobuf messages know themselves, and nobody else's business. */
const withoutOwn = (key: string, each: unknown) => (key.startsWith('$') ? undefined : each);

/** What each step of an op came to, but for the one that is told as the problem. */
export function printSteps(
  terminal: Terminal,
  steps: readonly StatusLine[],
  problem: CeoError | undefined,
): void {
  for (const line of steps) {
    if (line.status !== Status.OK && line.message === problem?.message) continue;
    const mark = line.status !== Status.OK ? '✗' : isWarning(line) ? '!' : '✓';
    terminal.print(`  ${mark} ${line.message}`);
  }
}

/** With these the message says what is known of it, or it goes without saying. */
const SAYS_IT: readonly ErrorCode[] = ['usage', 'outcome_unknown', 'partly_failed'];

/**
 * What failed, and what to do next.
 * @param changes whether it is said if anything was changed
 */
export function printError(terminal: Terminal, error: CeoError, changes = false): void {
  terminal.note(`ceo: ${error.message}`);
  const changed = changes && !SAYS_IT.includes(error.code) ? whatWasChanged(error) : undefined;
  const more = [changed, error.next].filter((line) => line !== undefined);
  for (const line of more) terminal.note(`     ${line}`);
}
