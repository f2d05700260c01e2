/**
 * A child process of the master's that runs a program of ours. It hears of the master on its
 * standard input, one JSON text a line; it says single bytes on its standard output, and logs on
 * its standard error, which the master relays. Sockets reach it over a fourth descriptor.
 *
 * It may be captured: nothing that it says is parsed, and nothing makes the master wait or grow.
 */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { messageOf } from '../../errors.js';
import { sendDescriptor, socketPair } from '../../process/descriptors.js';
import { logOutput } from '../base/log.js';
import { LogRelay, type LogAllowance } from './logRelay.js';

export interface ChildProgram {
  /** What it is called in the log. */
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** Its whole environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly log: LogAllowance;
  /** Whether sockets are handed to it. */
  readonly takesSockets: boolean;
}

export interface ChildEvents {
  /** Whatever it says, byte by byte. */
  readonly onReport: (byte: number) => void;
  /**
   * Called once, however it ended, and also when it could not be started.
   * @param status its exit status; undefined if it has none
   */
  readonly onEnd: (why: string, status?: number) => void;
}

/** What may wait for a child to read it: a few messages. */
const MAX_UNREAD = 65_536;

/** How long output is waited for when the process itself has ended. */
const AFTER_EXIT_MS = 500;

export class Child {
  private readonly process: ChildProcess | undefined;
  /** The master's end of the socket over which it gets sockets. */
  private readonly over: number | undefined;
  private killed = false;
  private ended = false;

  /** @param program says what is to be started; if it throws, that is why there is none */
  constructor(
    program: () => ChildProgram,
    private readonly events: ChildEvents,
  ) {
    try {
      [this.process, this.over] = this.start(program());
    } catch (error) {
      setImmediate(() => this.end(messageOf(error)));
      return;
    }
    const child = this.process;
    // One that could not be started has no exit, and it may have no streams.
    child.on('error', (error) => {
      if (child.pid === undefined) this.end(error.message);
    });
    child.stdout?.on('data', (bytes: Buffer) => this.hear(bytes));
    // It may have ended: whoever reads or writes learns of that by its end.
    child.stdin?.on('error', () => undefined);
    child.stdout?.on('error', () => undefined);
    let late: NodeJS.Timeout | undefined;
    child.on('exit', () => {
      late = setTimeout(() => {
        for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
      }, AFTER_EXIT_MS);
    });
    // By then its last words have been read.
    child.on('close', (status, signal) => {
      clearTimeout(late);
      this.end(`exit: ${signal ?? status ?? '?'}`, status ?? undefined);
    });
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  send(message: object): void {
    const stdin = this.process?.stdin;
    if (stdin?.writable !== true) return;
    stdin.write(`${JSON.stringify(message)}\n`);
    if (stdin.writableLength > MAX_UNREAD) this.kill();
  }

  /** Hands a socket over, for the next message to tell of. @returns whether it is on its way */
  sendSocket(socket: Socket): boolean {
    // Node has no public name for the descriptor.
    const { _handle } = socket as { _handle?: { fd?: number } | null };
    const fd = _handle?.fd ?? -1;
    return !this.ended && this.over !== undefined && fd >= 0 && sendDescriptor(this.over, fd);
  }

  /** Nothing that it still says is heard, but for its log. */
  kill(): void {
    this.killed = true;
    this.process?.kill('SIGKILL');
  }

  private hear(bytes: Buffer): void {
    for (const byte of bytes) {
      if (this.killed) return;
      this.events.onReport(byte);
    }
  }

  private start(program: ChildProgram): [ChildProcess, number | undefined] {
    const [ours, theirs] = program.takesSockets ? socketPair() : [];
    try {
      const child = spawnWith(program, theirs);
      const speaker = { process: program.name, pid: child.pid ?? 0 };
      const output = logOutput('master');
      const relay = new LogRelay(speaker, program.log, {
        write: (line) => output.write(line),
        onFlood: () => this.kill(),
      });
      // Not there if there were no descriptors left.
      if (child.pid !== undefined && child.stderr !== null) relay.follow(child.stderr);
      return [child, ours];
    } catch (error) {
      if (ours !== undefined) closeSync(ours);
      throw error;
    } finally {
      if (theirs !== undefined) closeSync(theirs);
    }
  }

  private end(why: string, status?: number): void {
    if (this.ended) return;
    this.ended = true;
    if (this.over !== undefined) closeSync(this.over);
    this.events.onEnd(why, status);
  }
}

function spawnWith({ command, env }: ChildProgram, fourth: number | undefined): ChildProcess {
  const [file, ...args] = command;
  const stdio: StdioOptions = ['pipe', 'pipe', 'pipe'];
  if (fourth !== undefined) stdio.push(fourth);
  return spawn(file, args, { env, stdio });
}
