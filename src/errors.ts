/**
 * The register of what can go wrong, and the one error class of the project. A new kind is a new
 * entry: the tables of README.md and docs/protocol.md are held against it.
 */

export interface Kind {
  /** Of ceo and ceoc; 0 is success. */
  readonly exit: number;
  readonly meaning: string;
  /**
   * What an op's reply tells it by (docs/protocol.md §5): errno-like. The first one is what ceod
   * sends for it; none: it is nothing that a reply can tell.
   */
  readonly statuses: Readonly<Record<string, number>>;
  /**
   * ceod passes on what became of something that it asked of a server itself. The rest is of the
   * asking, and nothing to whoever sent the request.
   */
  readonly passedOn?: true;
  readonly changed: string;
  /** What to do, where the error itself does not say it. */
  readonly next?: string;
}

const NOTHING = 'Nothing was changed.';

const REGISTER = {
  failed: {
    exit: 1,
    meaning: 'refused or failed; nothing was changed',
    statuses: { EIO: 5, EKERB: -2, ELDAP: -3, EHOME: -4, EQUOTA: -5 },
    changed: NOTHING,
    next: 'Correct what it names, and try again; or tell the systems committee.',
  },
  usage: {
    exit: 2,
    meaning: 'the command line or the request is wrong; nothing was sent',
    statuses: { EINVAL: 22 },
    changed: NOTHING,
    next: 'Correct it, and try again.',
  },
  denied: {
    exit: 3,
    meaning: 'you may not do this',
    statuses: { EPERM: 1 },
    changed: NOTHING,
    next: 'Ask somebody who may do this.',
  },
  not_found: {
    exit: 4,
    meaning: 'what was named does not exist',
    statuses: { ENOENT: 2 },
    changed: NOTHING,
    next: 'Check the spelling.',
  },
  unreachable: {
    exit: 5,
    meaning: 'a server cannot be reached; nothing was done',
    statuses: { EHOSTUNREACH: 113 },
    passedOn: true,
    changed: NOTHING,
  },
  outcome_unknown: {
    exit: 6,
    meaning:
      'the reply was lost, or does not say: it may or may not have been done; the message says how to look',
    statuses: { ETIMEDOUT: 110 },
    passedOn: true,
    changed: 'It may or may not have been done: check before you try again.',
  },
  partly_failed: {
    exit: 7,
    meaning: 'a first part was done and stands; the command that finishes it is printed',
    statuses: {},
    changed: 'What was done before stands.',
  },
  unauthenticated: {
    exit: 8,
    meaning: 'no ticket, or authentication failed',
    statuses: {},
    changed: NOTHING,
  },
  exists: {
    exit: 9,
    meaning: 'it exists already',
    statuses: { EEXIST: 17 },
    passedOn: true,
    changed: NOTHING,
    next: 'Choose another name, or look at what there is.',
  },
  config: {
    exit: 10,
    meaning: 'the configuration is wrong',
    statuses: {},
    changed: NOTHING,
  },
  busy: {
    exit: 11,
    meaning: 'nothing was done, as others are at it just now; try again in a moment',
    statuses: { EBUSY: 16 },
    passedOn: true,
    changed: NOTHING,
  },
} as const satisfies Readonly<Record<string, Kind>>;

export type ErrorCode = keyof typeof REGISTER;

export const kinds: Readonly<Record<ErrorCode, Kind>> = REGISTER;

type Statuses = (typeof REGISTER)[ErrorCode]['statuses'];
type StatusName = Statuses extends infer S ? (S extends unknown ? keyof S : never) : never;

/** The statuses of replies, by name: 0, or errno-like. */
export const Status = Object.fromEntries([
  ['OK', 0],
  ...Object.values(kinds).flatMap(({ statuses }) => Object.entries(statuses)),
]) as Readonly<Record<StatusName | 'OK', number>>;

/**
 * `message` is for the person in front of the terminal: one plain sentence saying what went wrong.
 * `next` says what to do about it: a sentence or a command. `cause` keeps the underlying error for
 * the log; it is never sent to a peer.
 */
export class CeoError extends Error {
  override readonly name = 'CeoError';
  readonly next: string | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: { next?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.next = options.next;
  }
}

const codes = Object.keys(REGISTER) as ErrorCode[];

/** What a program ends with. */
export const exitStatus = Object.fromEntries(
  codes.map((code) => [code, kinds[code].exit]),
) as Readonly<Record<ErrorCode, number>>;

/** Whatever was thrown, as what a program tells. */
export const asCeoError = (error: unknown): CeoError =>
  error instanceof CeoError ? error : new CeoError('failed', messageOf(error), { cause: error });

/** The kind that a status of a reply means; of one that we do not know: it failed. */
export const codeOfStatus = (status: number): ErrorCode =>
  codes.find((code) => Object.values(kinds[code].statuses).includes(status)) ?? 'failed';

/** What an error says, whatever was thrown. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
