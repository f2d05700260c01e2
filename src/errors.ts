/**
 * The one error class of the project, with a closed list of codes.
 *
 * `message` is for the person in front of the terminal: one plain sentence
 * saying what went wrong. `next` says what to do about it. `cause` keeps the
 * underlying error for the log; it is never sent to a peer.
 */
export type ErrorCode = keyof typeof exitStatus;

/** Exit status of ceo and ceoc for each code; 0 is success. */
export const exitStatus = {
  /** The operation was refused or failed; nothing was changed. */
  failed: 1,
  /** The command line or the request is not well-formed. */
  usage: 2,
  /** The caller may not do this (EPERM, LDAP insufficientAccessRights). */
  denied: 3,
  /** The thing named does not exist. */
  not_found: 4,
  /** A server cannot be reached or did not answer a connection in time. */
  unreachable: 5,
  /** The request was sent, the reply is lost: it may or may not have happened. */
  outcome_unknown: 6,
  /** A first part was done and stands, a later part failed. */
  partly_failed: 7,
  /** No ticket, an expired ticket, or authentication failed. */
  unauthenticated: 8,
  /** The thing to be created exists already. */
  exists: 9,
  /** A configuration file is wrong. */
  config: 10,
  /** Nothing was done, as others are at it just now: again in a moment. */
  busy: 11,
} as const;

export class CeoError extends Error {
  readonly code: ErrorCode;
  /** What to do next: a sentence or a command. */
  readonly next: string | undefined;

  constructor(code: ErrorCode, message: string, options: { next?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CeoError';
    this.code = code;
    this.next = options.next;
  }
}

/** What an error says, whatever was thrown. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
