/** What the master and its children say to each other (child.ts). */

/** How a session process is to behave: sent once, when it starts. */
export interface SessionSettings {
  /** Host-based name of the service: `ceod@HOST`. */
  readonly service: string;
  /** Whose users are served. */
  readonly realm: string;
  /** Op id → path of the socket of the runner that executes it. */
  readonly runners: readonly (readonly [opId: number, socketPath: string])[];
  readonly loginDeadlineMs: number;
  /** The same while other connections wait; from when it is served. */
  readonly busyLoginDeadlineMs: number;
  readonly idleTimeoutMs: number;
  /** The idle timeout while other connections wait. */
  readonly busyIdleTimeoutMs: number;
  readonly logLevel: string;
}

export type ToSession =
  | { readonly kind: 'settings'; readonly settings: SessionSettings }
  /** The socket has been sent before. */
  | { readonly kind: 'connection'; readonly peer: string; readonly acceptedAt: number }
  | { readonly kind: 'pressure'; readonly othersWait: boolean }
  /** Finish the op in hand, if any, and end. */
  | { readonly kind: 'drain' };

/**
 * Exit status of a session process whose connection ended out of order, but not before its peer was
 * authenticated. Node itself has no such status: any other is of what nobody answers for.
 */
export const EXIT_AUTHENTICATED = 20;

/** What a session process says: a byte each, and nothing else. */
export const fromSession = {
  ready: 0x72,
  /** The login deadline is met. */
  authenticated: 0x61,
  /** The connection ended in good order; the process can serve another. */
  done: 0x64,
} as const;

export type FromSession = keyof typeof fromSession;

/** What a runner is to be. */
export interface RunnerOptions {
  /** The op user: the runner serves the ops that are routed to it on this host. */
  readonly user: string;
  /** Whether it holds the admin keytab. */
  readonly isAdmin: boolean;
  /** Where it listens; the folder of the socket guards it. */
  readonly socketPath: string;
}

export type ToRunner =
  /** Sent once, when it starts. */
  | { readonly kind: 'serve'; readonly options: RunnerOptions; readonly logLevel: string }
  /** Finish the ops in hand and end. */
  | { readonly kind: 'drain' };

/** What a runner says: it serves. */
export const RUNNER_SERVES = 0x73;
