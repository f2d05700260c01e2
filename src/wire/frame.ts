/**
 * Frames: `msglen` u32 big-endian, `msgtype` u32 big-endian, `msglen` bytes of
 * body (docs/protocol.md §2). Pure: no I/O.
 */

/** msgtype of a frame whose body is a GSS-API context token; any other value is an op id. */
export const MSG_AUTH = 0x08000000;

export const HEADER_LENGTH = 8;

/** The longest body a frame may have, in bytes. */
export const MAX_BODY_LENGTH = 65_536;

export interface Frame {
  /** MSG_AUTH or an op id: an unsigned 32-bit number. */
  readonly type: number;
  /** 1 to MAX_BODY_LENGTH bytes. */
  readonly body: Buffer;
}

/** A frame that breaks the format; the connection must be closed. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/**
 * The bytes of one frame, ready for a single write.
 * @throws FrameError if the body is empty or too long.
 */
export function encodeFrame(type: number, body: Uint8Array, limit = MAX_BODY_LENGTH): Buffer {
  checkLength(body.length, limit);
  const bytes = Buffer.allocUnsafe(HEADER_LENGTH + body.length);
  bytes.writeUInt32BE(body.length, 0);
  bytes.writeUInt32BE(type, 4);
  bytes.set(body, HEADER_LENGTH);
  return bytes;
}

/**
 * A push decoder: feed it what arrives, in pieces of any size, and it yields
 * the frames that are complete. The length is checked as soon as the header is
 * there, before a body is allocated; frames ahead of a bad header are yielded
 * before FrameError is thrown.
 */
export class FrameDecoder {
  private readonly header = Buffer.alloc(HEADER_LENGTH);
  private headerFilled = 0;
  private body: Buffer | undefined;
  private bodyFilled = 0;

  /** @param limit the longest body accepted, in bytes */
  constructor(private readonly limit = MAX_BODY_LENGTH) {}

  /** True when the bytes so far end inside a frame. */
  get inFrame(): boolean {
    return this.headerFilled > 0;
  }

  *push(chunk: Uint8Array): Generator<Frame, void, undefined> {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.headerFilled < HEADER_LENGTH) {
        const piece = chunk.subarray(offset, offset + HEADER_LENGTH - this.headerFilled);
        this.header.set(piece, this.headerFilled);
        this.headerFilled += piece.length;
        offset += piece.length;
        if (this.headerFilled < HEADER_LENGTH) return;
        const length = this.header.readUInt32BE(0);
        checkLength(length, this.limit);
        this.body = Buffer.allocUnsafe(length);
        this.bodyFilled = 0;
      }
      const { body } = this;
      if (body === undefined) return;
      const piece = chunk.subarray(offset, offset + body.length - this.bodyFilled);
      body.set(piece, this.bodyFilled);
      this.bodyFilled += piece.length;
      offset += piece.length;
      if (this.bodyFilled === body.length) {
        const frame = { type: this.header.readUInt32BE(4), body };
        this.headerFilled = 0;
        this.body = undefined;
        yield frame;
      }
    }
  }
}

function checkLength(length: number, limit: number): void {
  if (length < 1 || length > limit) {
    throw new FrameError(`frame body of ${length} bytes; 1 to ${limit} are allowed`);
  }
}
