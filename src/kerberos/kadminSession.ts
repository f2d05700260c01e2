/**
 * A kadmin(1) that stays open: queries on its standard input, one after the
 * other, as at a terminal. It says nothing of their outcome but text, so that
 * success is its sentence on standard output, an error a line on standard
 * error. Read off src/kadmin/cli/kadmin.c of MIT krb5.
 */
import { Socket } from 'node:net';
import { kill, start, type Child } from '../process/run.js';

export interface KadminQuery {
  /** The full name, as error messages begin with it: `add_principal`, not `addprinc`. */
  readonly command: string;
  readonly args: readonly string[];
  /** What it asks for, in order. */
  readonly passwords?: readonly string[];
  /** What it prints if, and only if, it was done. */
  readonly success: string;
}

export interface KadminAnswer {
  /**
   * - done, refused: text is what it printed, or the error
   * - not_opened: it ended before it took the query; text is its standard error
   * - ended, timed_out: in the middle of the query, or it was killed; there is no text
   */
  readonly outcome: 'done' | 'refused' | 'not_opened' | 'ended' | 'timed_out';
  readonly text: string;
}

const READY = /(?:^|\n)kadmin: {2}$/;
const PASSWORD_WANTED = /(?:^|\n)(?:Enter|Re-enter) password for principal ".*": $/;

export class KadminSession {
  private readonly child: Child;
  private stdout = '';
  private stderr = '';
  private end: 'ended' | 'timed_out' | undefined;
  private changed = (): void => undefined;

  /** Starts it. It keeps no process from ending, unless a query is under way. */
  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    // readline would print what it reads.
    this.child = start('kadmin', args, { env: { ...env, LC_ALL: 'C', SS_READLINE_PATH: 'none' } });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.changed();
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.changed();
    });
    this.child.on('error', ({ message }) => {
      this.stderr += message;
      this.ended('ended');
    });
    this.child.on('close', () => this.ended('ended'));
    this.child.unref();
    for (const pipe of this.child.stdio) if (pipe instanceof Socket) pipe.unref();
  }

  /** Whether it waits for a query. */
  get isReady(): boolean {
    return this.end === undefined && READY.test(this.stdout);
  }

  /** Opening counts for the time as well; when it is up the process is killed. */
  async query(query: KadminQuery, timeoutMs: number): Promise<KadminAnswer> {
    const { command, args, passwords = [] } = query;
    const line = [command, ...args].join(' ');
    // Whatever came behind the end of a line would be the next query.
    if ([line, ...passwords].some((each) => /\p{Cc}/u.test(each))) throw new Error('not one line');
    const timer = setTimeout(() => {
      this.ended('timed_out');
      void kill(this.child);
    }, timeoutMs);
    try {
      return await this.ask(line, query);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Kills it: it keeps nothing, and one that is stopped would not end by itself. */
  close(): void {
    if (this.end === undefined) void kill(this.child);
    this.ended('ended');
  }

  private async ask(line: string, query: KadminQuery): Promise<KadminAnswer> {
    const { command, passwords = [], success } = query;
    if (!(await this.until(() => this.isReady))) {
      return this.end === 'timed_out'
        ? this.cutOff()
        : { outcome: 'not_opened', text: this.stderr };
    }
    this.stderr = '';
    this.say(line);
    for (const password of passwords) {
      // Not before it asks: what reads the queries would swallow it.
      const isAsked = () => PASSWORD_WANTED.test(this.stdout);
      if (!(await this.until(() => isAsked() || this.isReady))) return this.cutOff();
      if (isAsked()) this.say(password);
    }
    // The pipes have no common order: the prompt may be here before the error.
    const error = new RegExp(`^${command}: .*\n`, 'm');
    const isDone = () => this.stdout.includes(success);
    if (!(await this.until(() => this.isReady && (isDone() || error.test(this.stderr)))))
      return this.cutOff();
    return isDone()
      ? { outcome: 'done', text: this.stdout }
      : { outcome: 'refused', text: error.exec(this.stderr)?.[0] ?? '' };
  }

  private say(line: string): void {
    this.stdout = '';
    this.child.stdin.write(`${line}\n`);
  }

  /** @returns false if it ended before it came to that */
  private until(isSo: () => boolean): Promise<boolean> {
    return new Promise((resolve) => {
      this.changed = () => {
        if (isSo()) resolve(true);
        else if (this.end !== undefined) resolve(false);
      };
      this.changed();
    });
  }

  private cutOff(): KadminAnswer {
    return { outcome: this.end ?? 'ended', text: '' };
  }

  private ended(how: 'ended' | 'timed_out'): void {
    this.end ??= how;
    this.changed();
  }
}
