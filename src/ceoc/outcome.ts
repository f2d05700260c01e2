import { CeoError, type ErrorCode } from '../errors.js';
import { firstFailure, isWarning, Status, type StatusLine } from '../protocol/status.js';

const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  [Status.EPERM]: 'denied',
  [Status.ENOENT]: 'not_found',
  [Status.EBUSY]: 'busy',
  [Status.EEXIST]: 'exists',
  [Status.EINVAL]: 'usage',
  [Status.EHOSTUNREACH]: 'unreachable',
};

/** The lines of a response; none if it has no `messages`. */
export function linesOf(response: object): readonly StatusLine[] {
  return 'messages' in response ? (response.messages as StatusLine[]) : [];
}

/** The error that lines mean, if their statuses are not all 0 (docs/protocol.md §5). */
export function refusalOf(lines: readonly StatusLine[]): CeoError | undefined {
  const failure = firstFailure(lines);
  if (failure === undefined) return undefined;
  // Behind a failure it is about what could not be undone.
  const left = lines.slice(lines.indexOf(failure)).find(isWarning);
  if (left !== undefined)
    return new CeoError('partly_failed', failure.message, { next: left.message });
  return new CeoError(CODE_OF_STATUS[failure.status] ?? 'failed', failure.message);
}

/** The error that a success without the password means, which it should tell. */
export function untold(password: string | undefined, username: string): CeoError | undefined {
  if (password !== undefined && password !== '') return undefined;
  return new CeoError('outcome_unknown', `ceod told no password: ${username} may have another.`, {
    next: 'It is safe to do it again: that sets another password.',
  });
}
