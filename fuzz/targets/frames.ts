/** Frames off the network: the same ones however the bytes arrive, or one refusal. */
import { encodeFrame, FrameDecoder, FrameError, MSG_AUTH } from '../../src/wire/frame.js';
import { promise, refusing } from '../target.js';

export const seeds = [
  encodeFrame(MSG_AUTH, Buffer.from('a token')),
  Buffer.concat([encodeFrame(1, Buffer.from('op')), encodeFrame(2, Buffer.from('another'))]),
  encodeFrame(3, Buffer.from('cut')).subarray(0, 9),
];

function decode(chunks: readonly Buffer[]) {
  const frames: { type: number; body: string }[] = [];
  const decoder = new FrameDecoder();
  const isWhole = refusing(FrameError, () => {
    for (const chunk of chunks) {
      for (const { type, body } of decoder.push(chunk)) {
        frames.push({ type, body: body.toString('hex') });
      }
    }
    return true;
  });
  return { frames, refused: isWhole === undefined };
}

export function fuzz(data: Buffer): void {
  const whole = decode([data]);
  const bytes = Array.from(data, (byte) => Buffer.of(byte));
  promise(
    JSON.stringify(decode(bytes)) === JSON.stringify(whole),
    'frames do not depend on how their bytes arrive',
  );
  const again = whole.frames.map(({ type, body }) => encodeFrame(type, Buffer.from(body, 'hex')));
  promise(
    data.subarray(0, Buffer.concat(again).length).equals(Buffer.concat(again)),
    'a frame that is read is the one that was written',
  );
}
