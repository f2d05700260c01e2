import type { Readable } from 'node:stream';
import { FrameDecoder, FrameError, type Frame } from './frame.js';

/**
 * The frames of a byte stream, one after the other. The stream is read only as
 * fast as frames are taken, so a consumer that works on one frame at a time
 * serves pipelined frames in order.
 * @throws FrameError on a bad header, and on an end of stream inside a frame.
 */
export async function* readFrames(
  stream: Readable,
  limit?: number,
): AsyncGenerator<Frame, void, undefined> {
  const decoder = new FrameDecoder(limit);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    yield* decoder.push(chunk);
  }
  if (decoder.inFrame) throw new FrameError('the stream ended inside a frame');
}
