import { exitStatus, type CeoError } from '../../errors.js';
import { isWarning, Status, type StatusLine } from '../../protocol/status.js';
import { printableJson } from '../../printable.js';
import type { Terminal } from '../terminal.js';

/**
 * Prints what a command came to: as one JSON object, or for people.
 * @param result becomes the JSON object, with `error` if there is a problem
 * @param finish the command that does what is missing
 * @returns the exit status
 */
export function printResult(
  terminal: Terminal,
  json: boolean,
  result: object,
  problem: CeoError | undefined,
  finish: string | undefined,
  forPeople: () => void,
): number {
  if (json) {
    const error = problem && { code: problem.code, message: problem.message, next: problem.next };
    terminal.print(printableJson({ ...result, error, finish }, withoutOwn));
  } else {
    forPeople();
  }
  if (problem === undefined) return 0;
  printError(terminal, problem);
  if (finish !== undefined) terminal.note(`To finish: ${finish}`);
  return exitStatus[problem.code];
}

/** `$typeName` is how protobuf messages know themselves, and nobody else's business. */
const withoutOwn = (key: string, each: unknown) => (key.startsWith('$') ? undefined : each);

/** What each step of an op came to. */
export function printSteps(terminal: Terminal, steps: readonly StatusLine[]): void {
  for (const line of steps) {
    const mark = line.status !== Status.OK ? '✗' : isWarning(line) ? '!' : '✓';
    terminal.print(`  ${mark} ${line.message}`);
  }
}

/** What failed, and what to do next. */
export function printError(terminal: Terminal, error: CeoError): void {
  terminal.note(`ceo: ${error.message}`);
  if (error.next !== undefined) terminal.note(`     ${error.next}`);
}
