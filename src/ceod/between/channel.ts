/**
 * The private channel between a session process and a runner: frames over a
 * Unix socket. A request's type is the op id and its body is
 *
 *     principal | trace | peer | plaintext of the op's body
 *
 * the first three in UTF-8, each behind its length (u16); trace and peer are for the log alone.
 *
 * A reply's body is one byte, the outcome, and behind REPLY or LAST_REPLY the
 * plaintext of the response. One request is under way on a channel at a time.
 */
import net from 'node:net';
import { utf8 } from '../../protocol/strict.js';
import { encodeFrame, FrameDecoder, MAX_BODY_LENGTH, type Frame } from '../../wire/frame.js';
import { opened } from '../../wire/opened.js';
import { readFrames } from '../../wire/stream.js';

export const MAX_CHANNEL_BODY = 2 * MAX_BODY_LENGTH;
const OUTCOME_REPLY = 1;
const OUTCOME_LAST_REPLY = 2;
const OUTCOME_CLOSE = 0;

export interface ChannelRequest {
  readonly opId: number;
  /** The full principal, as GSS-API displays it. */
  readonly principal: string;
  /** By which the lines of the log belong together that are about this op. */
  readonly trace: string;
  /** Address and port of the client. */
  readonly peer: string;
  readonly plaintext: Buffer;
}

/** The runner's reply, or undefined to close the connection. */
export type ChannelReply = Reply | undefined;

export interface Reply {
  /** The plaintext of the response. */
  readonly body: Uint8Array;
  /** The connection is to be closed behind it. */
  readonly closes?: true;
}

/** What no session process of ours would send. */
export class MalformedRequest extends Error {}

export function encodeRequest({ opId, principal, trace, peer, plaintext }: ChannelRequest): Buffer {
  const texts = [principal, trace, peer].flatMap((text) => {
    const bytes = Buffer.from(text, 'utf8');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    return [length, bytes];
  });
  return encodeFrame(opId, Buffer.concat([...texts, plaintext]), MAX_CHANNEL_BODY);
}

/** @throws MalformedRequest */
export function decodeRequest({ type, body }: Frame): ChannelRequest {
  const [principal, afterPrincipal] = textAt(body, 0);
  const [trace, afterTrace] = textAt(body, afterPrincipal);
  const [peer, end] = textAt(body, afterTrace);
  return { opId: type, principal, trace, peer, plaintext: body.subarray(end) };
}

/** @returns the text behind a length, and where it ends */
function textAt(body: Buffer, at: number): [string, number] {
  if (body.length < at + 2) throw new MalformedRequest('channel request too short');
  const end = at + 2 + body.readUInt16BE(at);
  if (body.length < end) throw new MalformedRequest('channel request too short');
  const text = utf8(body.subarray(at + 2, end));
  if (text === undefined) throw new MalformedRequest('a text of a request is not UTF-8');
  return [text, end];
}

function encodeReply(reply: ChannelReply): Buffer {
  if (reply === undefined) return Buffer.of(OUTCOME_CLOSE);
  const outcome = reply.closes === true ? OUTCOME_LAST_REPLY : OUTCOME_REPLY;
  return Buffer.concat([Buffer.of(outcome), reply.body]);
}

function decodeReply(body: Buffer): ChannelReply {
  if (body[0] === OUTCOME_REPLY) return { body: body.subarray(1) };
  return body[0] === OUTCOME_LAST_REPLY ? { body: body.subarray(1), closes: true } : undefined;
}

/** Serves the requests of one channel, one after the other, until it ends. */
export async function serveChannel(
  socket: net.Socket,
  execute: (request: ChannelRequest) => Promise<ChannelReply>,
): Promise<void> {
  for await (const frame of readFrames(socket, { limit: MAX_CHANNEL_BODY })) {
    const reply = await execute(decodeRequest(frame));
    socket.write(encodeFrame(frame.type, encodeReply(reply), MAX_CHANNEL_BODY));
  }
}

/** A session's end of a channel: connects when it is needed, and again after it broke. */
export class Channel {
  private socket: net.Socket | undefined;
  private waiting: { resolve(reply: ChannelReply): void; reject(error: Error): void } | undefined;

  /** @param connectTimeoutMs how long a runner that is being restarted is waited for */
  constructor(
    private readonly path: string,
    private readonly connectTimeoutMs: number,
  ) {}

  /**
   * Sends a request and waits for its reply, for as long as the op takes.
   * @throws Error if the runner cannot be reached or ends before it replied
   */
  async call(request: ChannelRequest): Promise<ChannelReply> {
    const socket = this.socket ?? (await this.connect());
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      socket.write(encodeRequest(request));
    });
  }

  /** Tells the runner that the connection has ended for which this was used. */
  release(): void {
    this.socket?.destroy();
    this.socket = undefined;
  }

  private async connect(): Promise<net.Socket> {
    const socket = await connectWithin(this.path, this.connectTimeoutMs);
    this.socket = socket;
    const decoder = new FrameDecoder(MAX_CHANNEL_BODY);
    socket.on('data', (chunk) => {
      for (const { body } of decoder.push(chunk)) {
        this.waiting?.resolve(decodeReply(body));
        this.waiting = undefined;
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.socket !== socket) return;
      this.socket = undefined;
      this.waiting?.reject(new Error('the runner ended before it replied'));
      this.waiting = undefined;
    });
    return socket;
  }
}

async function connectWithin(path: string, timeoutMs: number): Promise<net.Socket> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await connect(path);
    } catch (error) {
      if (Date.now() >= end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function connect(path: string): Promise<net.Socket> {
  const socket = net.connect(path);
  await opened(socket);
  return socket;
}
