/** A child process of the master's that runs a program of ours, with an IPC channel. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import type { Socket } from 'node:net';

export interface ChildEvents {
  /** Whatever it sends: it may be captured, so nothing about it is certain. */
  readonly onMessage: (message: unknown) => void;
  /**
   * Called once, however it ended, and also when it could not be started.
   * @param status its exit status; undefined if it has none
   */
  readonly onEnd: (why: string, status?: number) => void;
}

/** Whose channel is being read. */
const speaking = new AsyncLocalStorage<Child>();

/**
 * Node parses what a child sends before anybody is asked, and throws at what it cannot take: no
 * JSON, or a message of its own protocol out of place. Call it once. @param report hears of it
 */
export function surviveChildren(report: (error: unknown) => void): void {
  process.on('uncaughtException', (error) => {
    const child = speaking.getStore();
    report(error);
    if (child === undefined) process.exit(1);
    child.kill();
  });
}

export class Child {
  private readonly process: ChildProcess | undefined;
  private ended = false;

  constructor(
    program: string,
    options: ForkOptions,
    private readonly events: ChildEvents,
  ) {
    try {
      this.process = speaking.run(this, () =>
        fork(program, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], ...options }),
      );
    } catch (error) {
      setImmediate(() => this.end(String(error)));
      return;
    }
    this.process.on('message', (message, handle: unknown) => {
      // None sends a socket back: it would stay open here.
      if (handle !== undefined) {
        discard(handle);
        this.kill();
        return;
      }
      this.events.onMessage(message);
    });
    // One that could not be started has no exit.
    this.process.on('error', (error) => {
      if (this.process?.pid === undefined) this.end(error.message);
    });
    this.process.on('exit', (status, signal) =>
      this.end(`exit: ${signal ?? status ?? '?'}`, status ?? undefined),
    );
  }

  /** @param onSent called with an error if it did not get there */
  send(message: object, socket?: Socket, onSent: (error: Error | null) => void = () => undefined) {
    if (this.process?.connected !== true) {
      setImmediate(() => onSent(new Error('not connected')));
      return;
    }
    this.process.send(message, socket, { keepOpen: true }, onSent);
  }

  kill(): void {
    this.process?.kill('SIGKILL');
  }

  private end(why: string, status?: number): void {
    if (this.ended) return;
    this.ended = true;
    this.events.onEnd(why, status);
  }
}

function discard(handle: unknown): void {
  const { destroy, close } = handle as { destroy?: () => void; close?: () => void };
  (destroy ?? close)?.call(handle);
}
