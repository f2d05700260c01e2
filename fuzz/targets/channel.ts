/** Requests of a session process, which may be captured: what a runner reads is what was written. */
import {
  decodeRequest,
  encodeRequest,
  MAX_CHANNEL_BODY,
  MalformedRequest,
} from '../../src/ceod/between/channel.js';
import { FrameDecoder, FrameError } from '../../src/wire/frame.js';
import { promise, refusing } from '../target.js';

const request = (principal: string, body: string) =>
  encodeRequest({
    ...{ opId: 1, principal, trace: '3f9a1c02', peer: '192.0.2.7 port 4711' },
    plaintext: Buffer.from(body),
  });

export const seeds = [
  request('ctdalek@CSCLUB.TEST', 'a body'),
  request('', ''),
  Buffer.concat([request('é@CSCLUB.TEST', 'one'), request('b/c@CSCLUB.TEST', 'two')]),
];

export function fuzz(data: Buffer): void {
  const decoder = new FrameDecoder(MAX_CHANNEL_BODY);
  let at = 0;
  refusing(FrameError, () => {
    for (const frame of decoder.push(data)) {
      const end = at + 8 + frame.body.length;
      const decoded = refusing(MalformedRequest, () => decodeRequest(frame));
      promise(
        decoded === undefined || encodeRequest(decoded).equals(data.subarray(at, end)),
        'a request that is read is the one that was written',
      );
      at = end;
    }
  });
}
