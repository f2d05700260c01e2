import { CeoError, codeOfStatus } from '../errors.js';
import { firstFailure, isWarning, linesOf, type StatusLine } from '../protocol/status.js';
import type { MethodName } from '../protocol/ops.js';
import { lost } from './lookUp.js';

/** The error that lines mean, if their statuses are not all 0 (docs/protocol.md §5). */
export function refusalOf(lines: readonly StatusLine[]): CeoError | undefined {
  const failure = firstFailure(lines);
  if (failure === undefined) return undefined;
  // Behind a failure it is about what could not be undone.
  const left = lines.slice(lines.indexOf(failure)).find(isWarning);
  if (left !== undefined)
    return new CeoError('partly_failed', failure.message, { next: left.message });
  return new CeoError(codeOfStatus(failure.status), failure.message);
}

/** The beginnings of mailman's line that mean that there is nothing left to do (docs/protocol.md §4.3). */
const DONE = /^(Subscribed|Already a member|Disabled): /;

/** The same for the one line of mailman. */
export function refusalOfLine(line: string): CeoError | undefined {
  if (DONE.test(line)) return undefined;
  if (line === '' || line.startsWith('Unknown: ')) {
    const message =
      line === '' ? 'ceod answered without a word: it may or may not have been done.' : line;
    return lost('subscribe', message);
  }
  return new CeoError(line.startsWith('Access denied') ? 'denied' : 'failed', line);
}

/** The error that a response means, whatever it tells it by. */
export const refusalOfResponse = (response: object): CeoError | undefined =>
  'line' in response ? refusalOfLine(String(response.line)) : refusalOf(linesOf(response));

/** The error that a success without the password means, which it should tell. */
export function untold(
  method: MethodName,
  password: string | undefined,
  username: string,
): CeoError | undefined {
  if (password !== undefined && password !== '') return undefined;
  return lost(method, `ceod told no password: ${username} may have another.`);
}
