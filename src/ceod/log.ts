import { pino, type Logger } from 'pino';
import { printable } from '../printable.js';

export type { Logger } from 'pino';

/**
 * A logger to stderr, one JSON object a line, for journald. Every string goes
 * through the one escape for logs; messages of the protocol go through
 * `redacted` before they get here.
 */
export function createLogger(processName: string, level: string): Logger {
  return pino(
    {
      base: { process: processName, pid: process.pid },
      level,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => escapeStrings(fields) as Record<string, unknown>,
      },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describeError },
    },
    pino.destination({ fd: 2, sync: true }),
  );
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

function escapeStrings(value: unknown): unknown {
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value)) return value.map(escapeStrings);
  if (typeof value === 'object' && value !== null && !(value instanceof Error)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, escapeStrings(each)]),
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
