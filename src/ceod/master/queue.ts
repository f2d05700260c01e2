/** Connections that wait for a session process, each as long as its login deadline allows. */
import type net from 'node:net';

/** An accepted connection of which nothing was read yet. */
export interface Connection {
  readonly socket: net.Socket;
  /** Of the peer. */
  readonly address: string;
  /** Address and port, for the log. */
  readonly peer: string;
  /** Milliseconds since the epoch. */
  readonly acceptedAt: number;
}

export interface QueueEvents {
  /** One has waited for too long, and was closed. */
  readonly onExpired: () => void;
  /** The queue does not get empty: told after a second, and again from time to time. */
  readonly onLong: (longestMs: number) => void;
}

/** By a reset, so that a client can tell that nobody looked at what it sent. */
export function turnAway(socket: net.Socket): void {
  socket.resetAndDestroy();
}

const LONG_MS = 1_000;
const STILL_LONG_MS = 10_000;

export class ConnectionQueue {
  private readonly waiting: Connection[] = [];
  private readonly expiries = new Map<Connection, NodeJS.Timeout>();
  private report: NodeJS.Timeout | undefined;

  constructor(
    private readonly deadlineMs: number,
    private readonly events: QueueEvents,
  ) {}

  get length(): number {
    return this.waiting.length;
  }

  get first(): Connection | undefined {
    return this.waiting[0];
  }

  push(connection: Connection): void {
    this.waiting.push(connection);
    this.expire(connection);
  }

  /** For one that waits again: it is the first, and its deadline is as it was. */
  unshift(connection: Connection): void {
    this.waiting.unshift(connection);
    this.expire(connection);
  }

  shift(): Connection | undefined {
    const { first } = this;
    if (first !== undefined) this.remove(first);
    return first;
  }

  countOf(address: string): number {
    return this.waiting.filter((connection) => connection.address === address).length;
  }

  /** Closes all that wait, or some. */
  close(which: (connection: Connection) => boolean = () => true): void {
    for (const connection of this.waiting.filter(which)) {
      this.remove(connection);
      turnAway(connection.socket);
    }
  }

  /** All that wait, who wait no more here. */
  giveUp(): net.Socket[] {
    const sockets = this.waiting.map(({ socket }) => socket);
    for (const connection of [...this.waiting]) this.remove(connection);
    return sockets;
  }

  private expire(connection: Connection): void {
    const left = connection.acceptedAt + this.deadlineMs - Date.now();
    const timer = setTimeout(
      () => {
        this.remove(connection);
        turnAway(connection.socket);
        this.events.onExpired();
      },
      Math.max(0, left),
    );
    this.expiries.set(connection, timer);
    this.report ??= this.reportIn(LONG_MS);
  }

  private remove(connection: Connection): void {
    clearTimeout(this.expiries.get(connection));
    this.expiries.delete(connection);
    this.waiting.splice(this.waiting.indexOf(connection), 1);
    if (this.waiting.length > 0) return;
    clearTimeout(this.report);
    this.report = undefined;
  }

  private reportIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.events.onLong(Date.now() - (this.first?.acceptedAt ?? Date.now()));
      this.report = this.reportIn(STILL_LONG_MS);
    }, ms);
  }
}
