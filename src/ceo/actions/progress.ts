/** How somebody who watches an action hears how far it is, and says whether it goes on. */
import { CeoError } from '../../errors.js';
import type { StatusLine } from '../../protocol/status.js';

export interface Progress {
  /** A part begins: `Making the account`. */
  begin(part: string): void;
  /** What ceod did so far. */
  show(steps: readonly StatusLine[]): void;
  /** Whether what has not begun is to stay undone. */
  stopped(): boolean;
}

/** Nobody watches. */
export const unwatched: Progress = {
  begin: () => undefined,
  show: () => undefined,
  stopped: () => false,
};

/** Begins a part. @throws CeoError failed if it is to stay undone */
export function beginPart(progress: Progress, part: string): void {
  if (progress.stopped()) throw new CeoError('failed', 'you stopped it');
  progress.begin(part);
}
