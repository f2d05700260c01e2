/**
 * A uid for each session process: what one of them could do to another of the same uid (read its
 * memory, take its descriptors, end it) the kernel refuses.
 */
import type { Range } from '../../config/kinds.js';
import { LockFile } from '../../process/rangeLock.js';

export class SessionUids {
  private readonly locks: LockFile;
  private readonly taken = new Set<number>();
  private next: number;

  /**
   * @param file where daemons of one configuration see what the other has taken, as the one that
   *   finishes its ops while its successor serves
   * @throws Error if it cannot be opened
   */
  constructor(
    private readonly range: Range,
    file: string,
  ) {
    this.locks = new LockFile(file);
    this.next = range.first;
  }

  /**
   * One that no session process has; of those, the one that was given back the longest ago.
   * @throws Error if there is none
   */
  take(): number {
    const { first, last } = this.range;
    for (let i = first; i <= last; i += 1) {
      const uid = this.next;
      this.next = uid === last ? first : uid + 1;
      if (this.taken.has(uid) || !this.locks.lock(uid)) continue;
      this.taken.add(uid);
      return uid;
    }
    throw new Error('no uid of session_uids is free');
  }

  /** No process has one of them any more. */
  close(): void {
    this.locks.close();
  }

  /** Its process has ended. */
  giveBack(uid: number): void {
    this.taken.delete(uid);
    this.locks.unlock(uid);
  }
}
