/** Promise: a session process serves a connection before the first that counts, and is ready whatever becomes of it. */
import { readdir } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { rehearse } from '../../src/ceod/rehearsal.js';
import { MSG_AUTH } from '../../src/wire/frame.js';
import { readFrames } from '../../src/wire/stream.js';
import { eventually } from '../support/eventually.js';

const descriptors = async () => (await readdir('/proc/self/fd')).length;

test('a connection of its own, that authenticates nobody', async () => {
  const before = await descriptors();
  const frames: number[] = [];
  await rehearse(async (socket) => {
    for await (const { type, body } of readFrames(socket)) {
      frames.push(type, body.length);
      throw new Error('not authenticated');
    }
  });
  expect(frames).toEqual([MSG_AUTH, 1]);
  await eventually(async () => (await descriptors()) <= before);
});

test('served by one that only closes it', async () => {
  await rehearse((socket) => {
    socket.end();
    return Promise.resolve();
  });
});
