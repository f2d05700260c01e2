/**
 * Where the lines of a log go. What cannot be written at once waits, up to a limit; what is beyond
 * it is dropped, counted, and told of when there is room. A write neither blocks nor throws,
 * whatever becomes of the disk, of the terminal, or of whoever is to read.
 */
import { constants, openSync, writeSync } from 'node:fs';
import net from 'node:net';
import { isatty } from 'node:tty';

/** @returns false if it does not take the text */
export type Sink = (text: string) => boolean;

/** What may wait for a reader. */
const MAX_WAITING = 1 << 20;

/** When it is tried again to tell of what was dropped. */
const RETRY_MS = 1_000;

const STDERR = 2;

export class LogOutput {
  private dropped = 0;
  private retry: NodeJS.Timeout | undefined;

  /** @param notice the line that tells of lines dropped */
  constructor(
    private readonly sink: Sink,
    private readonly notice: (count: number) => string,
    private readonly onLine: (line: string) => void = () => undefined,
  ) {}

  /** @param line with its line feed */
  write(line: string): void {
    this.onLine(line);
    this.tellDropped();
    if (this.dropped === 0 && this.sink(line)) return;
    this.dropped += 1;
    this.retry ??= setInterval(() => this.tellDropped(), RETRY_MS).unref();
  }

  private tellDropped(): void {
    if (this.dropped === 0 || !this.sink(this.notice(this.dropped))) return;
    this.dropped = 0;
    clearInterval(this.retry);
    this.retry = undefined;
  }
}

/** Standard error, whatever it is. Call it once. */
export function standardError(): Sink {
  try {
    return toSocket(new net.Socket({ fd: STDERR, readable: false, writable: true }));
  } catch {
    // A file, a device or a terminal.
    return toFile(isatty(STDERR) ? withoutBlocking(STDERR) : STDERR);
  }
}

/** A pipe or a socket, which the kernel takes from as much as there is room for. */
function toSocket(socket: net.Socket): Sink {
  // Nobody reads any more.
  socket.on('error', () => undefined);
  return (text) => {
    if (!socket.writable || socket.writableLength + text.length > MAX_WAITING) return false;
    socket.write(text);
    return true;
  };
}

function toFile(fd: number): Sink {
  let torn = false;
  return (text) => {
    const bytes = Buffer.from(torn ? `\n${text}` : text);
    try {
      torn = writeSync(fd, bytes) < bytes.length;
      return !torn;
    } catch {
      return false;
    }
  };
}

/** The same terminal, which somebody may have stopped; whoever shares ours goes on as ever. */
function withoutBlocking(fd: number): number {
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
  try {
    return openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return fd;
  }
}
