import { CeoError, kinds } from '../../errors.js';
import { Status, type StatusLine } from '../../protocol/status.js';

/** An op is refused, and nothing was changed: one line tells why and what to do. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly status: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  get line(): StatusLine {
    return { status: this.status, message: this.message };
  }
}

/** What became of something that was asked of a server: by the error, or else the server's own. */
export function statusOf(error: unknown, otherwise: number): number {
  const kind = error instanceof CeoError ? kinds[error.code] : undefined;
  return (kind?.passedOn === true ? Object.values(kind.statuses)[0] : undefined) ?? otherwise;
}

/** The same where nothing is changed, whatever became of the answer: it only looked, or is undone. */
export const statusOfUnchanged = (error: unknown, otherwise: number): number =>
  error instanceof CeoError && error.code === 'outcome_unknown'
    ? otherwise
    : statusOf(error, otherwise);

export const denied = (message: string) => new Refusal(Status.EPERM, message);
export const invalid = (field: string, problem: string) =>
  new Refusal(Status.EINVAL, `${field}: ${problem}`);
export const busy = (message: string) => new Refusal(Status.EBUSY, message);
export const exists = (message: string) => new Refusal(Status.EEXIST, message);
export const notFound = (message: string) => new Refusal(Status.ENOENT, message);

/** The refusal as a response whose first field is `messages`. */
export const inMessages = (refusal: StatusLine) => ({ messages: [refusal] });
