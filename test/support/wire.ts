/** A client that does on the wire what a test says, byte by byte. */
import net from 'node:net';
import { Initiator, type SecurityContext } from '../../src/gssapi/context.js';
import { encodeFrame, MSG_AUTH, type Frame } from '../../src/wire/frame.js';
import { readFrames, type Frames } from '../../src/wire/stream.js';
import { ginseng } from './realm.js';

export class WireClient {
  private readonly frames: Frames;
  context: SecurityContext | undefined;

  private constructor(readonly socket: net.Socket) {
    socket.on('error', () => undefined);
    this.frames = readFrames(socket);
  }

  /** Connects. @param target `address:port` */
  static async connect(target: string): Promise<WireClient> {
    const [host = '', port = ''] = target.split(':');
    const socket = net.connect({ host, port: Number(port), noDelay: true, allowHalfOpen: true });
    const client = new WireClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve());
      // Turned away as soon as it was there: the next frame tells.
      socket.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ECONNRESET' ? resolve() : reject(error),
      );
    });
    return client;
  }

  /** Connects and authenticates as ctdalek. @param host whose key it must have */
  static async authenticated(target: string, host = ginseng): Promise<WireClient> {
    const client = await WireClient.connect(target);
    const initiator = new Initiator(`ceod@${host}`);
    const first = await initiator.step(Buffer.alloc(0));
    client.send(encodeFrame(MSG_AUTH, first.token ?? Buffer.alloc(0)));
    const reply = await client.receive();
    if (reply === undefined) throw new Error('closed during authentication');
    client.context = (await initiator.step(reply.body)).context;
    initiator.dispose();
    return client;
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** The frame of an op with an encrypted body. */
  op(id: number, body: Uint8Array): Buffer {
    if (this.context === undefined) throw new Error('not authenticated');
    return encodeFrame(id, this.context.wrap(body));
  }

  /** The next frame; undefined if the server closes, in good order or by a reset. */
  async receive(): Promise<Frame | undefined> {
    try {
      const result = await this.frames.next();
      return result.done === true ? undefined : result.value;
    } catch {
      return undefined;
    }
  }

  /** The plaintext of the next reply; undefined if the server closes. */
  async reply(): Promise<Buffer | undefined> {
    const frame = await this.receive();
    return frame && this.context?.unwrap(frame.body);
  }

  close(): void {
    this.socket.destroy();
  }
}
