/** Statuses of a StatusMessage (docs/protocol.md §5): 0, or errno-like. */
export const Status = {
  OK: 0,
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  EBUSY: 16,
  EEXIST: 17,
  EINVAL: 22,
  ETIMEDOUT: 110,
  EHOSTUNREACH: 113,
  EKERB: -2,
  ELDAP: -3,
  EHOME: -4,
  EQUOTA: -5,
} as const;

export interface StatusLine {
  readonly status: number;
  readonly message: string;
}

export const success = (message: string): StatusLine => ({ status: Status.OK, message });

/** Something that did not go as wished but is not needed for success: status 0. */
export const warning = (message: string): StatusLine => success(`${WARNING}${message}`);

export const isWarning = ({ status, message }: StatusLine): boolean =>
  status === Status.OK && message.startsWith(WARNING);

/** The first failing line, which is the reason; undefined when all succeeded. */
export const firstFailure = (lines: readonly StatusLine[]): StatusLine | undefined =>
  lines.find(({ status }) => status !== Status.OK);

/** Why a name is refused for the moment: somebody else's request for it is not over yet. */
export const busyMessage = (username: string): string =>
  `${username} is being created or cleaned up just now; try again in a moment`;

export const isBusy = ({ status }: StatusLine): boolean => status === Status.EBUSY;

const WARNING = 'warning: ';
