/** The channels that a runner serves: how many a session process may have, and a principal. */
import type net from 'node:net';
import { peerPid } from '../../process/peer.js';

/** A session process has one, and another when that broke; far fewer than a runner can have. */
const MAX_OF_PROCESS = 16;

interface Use {
  readonly pid: number;
  /** Whose connection uses it; undefined: nobody's yet. */
  principal: string | undefined;
}

export class Channels {
  private readonly open = new Map<net.Socket, Use>();

  /** @param maxOfPrincipal connections at a time */
  constructor(private readonly maxOfPrincipal: number) {}

  /** @returns false if its process has too many: it may be captured */
  add(socket: net.Socket): boolean {
    const pid = peerPid(socket);
    if (pid === undefined || this.count((use) => use.pid === pid) >= MAX_OF_PROCESS) return false;
    this.open.set(socket, { pid, principal: undefined });
    socket.on('close', () => this.open.delete(socket));
    return true;
  }

  /** @returns false if the principal has as many as one may have, besides this one */
  use(socket: net.Socket, principal: string): boolean {
    const use = this.open.get(socket);
    if (use === undefined) return false;
    if (use.principal === principal) return true;
    if (this.count((each) => each.principal === principal) >= this.maxOfPrincipal) return false;
    use.principal = principal;
    return true;
  }

  private count(which: (use: Use) => boolean): number {
    return [...this.open.values()].filter(which).length;
  }
}
