/** Promise: frames are read right however their bytes arrive, and a bad length is noticed at the header. */
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  encodeFrame,
  FrameDecoder,
  FrameError,
  MAX_BODY_LENGTH,
  MSG_AUTH,
  type Frame,
} from '../../src/wire/frame.js';
import { readFrames } from '../../src/wire/stream.js';

const decodeAll = (chunks: Uint8Array[]): Frame[] => {
  const decoder = new FrameDecoder();
  return chunks.flatMap((chunk) => [...decoder.push(chunk)]);
};
const header = (length: number, type = 1) => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(length, 0);
  bytes.writeUInt32BE(type, 4);
  return bytes;
};
const anyFrame = fc.record({
  type: fc.integer({ min: 0, max: 0xffffffff }),
  body: fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});

test('headers are those seen on the wire of the legacy system', () => {
  const start = (type: number, length: number) =>
    encodeFrame(type, Buffer.alloc(length)).subarray(0, 8).toString('hex');
  expect(start(MSG_AUTH, 710)).toBe('000002c608000000');
  expect(start(MSG_AUTH, 156)).toBe('0000009c08000000');
  expect(start(1, 127)).toBe('0000007f00000001');
});

test('a frame split in two at every place', () => {
  const frame = { type: 2, body: Buffer.from('a body of some length') };
  const bytes = encodeFrame(frame.type, frame.body);
  for (let at = 0; at <= bytes.length; at += 1) {
    expect(decodeAll([bytes.subarray(0, at), bytes.subarray(at)])).toEqual([frame]);
  }
});

test('any frames, pipelined, in pieces of any size', () => {
  fc.assert(
    fc.property(
      fc.array(anyFrame, { maxLength: 5 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
      (frames, sizes) => {
        const bytes = Buffer.concat(frames.map(({ type, body }) => encodeFrame(type, body)));
        const chunks: Buffer[] = [];
        let at = 0;
        for (const size of sizes) {
          if (at >= bytes.length) break;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(decodeAll(chunks)).toEqual(frames);
        expect(decodeAll([bytes])).toEqual(frames);
      },
    ),
  );
});

describe('the length', () => {
  test.each([0, MAX_BODY_LENGTH + 1, 0x7fffffff, 0xffffffff])('%d is refused', (length) => {
    expect(() => decodeAll([header(length)])).toThrow(FrameError);
  });

  test('is judged at the header, before a byte of the body is there', () => {
    const decoder = new FrameDecoder();
    const pieces = [...header(MAX_BODY_LENGTH + 1)].map((byte) => Buffer.of(byte));
    for (const piece of pieces.slice(0, -1)) expect([...decoder.push(piece)]).toEqual([]);
    expect(() => [...decoder.push(pieces.at(-1) as Buffer)]).toThrow('65537 bytes');
  });

  test('may be the longest allowed', () => {
    const body = Buffer.alloc(MAX_BODY_LENGTH, 7);
    expect(decodeAll([encodeFrame(3, body)])).toEqual([{ type: 3, body }]);
    expect(() => encodeFrame(3, Buffer.alloc(MAX_BODY_LENGTH + 1))).toThrow(FrameError);
    expect(() => encodeFrame(3, Buffer.alloc(0))).toThrow(FrameError);
  });

  test('frames ahead of a bad header are still delivered', () => {
    const decoder = new FrameDecoder();
    const seen: Frame[] = [];
    expect(() => {
      for (const frame of decoder.push(Buffer.concat([encodeFrame(1, Buffer.of(9)), header(0)]))) {
        seen.push(frame);
      }
    }).toThrow(FrameError);
    expect(seen).toEqual([{ type: 1, body: Buffer.of(9) }]);
  });
});

describe('the end of the stream', () => {
  const read = async (chunks: Buffer[]) => {
    const frames: Frame[] = [];
    for await (const frame of readFrames(Readable.from(chunks, { objectMode: false }))) {
      frames.push(frame);
    }
    return frames;
  };

  test('between frames is regular', async () => {
    expect(await read([encodeFrame(1, Buffer.of(1)), encodeFrame(2, Buffer.of(2))])).toHaveLength(
      2,
    );
  });

  test('inside a frame is an error, wherever', async () => {
    const bytes = encodeFrame(1, Buffer.from('body'));
    for (let length = 1; length < bytes.length; length += 1) {
      await expect(read([bytes.subarray(0, length)])).rejects.toThrow('inside a frame');
    }
  });
});
