/** Promise: a channel that is prepared costs the runner nothing, and a runner that comes back is found again. */
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Channel, serveChannel } from '../../src/ceod/channel.js';
import { eventually } from '../support/eventually.js';

let folder: string;
let socketPath: string;
let server: net.Server | undefined;
let connections: Set<net.Socket>;
let executed: number[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'channel-'));
  socketPath = path.join(folder, 'socket');
  connections = new Set();
  executed = [];
});
afterEach(async () => {
  await stop();
  await rm(folder, { recursive: true });
});

/** A runner whose response is its request. */
async function start(): Promise<void> {
  server = net.createServer((socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    socket.on('error', () => undefined);
    void serveChannel(socket, ({ opId, plaintext }) => {
      executed.push(opId);
      return Promise.resolve({ body: plaintext });
    }).catch(() => undefined);
  });
  await new Promise<void>((resolve) => server?.listen(socketPath, resolve));
}

async function stop(): Promise<void> {
  const stopped = server;
  server = undefined;
  if (stopped === undefined) return;
  for (const socket of connections) socket.destroy();
  await new Promise((resolve) => stopped.close(resolve));
}

const request = (text: string) => ({
  opId: 2,
  principal: 'ctdalek@CSCLUB.TEST',
  plaintext: Buffer.from(text),
});

test('prepared: connected, nothing was executed, and what is asked at once is answered', async () => {
  await start();
  const channel = new Channel(socketPath, 1_000);
  channel.prepare();
  expect(String((await channel.call(request('one')))?.body)).toBe('one');
  expect(String((await channel.call(request('two')))?.body)).toBe('two');
  expect(executed).toEqual([2, 2]);
  expect(connections.size).toBe(1);
});

test('prepared before there is a runner: asked once there is one', async () => {
  const channel = new Channel(socketPath, 2_000);
  channel.prepare();
  const reply = channel.call(request('early'));
  await start();
  expect(String((await reply)?.body)).toBe('early');
});

test('the runner ended after it was prepared: the next one is asked', async () => {
  await start();
  const channel = new Channel(socketPath, 1_000);
  channel.prepare();
  await eventually(() => Promise.resolve(connections.size === 1));
  await stop();
  // Its end of the connection hears of it.
  await sleep(100);
  await start();
  expect(String((await channel.call(request('again')))?.body)).toBe('again');
});

test('no runner at all', async () => {
  const channel = new Channel(socketPath, 100);
  channel.prepare();
  await expect(channel.call(request('nobody'))).rejects.toThrow(/ENOENT/);
});
