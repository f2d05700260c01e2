/** Promise: a session process serves a connection before the first that counts, and is ready whatever becomes of it. */
import net from 'node:net';
import { expect, test } from '@jest/globals';
import { rehearse } from '../../src/ceod/rehearsal.js';
import { MSG_AUTH } from '../../src/wire/frame.js';
import { readFrames } from '../../src/wire/stream.js';

test('a connection of its own, that authenticates nobody', async () => {
  const frames: number[] = [];
  let connections = 0;
  await rehearse(async (socket) => {
    connections += 1;
    for await (const { type, body } of readFrames(socket)) {
      frames.push(type, body.length);
      throw new Error('not authenticated');
    }
  });
  expect(connections).toBe(1);
  expect(frames).toEqual([MSG_AUTH, 1]);
});

test('without room for it there is none', async () => {
  const taken = net.createServer().listen(`\0ceod-rehearsal-${process.pid}`);
  await new Promise((resolve) => taken.once('listening', resolve));
  let served = false;
  await rehearse(() => {
    served = true;
    return Promise.resolve();
  });
  expect(served).toBe(false);
  await new Promise((resolve) => taken.close(resolve));
});
