/** The lines of a reply (docs/protocol.md §5). */
import { Status } from '../errors.js';

export { Status };

export interface StatusLine {
  readonly status: number;
  readonly message: string;
}

export const success = (message: string): StatusLine => ({ status: Status.OK, message });

/** Something that did not go as wished but is not needed for success: status 0. */
export const warning = (message: string): StatusLine => success(`${WARNING}${message}`);

export const isWarning = ({ status, message }: StatusLine): boolean =>
  status === Status.OK && message.startsWith(WARNING);

/** The lines of a response; none if it has no `messages`. */
export const linesOf = (response: object): readonly StatusLine[] =>
  'messages' in response ? (response.messages as readonly StatusLine[]) : [];

/** The first failing line, which is the reason; undefined when all succeeded. */
export const firstFailure = (lines: readonly StatusLine[]): StatusLine | undefined =>
  lines.find(({ status }) => status !== Status.OK);

/** Why a name is refused for the moment: somebody else's request for it is not over yet. */
export const busyMessage = (username: string): string =>
  `${username} is being created or cleaned up just now; try again in a moment`;

export const isBusy = ({ status }: StatusLine): boolean => status === Status.EBUSY;

const WARNING = 'warning: ';
