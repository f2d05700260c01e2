/** The last errors that were logged, by whichever process of the daemon: a few, for `ceod status`. */
import type { Failure } from './status.js';

const MOST = 20;
const MAX_MESSAGE = 500;

/** How a line begins that is of level error or above: the log's own form (base/log.ts). */
const BEGINS = /^\{"level":"(error|fatal)"/;

export class Failures {
  private readonly lines: string[] = [];
  private count = 0;

  /** Takes any line of the log. */
  note(line: string): void {
    if (!BEGINS.test(line)) return;
    this.count += 1;
    this.lines.push(line);
    if (this.lines.length > MOST) this.lines.shift();
  }

  /** The newest last. */
  get told() {
    return { count: this.count, last: this.lines.flatMap(failureOf) };
  }
}

interface Fields {
  readonly time?: unknown;
  readonly process?: unknown;
  readonly msg?: unknown;
  readonly err?: { readonly message?: unknown };
}

function failureOf(line: string): Failure[] {
  try {
    const { time, process, msg, err } = JSON.parse(line) as Fields;
    const message = [msg, err?.message].filter((each) => typeof each === 'string').join(': ');
    return [
      { time: String(time), process: String(process), message: message.slice(0, MAX_MESSAGE) },
    ];
  } catch {
    return [];
  }
}
