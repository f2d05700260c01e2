/**
 * A connection to one ceod: the handshake, then one request at a time
 * (docs/protocol.md). A request is never sent twice.
 */
import net from 'node:net';
import { CeoError, messageOf } from '../errors.js';
import { ContextRefused, Initiator, type SecurityContext } from '../gssapi/context.js';
import { GssError } from '../gssapi/error.js';
import { encodeFrame, FrameError, MAX_BODY_LENGTH, MSG_AUTH, type Frame } from '../wire/frame.js';
import { opened } from '../wire/opened.js';
import { readFrames, type Frames } from '../wire/stream.js';

/** Where a ceod listens. */
export interface Target {
  /** Canonical full name: the host of the principal `ceod/HOST`. */
  readonly host: string;
  /** Numeric address or name to connect to. */
  readonly address: string;
  readonly port: number;
}

export interface Timeouts {
  /** From the first packet to an established security context. */
  readonly connectMs: number;
  /** From a request to its reply. */
  readonly replyMs: number;
}

/** What the caller's errors name, and what it advises when a reply is lost. */
export interface CallInfo {
  readonly opId: number;
  readonly opName: string;
  /** How to find out whether it was done. */
  readonly lookUp: string;
}

export class Connection {
  /** The next frame is always being waited for, so that a close by the server is noticed at once. */
  private incoming: Promise<Frame>;
  private ended = false;
  private calling = false;

  private constructor(
    private readonly target: Target,
    private readonly timeouts: Timeouts,
    private readonly socket: net.Socket,
    private readonly frames: Frames,
    private readonly context: SecurityContext,
  ) {
    this.incoming = this.expectFrame();
  }

  /** @throws CeoError unreachable, unauthenticated */
  static async open(target: Target, timeouts: Timeouts): Promise<Connection> {
    const socket = net.connect({ host: target.address, port: target.port, noDelay: true });
    const deadline = { passed: false };
    const timer = setTimeout(() => {
      deadline.passed = true;
      socket.destroy();
    }, timeouts.connectMs);
    try {
      // Later errors show as the end of the frames.
      socket.on('error', () => undefined);
      const connecting = opened(socket);
      const frames = readFrames(socket);
      const context = await authenticate(target, socket, connecting, frames);
      return new Connection(target, timeouts, socket, frames, context);
    } catch (error) {
      socket.destroy();
      throw deadline.passed ? noAnswer(target, timeouts) : explain(error, target);
    } finally {
      clearTimeout(timer);
    }
  }

  /** False once either side has closed it: a new one is needed. */
  get usable(): boolean {
    return !this.ended && this.socket.writable;
  }

  /**
   * @param plaintext the serialized request
   * @returns the plaintext of the response
   * @throws CeoError outcome_unknown once a byte of the request was written
   */
  async call(info: CallInfo, plaintext: Uint8Array): Promise<Buffer> {
    const limit = this.context.wrapSizeLimit(MAX_BODY_LENGTH);
    if (plaintext.length > limit) {
      throw new CeoError('usage', `The request has ${plaintext.length} bytes.`, {
        next: `At most ${limit} are allowed.`,
      });
    }
    const frame = encodeFrame(info.opId, this.context.wrap(plaintext));
    this.calling = true;
    const timer = setTimeout(() => this.socket.destroy(), this.timeouts.replyMs);
    try {
      this.socket.write(frame);
      const reply = await this.incoming;
      this.calling = false;
      this.incoming = this.expectFrame();
      if (reply.type !== info.opId) throw new Error(`the reply is of type ${reply.type}`);
      return this.context.unwrap(reply.body);
    } catch (cause) {
      this.close();
      throw new CeoError(
        'outcome_unknown',
        `The reply to ${info.opName} from ${this.target.host} was lost: it may or may not have been done.`,
        { next: info.lookUp, cause },
      );
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.ended = true;
    this.socket.destroy();
    this.context.dispose();
  }

  private expectFrame(): Promise<Frame> {
    const incoming = nextFrame(this.frames);
    incoming.then(
      // What nobody asked for would be taken for the reply to the next request.
      () => (this.ended ||= !this.calling),
      () => (this.ended = true),
    );
    return incoming;
  }
}

async function authenticate(
  target: Target,
  socket: net.Socket,
  connecting: Promise<void>,
  frames: Frames,
): Promise<SecurityContext> {
  const initiator = new Initiator(`ceod@${target.host}`);
  // Looked at below: that there is no ticket is told first.
  connecting.catch(() => undefined);
  try {
    let { token, context } = await initiator.step(Buffer.alloc(0));
    await connecting;
    for (;;) {
      if (token !== undefined) socket.write(encodeFrame(MSG_AUTH, token));
      if (context !== undefined) return context;
      const reply = await nextFrame(frames);
      if (reply.type !== MSG_AUTH) throw new ContextRefused('the server did not authenticate');
      ({ token, context } = await initiator.step(reply.body).catch((error: unknown) => {
        throw error instanceof GssError ? refusedBy(target, error) : error;
      }));
    }
  } finally {
    initiator.dispose();
  }
}

/** What a server says, which may be of its own key, is no word about the user's ticket. */
function refusedBy({ host }: Target, error: GssError): CeoError {
  const { reason, detail } = error;
  const clock = `The clocks of this machine and of ${host} differ too much.`;
  const [message, next] =
    reason === 'clock-skew'
      ? [clock, 'Compare them (timedatectl), set the one that is wrong, and try again.']
      : reason === 'expired'
        ? [error.message, error.next]
        : [
            `ceod on ${host} cannot accept your ticket: ${detail}.`,
            `Get a new one: kinit. If that is no help, the key in the keytab of ${host} is not the ` +
              `one that the KDC has for ceod/${host}: klist -k there, and kvno ceod/${host} here.`,
          ];
  return new CeoError('unauthenticated', message, { next, cause: error });
}

class Closed extends Error {}

async function nextFrame(frames: Frames): Promise<Frame> {
  const result = await frames.next();
  if (result.done === true) throw new Closed('the server closed the connection');
  return result.value;
}

function noAnswer({ host }: Target, { connectMs }: Timeouts): CeoError {
  return new CeoError(
    'unreachable',
    `ceod on ${host} did not answer within ${connectMs / 1000} s.`,
    {
      next: `Check that ceod runs on ${host}, or try again in a while.`,
    },
  );
}

/** How a connection ends that the other side did not look at. */
const RESET: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

function explain(error: unknown, { host, address, port }: Target): CeoError {
  if (error instanceof CeoError) return error;
  if (error instanceof GssError) {
    const code = error.reason === 'kdc-unreachable' ? 'unreachable' : 'unauthenticated';
    const message =
      error.reason === 'wrong-host' ? `${error.message} (ceod/${host})` : error.message;
    return new CeoError(code, message, { next: error.next, cause: error });
  }
  if (error instanceof Closed || error instanceof ContextRefused) {
    return new CeoError('unauthenticated', `ceod on ${host} did not complete the authentication.`, {
      next:
        'It serves names of lower-case letters, digits and - _ . of at most 32 characters, in its ' +
        `realm (klist shows yours). If yours is one, the log of ceod on ${host} says why.`,
      cause: error,
    });
  }
  if (error instanceof FrameError) {
    return new CeoError('unreachable', `What listens at ${address} port ${port} is no ceod.`, {
      next: `Check the host in ops/* and ceod_port in ceod.cf.`,
      cause: error,
    });
  }
  if (RESET.has((error as NodeJS.ErrnoException).code ?? '')) {
    return new CeoError('unreachable', `ceod on ${host} turned this connection away.`, {
      next:
        'Try again in a minute: it has too many connections just now, or too many from your ' +
        'network have failed. Its log says which.',
      cause: error,
    });
  }
  const why = messageOf(error);
  return new CeoError(
    'unreachable',
    `ceod on ${host} (${address} port ${port}) cannot be reached: ${why}.`,
    {
      next: `Check that ceod runs on ${host}.`,
      cause: error,
    },
  );
}
