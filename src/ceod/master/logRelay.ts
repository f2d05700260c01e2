/**
 * The log of a child, which may be captured: the master reads what it says on its standard error
 * and writes the lines itself. Who says it is what the master knows; how much it says is bounded.
 */
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { printable, printableJson } from '../../printable.js';
import { escapeStrings } from '../base/log.js';

/** Whose log it is. */
export interface Speaker {
  readonly process: string;
  readonly pid: number;
}

/** How much a child may log, in bytes; what is more is dropped, and counted. */
export interface LogAllowance {
  /** At once. */
  readonly burst: number;
  /** In a second. */
  readonly rate: number;
  /** What it may say beyond the rate before it is a flood: reading it takes the master's time. */
  readonly flood: number;
}

export interface RelayEvents {
  /** Takes a line, with its line feed. */
  readonly write: (line: string) => void;
  /** It says so much that it is to be ended. */
  readonly onFlood: () => void;
}

/** What is beyond it is cut off. */
const MAX_LINE = 32_768;

/** What each line counts besides its own length: many short ones cost as well. */
const LINE_COST = 128;

/** Output that is no log line (a stack, say) is one line when nothing more has come for so long. */
const PAUSE_MS = 100;

const LEVELS: readonly unknown[] = ['debug', 'info', 'warn', 'error', 'fatal'];

export class LogRelay {
  private readonly decoder = new StringDecoder('utf8');
  private line = '';
  private text = '';
  private pause: NodeJS.Timeout | undefined;
  /** What it may still log. */
  private left: number;
  private countedAt = Date.now();
  private dropped = 0;
  /** What it has said, less what the rate allows. */
  private unpaid = 0;

  constructor(
    private readonly speaker: Speaker,
    private readonly allowance: LogAllowance,
    private readonly events: RelayEvents,
  ) {
    this.left = allowance.burst;
  }

  /** Reads to the end of it, always: who writes to it never waits for a reader. */
  follow(stderr: Readable): void {
    stderr.on('data', (chunk: Buffer) => {
      this.count(chunk.length);
      if (this.unpaid > this.allowance.flood) this.events.onFlood();
      else this.push(this.decoder.write(chunk));
    });
    stderr.on('error', () => undefined);
    stderr.on('close', () => this.end());
  }

  private count(bytes: number): void {
    const { burst, rate } = this.allowance;
    const now = Date.now();
    const earned = ((now - this.countedAt) * rate) / 1000;
    this.countedAt = now;
    this.left = Math.min(burst, this.left + earned);
    this.unpaid = Math.max(0, this.unpaid - earned) + bytes;
  }

  private push(said: string): void {
    const [first = '', ...others] = said.split('\n');
    this.extend(first);
    for (const other of others) {
      this.take(this.line);
      this.line = '';
      this.extend(other);
    }
  }

  private extend(part: string): void {
    if (this.line.length < MAX_LINE) this.line += part.slice(0, MAX_LINE - this.line.length);
  }

  private take(said: string): void {
    const line = this.relayed(said);
    if (line === undefined) {
      this.collect(said);
      return;
    }
    this.flushText();
    this.log(line);
  }

  /** The same line, as the master knows it; undefined if it is none. */
  private relayed(said: string): string | undefined {
    try {
      const fields: unknown = JSON.parse(said);
      if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return undefined;
      const { level, ...others } = escapeStrings(fields) as Record<string, unknown>;
      return this.lineOf(LEVELS.includes(level) ? String(level) : 'error', others);
    } catch {
      // No JSON, or nested more deeply than there is stack.
      return undefined;
    }
  }

  private collect(line: string): void {
    if (line === '') return;
    this.text = `${this.text}${this.text === '' ? '' : '\n'}${line}`.slice(0, MAX_LINE);
    this.pause ??= setTimeout(() => this.flushText(), PAUSE_MS);
  }

  private flushText(): void {
    clearTimeout(this.pause);
    this.pause = undefined;
    if (this.text === '') return;
    const output = printable(this.text, MAX_LINE);
    this.text = '';
    this.log(this.lineOf('error', { output, msg: 'output that is no log line' }));
  }

  private end(): void {
    if (this.line !== '') this.take(this.line);
    this.line = '';
    this.flushText();
    if (this.dropped > 0) this.tellDropped();
  }

  private log(line: string): void {
    const cost = line.length + LINE_COST;
    if (cost > this.left) {
      this.dropped += 1;
      return;
    }
    this.left -= cost;
    if (this.dropped > 0) this.tellDropped();
    this.events.write(line);
  }

  private tellDropped(): void {
    const msg = 'log lines dropped: it says too much';
    this.events.write(this.lineOf('warn', { count: this.dropped, msg }));
    this.dropped = 0;
  }

  private lineOf(level: string, fields: object): string {
    // What the master knows comes last, and wins.
    const known = { level, time: new Date().toISOString(), ...this.speaker };
    return `${printableJson({ ...known, ...fields, ...known })}\n`;
  }
}
