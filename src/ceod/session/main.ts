/**
 * A session process: serves one connection at a time, as the session user.
 *
 *     frame → GSS accept            until the peer is authenticated, then
 *     frame → GSS unwrap → runner → GSS wrap → frame       for each op
 *
 * It is the only process that parses bytes from the network before their sender
 * is known, and it never decodes the body of an op.
 *
 * Whatever is out of order ends the process: anything that the peer did wrong, a
 * timeout, a failed authentication. Only a connection that ended at a frame
 * boundary, authenticated, leaves a process that may serve another.
 */
import { randomBytes } from 'node:crypto';
import { access } from 'node:fs/promises';
import type net from 'node:net';
import { concealMemory, forkNoMore } from '../../process/confine.js';
import { Acceptor, AcceptorCredential, type AcceptedContext } from '../../gssapi/context.js';
import { GssError } from '../../gssapi/error.js';
import { usernameOf } from '../base/principal.js';
import { encodeFrame, MSG_AUTH, type Frame } from '../../wire/frame.js';
import { readFrames, type Frames } from '../../wire/stream.js';
import { Channel } from '../between/channel.js';
import { hearMaster, say, takeSocket } from '../between/fromMaster.js';
import { createLogger, type Logger, type OpOrigin } from '../base/log.js';
import { acknowledgeNow } from './quickAck.js';
import { printable } from '../../printable.js';
import {
  EXIT_AUTHENTICATED,
  fromSession,
  type FromSession,
  type SessionSettings,
  type ToSession,
} from '../between/masterProtocol.js';

/** When the master hears that the peer is authenticated: most sessions have ended by then. */
const REPORT_AFTER_MS = 1_000;

/** In bytes: enough to tell ops of one log apart. */
const TRACE_LENGTH = 4;

/** How long a runner that is being restarted is waited for. */
const RUNNER_RESTART_MS = 5_000;

/** The peer did something that ends the connection without a reply. */
class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation';
}

class Session {
  private readonly credential: AcceptorCredential;
  private readonly channels: ReadonlyMap<number, Channel>;
  private readonly deadline = new Deadline(() => this.connection?.destroy());
  private connection: net.Socket | undefined;
  /** When the connection was accepted, and when it came here; milliseconds since the epoch. */
  private acceptedAt = 0;
  private servedAt = 0;
  private opInHand = false;
  /** Of the op in hand, or the last one. */
  origin: OpOrigin = { trace: '', peer: '' };
  /** Whether the connection's peer is known. */
  authenticated = false;
  draining = false;

  constructor(
    private readonly settings: SessionSettings,
    private readonly log: Logger,
  ) {
    this.credential = AcceptorCredential.acquire(settings.service);
    const channels = new Map<string, Channel>();
    this.channels = new Map(
      settings.runners.map(([opId, path]) => {
        let channel = channels.get(path);
        if (channel === undefined) {
          channel = new Channel(path, RUNNER_RESTART_MS);
          channels.set(path, channel);
        }
        return [opId, channel];
      }),
    );
  }

  /**
   * Serves a connection until it ends.
   * @param peerName its address and port, for the log
   * @param acceptedAt milliseconds since the epoch; the login deadline counts from it
   * @throws whatever ended it out of order
   */
  async serve(socket: net.Socket, peerName: string, acceptedAt: number): Promise<void> {
    this.connection = socket;
    this.origin = { trace: '', peer: peerName };
    this.authenticated = false;
    socket.allowHalfOpen = true;
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    this.acceptedAt = acceptedAt;
    this.servedAt = Date.now();
    this.deadline.set('login deadline', acceptedAt, this.loginDeadlineMs);
    let report: NodeJS.Timeout | undefined;
    try {
      // The deployed ceoc sends a frame's header and body one by one, and not the body until then.
      const frames = readFrames(socket, { onPartial: () => acknowledgeNow(socket) });
      const peer = await this.authenticate(frames, socket);
      this.authenticated = true;
      report = setTimeout(() => tell('authenticated'), REPORT_AFTER_MS);
      this.log.debug({ peer: peerName, principal: peer.principal }, 'authenticated');
      await this.serveOps(frames, socket, peer).finally(() => peer.context.dispose());
      socket.end();
      for (const channel of this.channels.values()) channel.release();
    } catch (error) {
      throw this.deadline.passed ?? error;
    } finally {
      clearTimeout(report);
      this.deadline.clear();
      this.connection = undefined;
    }
  }

  private async authenticate(frames: Frames, socket: net.Socket): Promise<AcceptedContext> {
    const acceptor = new Acceptor(this.credential);
    try {
      for (;;) {
        const frame = await next(frames);
        if (frame === undefined) throw new ProtocolViolation('closed before authentication');
        if (frame.type !== MSG_AUTH) throw new ProtocolViolation('op before authentication');
        const { token, context } = await this.accept(acceptor, frame.body, socket);
        // The library may have waited, for the replay cache for example, while no timer could fire.
        this.deadline.check();
        // Before the token that completes the client's side: it then knows that nothing was done.
        if (context !== undefined) this.requireUser(context.principal);
        if (token !== undefined) await write(socket, encodeFrame(MSG_AUTH, token));
        if (context !== undefined) return context;
      }
    } finally {
      acceptor.dispose();
    }
  }

  /** Tells the peer why it is refused, in Kerberos' own terms, before that ends the connection. */
  private async accept(acceptor: Acceptor, token: Buffer, socket: net.Socket) {
    try {
      return acceptor.step(token);
    } catch (error) {
      if (error instanceof GssError && error.token !== undefined)
        await write(socket, encodeFrame(MSG_AUTH, error.token));
      throw error;
    }
  }

  /** The runner has the last word; here it is for the client's sake. */
  private requireUser(principal: string): void {
    if (usernameOf(principal, this.settings.realm) !== undefined) return;
    throw new ProtocolViolation(`principal refused: ${printable(principal)}`);
  }

  private async serveOps(frames: Frames, socket: net.Socket, peer: AcceptedContext): Promise<void> {
    while (!this.draining) {
      this.deadline.set('idle timeout', Date.now(), this.idleTimeoutMs);
      const frame = await next(frames);
      if (frame === undefined) return;
      this.deadline.clear();
      this.opInHand = true;
      this.origin = { ...this.origin, trace: randomBytes(TRACE_LENGTH).toString('hex') };
      const { reply, closes } = await this.executeOp(frame, peer);
      this.deadline.set('reply not read', Date.now(), this.idleTimeoutMs);
      await write(socket, reply);
      this.opInHand = false;
      if (closes === true) return;
    }
  }

  private async executeOp({ type, body }: Frame, peer: AcceptedContext) {
    if (type === MSG_AUTH) throw new ProtocolViolation('MSG_AUTH after authentication');
    const runner = this.channels.get(type);
    if (runner === undefined) throw new ProtocolViolation(`op ${type} is not served here`);
    if (Date.now() >= peer.expiresAt) throw new ProtocolViolation('the ticket has expired');
    const { context, principal } = peer;
    const plaintext = context.unwrap(body);
    const { trace, peer: from } = this.origin;
    const response = await runner.call({ opId: type, principal, trace, peer: from, plaintext });
    if (response === undefined) throw new ProtocolViolation('refused by the runner');
    return { reply: encodeFrame(type, context.wrap(response.body)), closes: response.closes };
  }

  private othersWait = false;

  /** While others wait, a peer that keeps this waiting is given up sooner. */
  setPressure(othersWait: boolean): void {
    this.othersWait = othersWait;
    this.deadline.change('login deadline', this.loginDeadlineMs);
    this.deadline.change('idle timeout', this.idleTimeoutMs);
    this.deadline.change('reply not read', this.idleTimeoutMs);
  }

  /** From accept on, as the time that it waited for this process counts. */
  private get loginDeadlineMs(): number {
    const { loginDeadlineMs, busyLoginDeadlineMs } = this.settings;
    if (!this.othersWait) return loginDeadlineMs;
    return Math.min(loginDeadlineMs, this.servedAt - this.acceptedAt + busyLoginDeadlineMs);
  }

  private get idleTimeoutMs(): number {
    return this.othersWait ? this.settings.busyIdleTimeoutMs : this.settings.idleTimeoutMs;
  }

  /** Ends after the op in hand, or at once if there is none. */
  drain(): void {
    this.draining = true;
    if (this.opInHand) return;
    if (this.connection === undefined) process.exit(0);
    this.connection.destroy();
  }
}

/**
 * The one deadline of a connection. All it does when it passes is to call
 * `close`. Its timer is seldom set again: when it fires too early, it goes on to
 * the deadline that counts by then.
 */
class Deadline {
  private timer: NodeJS.Timeout | undefined;
  private firesAt = Infinity;
  private current: { what: string; startedAt: number; endsAt: number } | undefined;
  /** Set once a deadline has passed. */
  passed: ProtocolViolation | undefined;

  constructor(private readonly close: () => void) {}

  set(what: string, startedAt: number, durationMs: number): void {
    this.current = { what, startedAt, endsAt: startedAt + durationMs };
    if (this.current.endsAt < this.firesAt) this.arm(this.current.endsAt);
  }

  /** Changes the duration of the deadline that runs now, if it is the one named. */
  change(what: string, durationMs: number): void {
    if (this.current?.what === what) this.set(what, this.current.startedAt, durationMs);
  }

  /** @throws ProtocolViolation if it has passed, whether or not the timer has fired */
  check(): void {
    if (this.current !== undefined && Date.now() > this.current.endsAt) {
      throw new ProtocolViolation(this.current.what);
    }
  }

  clear(): void {
    this.current = undefined;
  }

  private arm(endsAt: number): void {
    clearTimeout(this.timer);
    this.firesAt = endsAt;
    this.timer = setTimeout(() => this.fire(), Math.max(0, endsAt - Date.now()));
  }

  private fire(): void {
    this.firesAt = Infinity;
    if (this.current === undefined) return;
    if (Date.now() < this.current.endsAt) {
      this.arm(this.current.endsAt);
      return;
    }
    this.passed = new ProtocolViolation(this.current.what);
    this.close();
  }
}

async function next(frames: Frames): Promise<Frame | undefined> {
  const result = await frames.next();
  return result.done === true ? undefined : result.value;
}

/** Resolves when the kernel has it all, as it has at once unless the peer does not read. */
async function write(socket: net.Socket, bytes: Buffer): Promise<void> {
  let written: (error?: Error | null) => void = () => undefined;
  socket.write(bytes, (error) => written(error));
  if (socket.writableLength === 0) return;
  await new Promise<void>((resolve, reject) => {
    written = (error) => (error ? reject(error) : resolve());
  });
}

const tell = (message: FromSession) => say(fromSession[message]);

concealMemory();

let session: Session | undefined;
let log = createLogger('session', 'info');

async function begin(settings: SessionSettings): Promise<void> {
  log = createLogger('session', settings.logLevel);
  try {
    session = new Session(settings, log);
  } catch (error) {
    log.error({ err: error }, 'the service key cannot be used');
    process.exit(1);
  }
  await startThreads();
  forkNoMore();
  if (session.draining) process.exit(0);
  tell('ready');
}

/** libuv's begin with the first work that they get. */
const startThreads = () => access('/');

async function serve(peer: string, acceptedAt: number, socket: net.Socket | undefined) {
  if (session === undefined || socket === undefined) return;
  try {
    await session.serve(socket, peer, acceptedAt);
    tell('done');
  } catch (error) {
    const { trace } = session.origin;
    log.warn({ ...(trace !== '' && { trace }), peer, err: error }, 'connection closed');
    socket.destroy();
    process.exit(session.authenticated ? EXIT_AUTHENTICATED : 1);
  }
}

hearMaster(
  (message: ToSession) => {
    switch (message.kind) {
      case 'settings':
        void begin(message.settings);
        break;
      case 'connection':
        void serve(message.peer, message.acceptedAt, takeSocket());
        break;
      case 'pressure':
        session?.setPressure(message.othersWait);
        break;
      case 'drain':
        session?.drain();
        break;
    }
  },
  // Nobody would give this process another connection.
  () => process.exit(0),
);
// They reach the whole process group; the master says when to end.
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
