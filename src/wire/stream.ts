import type { Readable } from 'node:stream';
import { FrameDecoder, FrameError, type Frame } from './frame.js';

/** Frames as they arrive; one consumer at a time. */
export type Frames = AsyncIterableIterator<Frame>;

export interface ReadOptions {
  /** The longest body accepted, in bytes. */
  readonly limit?: number;
  /** Called when what has arrived so far ends inside a frame. */
  readonly onPartial?: () => void;
}

/**
 * The frames of a byte stream, one after the other. The stream is read only as
 * fast as frames are taken, so a consumer that works on one frame at a time
 * serves pipelined frames in order.
 * @throws FrameError on a bad header, and on an end of stream inside a frame.
 */
export function readFrames(stream: Readable, options: ReadOptions = {}): Frames {
  return new FrameReader(stream, options);
}

type End = { readonly error?: Error };

/** By events: an async generator costs a session more than all of its cryptography. */
class FrameReader implements Frames {
  private readonly decoder: FrameDecoder;
  private readonly ready: Frame[] = [];
  private end: End | undefined;
  private wake: (() => void) | undefined;

  constructor(
    private readonly stream: Readable,
    { limit, onPartial }: ReadOptions,
  ) {
    this.decoder = new FrameDecoder(limit);
    stream.on('data', (chunk: Buffer) => {
      if (this.end !== undefined) return;
      this.decode(chunk);
      if (this.decoder.inFrame) onPartial?.();
      const taken = this.wakeUp() ? 1 : 0;
      if (this.ready.length > taken) stream.pause();
    });
    stream.on('end', () => this.finish(this.decoder.inFrame ? { error: truncated() } : {}));
    stream.on('error', (error) => this.finish({ error }));
    stream.on('close', () => this.finish({ error: new Error('the stream was closed') }));
  }

  async next(): Promise<IteratorResult<Frame, undefined>> {
    while (this.ready.length === 0 && this.end === undefined) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    const frame = this.ready.shift();
    if (frame !== undefined) {
      if (this.ready.length === 0 && this.stream.isPaused()) this.stream.resume();
      return { done: false, value: frame };
    }
    if (this.end?.error !== undefined) throw this.end.error;
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private decode(chunk: Buffer): void {
    try {
      for (const frame of this.decoder.push(chunk)) this.ready.push(frame);
    } catch (error) {
      this.finish({ error: error as FrameError });
    }
  }

  /** The first end is the one that counts. */
  private finish(end: End): void {
    this.end ??= end;
    this.wakeUp();
  }

  /** @returns whether somebody waited */
  private wakeUp(): boolean {
    const { wake } = this;
    this.wake = undefined;
    wake?.();
    return wake !== undefined;
  }
}

const truncated = () => new FrameError('the stream ended inside a frame');
