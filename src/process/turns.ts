/**
 * Turns at something that may never answer, a few at a time. What hangs keeps its place, and no
 * more than that: who comes later is told so instead of waiting behind it.
 */
import { CeoError } from '../errors.js';

interface Place {
  /** By performance.now(). */
  readonly since: number;
}

export class Turns {
  private readonly taken = new Set<Place>();
  private readonly waiting = new Set<() => void>();

  /** @param what is asked, as the subject of an error: `the home of alice` */
  constructor(
    private readonly what: string,
    private readonly places: number,
  ) {}

  get areFree(): boolean {
    return this.taken.size === 0;
  }

  /**
   * @param patienceMs how long a place is waited for; not at all, when all have been taken for longer
   * @returns what gives the place back
   * @throws CeoError unreachable: there was no place
   */
  async take(patienceMs: number): Promise<() => void> {
    const place = this.taken.size < this.places ? this.occupy() : await this.turn(patienceMs);
    return () => {
      if (!this.taken.delete(place)) return;
      const [next] = this.waiting;
      next?.();
    };
  }

  /**
   * Waits for a place, and then for the work, each for that long. Work that takes longer keeps
   * its place until it is over.
   * @throws CeoError unreachable, if there was no place; outcome_unknown, if there is no answer
   */
  async run<T>(timeoutMs: number, work: () => Promise<T>): Promise<T> {
    const giveBack = await this.take(timeoutMs);
    const answer = work().finally(giveBack);
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(this.noAnswer('outcome_unknown')), timeoutMs);
    });
    return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
  }

  private occupy(): Place {
    const place = { since: performance.now() };
    this.taken.add(place);
    return place;
  }

  private turn(patienceMs: number): Promise<Place> {
    const latest = Math.max(...[...this.taken].map(({ since }) => since));
    return new Promise((resolve, reject) => {
      if (performance.now() - latest > patienceMs) {
        reject(this.noAnswer('unreachable'));
        return;
      }
      // The place is this one's at once: who comes in between would take it as well.
      const begin = () => {
        clearTimeout(timer);
        this.waiting.delete(begin);
        resolve(this.occupy());
      };
      const timer = setTimeout(() => {
        this.waiting.delete(begin);
        reject(this.noAnswer('unreachable'));
      }, patienceMs);
      this.waiting.add(begin);
    });
  }

  private noAnswer(code: 'unreachable' | 'outcome_unknown'): CeoError {
    return new CeoError(code, `${this.what} does not answer`);
  }
}
