import { AsyncLocalStorage } from 'node:async_hooks';
import { pino, type Logger } from 'pino';
import { printable, printableJson } from '../../printable.js';
import { LogOutput, standardError } from './logOutput.js';

export type { Logger } from 'pino';

/** What is under way: an op, by its trace, for a client at an address. */
export interface OpOrigin {
  readonly trace: string;
  readonly peer: string;
}

const origins = new AsyncLocalStorage<OpOrigin>();

/** Every line that is logged by the work, and by what it starts, tells which op it belongs to. */
export const inOp = <T>({ trace, peer }: OpOrigin, work: () => T): T =>
  origins.run({ trace, peer }, work);

let output: LogOutput | undefined;

/** Hears every line that this process writes, those of others that it relays among them. */
let hear: (line: string) => void = () => undefined;

export function onLogLine(listener: (line: string) => void): void {
  hear = listener;
}

/**
 * A logger to stderr, one JSON object a line, for journald. Every string goes
 * through the one escape for logs; messages of the protocol go through
 * `redacted` before they get here. Neither blocks nor throws.
 */
export function createLogger(processName: string, level: string): Logger {
  return pino(
    {
      base: { process: processName, pid: process.pid },
      level,
      mixin: () => ({ ...origins.getStore() }),
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => escapeStrings(fields) as Record<string, unknown>,
      },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describeError },
    },
    logOutput(processName),
  );
}

/** The one output of this process. */
export function logOutput(processName: string): LogOutput {
  output ??= new LogOutput(
    standardError(),
    (count) => {
      const known = { level: 'warn', time: new Date().toISOString(), process: processName };
      const msg = 'log lines dropped: there was no room for them';
      return `${printableJson({ ...known, pid: process.pid, count, msg })}\n`;
    },
    (line) => hear(line),
  );
  return output;
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return printable(String(error));
  return {
    name: error.name,
    message: printable(error.message),
    ...('detail' in error && { detail: printable(String(error.detail)) }),
    ...(error.cause !== undefined && { cause: describeError(error.cause) }),
  };
}

/** The same with every string in it escaped, those of keys among them. */
export function escapeStrings(value: unknown): unknown {
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value)) return value.map(escapeStrings);
  if (typeof value === 'object' && value !== null && !(value instanceof Error)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [printable(key), escapeStrings(each)]),
    );
  }
  return value;
}

/** Logs at most one line per interval, and says how many it stands for. */
export class RateLimitedLog {
  private suppressed = 0;
  private nextAt = 0;

  constructor(
    private readonly log: (count: number) => void,
    private readonly intervalMs = 10_000,
  ) {}

  note(): void {
    this.suppressed += 1;
    if (Date.now() < this.nextAt) return;
    this.log(this.suppressed);
    this.suppressed = 0;
    this.nextAt = Date.now() + this.intervalMs;
  }
}
