/** Promise: whoever waits for a frame gets it, or is told how the stream ended; nobody reads ahead of them. */
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { encodeFrame, FrameError } from '../../src/wire/frame.js';
import { readFrames } from '../../src/wire/stream.js';

const frame = (text: string) => encodeFrame(1, Buffer.from(text));
const end = { done: true, value: undefined };
const of = (text: string) => ({ done: false, value: { type: 1, body: Buffer.from(text) } });

test('a frame that is waited for, one that is there already, and the end', async () => {
  const stream = new PassThrough();
  const frames = readFrames(stream);
  const waiting = frames.next();
  stream.write(frame('a'));
  expect(await waiting).toEqual(of('a'));
  stream.write(frame('b'));
  await turn();
  expect(await frames.next()).toEqual(of('b'));
  stream.end();
  expect(await frames.next()).toEqual(end);
  expect(await frames.next()).toEqual(end);
});

test('the end, before it is asked for, comes behind the frames', async () => {
  const stream = new PassThrough();
  const frames = readFrames(stream);
  stream.end(frame('a'));
  await turn();
  expect(await frames.next()).toEqual(of('a'));
  expect(await frames.next()).toEqual(end);
});

test('it is read no faster than frames are taken', async () => {
  const stream = new PassThrough();
  const frames = readFrames(stream);
  const first = frames.next();
  stream.write(frame('a'));
  expect(await first).toEqual(of('a'));
  expect(stream.isPaused()).toBe(false);
  stream.write(Buffer.concat([frame('b'), frame('c')]));
  await turn();
  expect(stream.isPaused()).toBe(true);
  await frames.next();
  // One is left.
  expect(stream.isPaused()).toBe(true);
  await frames.next();
  expect(stream.isPaused()).toBe(false);
  const waiting = frames.next();
  stream.write(Buffer.concat([frame('d'), frame('e')]));
  expect(await waiting).toEqual(of('d'));
  expect(stream.isPaused()).toBe(true);
});

test('a partial frame is told, a whole one is not', async () => {
  let partial = 0;
  const stream = new PassThrough();
  const frames = readFrames(stream, { onPartial: () => (partial += 1) });
  stream.write(frame('a'));
  await frames.next();
  expect(partial).toBe(0);
  stream.write(frame('abc').subarray(0, 9));
  await turn();
  expect(partial).toBe(1);
});

test.each<[string, (stream: PassThrough) => void, new () => Error, string]>([
  ['an error', (stream) => void stream.destroy(new Error('reset')), Error, 'reset'],
  ['a close', (stream) => void stream.destroy(), Error, 'the stream was closed'],
  [
    'an end inside a header',
    (stream) => void stream.end(frame('a').subarray(0, 3)),
    FrameError,
    'ended inside a frame',
  ],
  [
    'an end inside a body',
    (stream) => void stream.end(frame('abc').subarray(0, 9)),
    FrameError,
    'ended inside a frame',
  ],
  ['a bad length', (stream) => void stream.write(Buffer.alloc(8)), FrameError, '0 bytes'],
])('%s ends the wait, behind what came whole', async (_what, ends, kind, message) => {
  for (const isAskedFirst of [true, false]) {
    const stream = new PassThrough();
    const frames = readFrames(stream);
    stream.write(frame('whole'));
    expect(await frames.next()).toEqual(of('whole'));
    const early = isAskedFirst ? frames.next() : undefined;
    // Somebody hears of it below.
    early?.catch(() => undefined);
    ends(stream);
    await turn();
    const outcome = early ?? frames.next();
    await expect(outcome).rejects.toThrow(kind);
    await expect(outcome).rejects.toThrow(message);
    await expect(frames.next()).rejects.toThrow(message);
  }
});

test('behind a bad frame nothing is read', async () => {
  const stream = new PassThrough();
  const frames = readFrames(stream);
  const waiting = frames.next();
  stream.write(Buffer.alloc(8));
  await expect(waiting).rejects.toThrow(FrameError);
  stream.write(frame('late'));
  await turn();
  await expect(frames.next()).rejects.toThrow(FrameError);
});
