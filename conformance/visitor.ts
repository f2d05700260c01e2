/** The tool as a client, which does to a server what a case says. */
import net from 'node:net';
import { GssError } from '../src/gssapi/error.js';
import type { Op } from '../src/protocol/ops.js';
import { encodeFrame, FrameError, MSG_AUTH, type Frame } from '../src/wire/frame.js';
import { opened } from '../src/wire/opened.js';
import { readFrames, type Frames } from '../src/wire/stream.js';
import { Broken, demand } from './case.js';
import { Initiator, type Asked, type Context } from './gssapi.js';
import { patiently } from './socket.js';

/** The server that is tried. */
export interface Server {
  /** Of the principal `ceod/HOST`. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
  /** What it is asked for: at least one. */
  readonly ops: readonly [Op, ...Op[]];
  /** A credential cache of a principal that no server accepts. */
  readonly stranger?: string | undefined;
}

/** One connection. */
export class Visitor {
  private readonly frames: Frames;
  private established: Context | undefined;

  constructor(
    private readonly server: Server,
    readonly socket: net.Socket,
  ) {
    // A write to a server that has closed: what comes back tells.
    socket.on('error', () => undefined);
    this.frames = readFrames(socket);
  }

  get context(): Context {
    if (this.established === undefined) throw new Error('not authenticated');
    return this.established;
  }

  initiator(asked: Asked = {}): Initiator {
    return new Initiator(`ceod@${this.server.host}`, asked);
  }

  /** @param send how the token is sent. @throws Broken */
  async authenticate(
    asked: Asked = {},
    send: (frame: Buffer) => unknown = (frame) => this.send(frame),
  ): Promise<void> {
    const initiator = this.initiator(asked);
    const { token = Buffer.alloc(0) } = initiator.step();
    await send(encodeFrame(MSG_AUTH, token));
    const reply = await this.frame();
    demand(reply !== undefined, 'it closes instead of authenticating');
    demand(reply.type === MSG_AUTH, `the reply to MSG_AUTH has the type ${reply.type}`);
    this.established = this.completed(initiator, reply.body);
  }

  /** The context that the server's token completes. @throws Broken */
  completed(initiator: Initiator, token: Buffer): Context {
    try {
      const { context } = initiator.step(token);
      demand(context !== undefined, 'the context is not complete after one frame each way');
      return context;
    } catch (error) {
      if (error instanceof GssError) throw new Broken(`its token is refused: ${error.detail}`);
      throw error;
    }
  }

  send(...frames: Uint8Array[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  /** The frame of a request. */
  request(op: Op, plaintext: Uint8Array): Buffer {
    return encodeFrame(op.id, this.context.wrap(plaintext));
  }

  /** The next frame; undefined if the server closes, in good order or by a reset. @throws Broken */
  async frame(): Promise<Frame | undefined> {
    const next = this.frames.next().catch((error: unknown) => {
      if (error instanceof FrameError)
        throw new Broken(`it sends what is no frame: ${error.message}`);
      return { done: true } as const;
    });
    const result = await patiently(next, 'it neither answers nor closes');
    return result.done === true ? undefined : result.value;
  }

  /** The plaintext of the reply that comes next. @throws Broken */
  async reply(op: Op): Promise<Buffer> {
    const frame = await this.frame();
    demand(frame !== undefined, `it closes instead of answering ${op.name}`);
    demand(frame.type === op.id, `the reply to ${op.name} has the type ${frame.type}`);
    let reply;
    try {
      reply = this.context.unwrap(frame.body);
    } catch (error) {
      if (error instanceof GssError) throw new Broken(`its reply is refused: ${error.detail}`);
      throw error;
    }
    demand(reply.confidential, `the reply to ${op.name} is not encrypted`);
    return reply.plaintext;
  }

  /** @throws Broken unless the server closes without a reply */
  async expectClosed(what: string): Promise<void> {
    let frame;
    try {
      frame = await this.frame();
    } catch (error) {
      if (error instanceof Broken) throw new Broken(`${what}: ${error.message}`);
      throw error;
    }
    demand(frame === undefined, `${what}: it answers`);
  }
}

/** Does something on a connection of its own, which is closed behind it. */
export async function visit<T>(server: Server, work: (visitor: Visitor) => Promise<T>): Promise<T> {
  const { address: host, port } = server;
  const socket = net.connect({ host, port, noDelay: true, allowHalfOpen: true });
  const visitor = new Visitor(server, socket);
  try {
    await opened(socket);
    return await work(visitor);
  } finally {
    socket.destroy();
  }
}

/** The same when authenticated. */
export function greeted<T>(
  server: Server,
  work: (visitor: Visitor) => Promise<T>,
  asked: Asked = {},
): Promise<T> {
  return visit(server, async (visitor) => {
    await visitor.authenticate(asked);
    return work(visitor);
  });
}
