import { Status, type StatusLine } from '../protocol/status.js';

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

export const denied = (message: string) => new Refusal(Status.EPERM, message);
export const invalid = (field: string, problem: string) =>
  new Refusal(Status.EINVAL, `${field}: ${problem}`);
export const exists = (message: string) => new Refusal(Status.EEXIST, message);
export const notFound = (message: string) => new Refusal(Status.ENOENT, message);

/** The refusal as a response whose first field is `messages`. */
export const inMessages = (refusal: StatusLine) => ({ messages: [refusal] });
