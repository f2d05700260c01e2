import { CeoError, type ErrorCode } from '../errors.js';
import type { MethodName, Op, Response } from '../protocol/ops.js';
import { firstFailure, Status, type StatusLine } from '../protocol/status.js';

const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  [Status.EPERM]: 'denied',
  [Status.ENOENT]: 'not_found',
  [Status.EEXIST]: 'exists',
  [Status.EINVAL]: 'usage',
};

/** The statuses of a response that begins with `messages`. */
export function linesOf(response: object): readonly StatusLine[] {
  return 'messages' in response ? (response.messages as StatusLine[]) : [];
}

/** The error that a response means, if its statuses are not all 0 (docs/protocol.md §5). */
export function refusalOf<M extends MethodName>(_op: Op<M>, response: Response<M>): CeoError | undefined {
  const failure = firstFailure(linesOf(response));
  if (failure === undefined) return undefined;
  return new CeoError(CODE_OF_STATUS[failure.status] ?? 'failed', failure.message);
}
