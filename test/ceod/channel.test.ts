/** Promise: a channel is there when it is needed and no longer, and a runner that comes back is found again. */
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  Channel,
  decodeRequest,
  encodeRequest,
  MalformedRequest,
  serveChannel,
  type ChannelReply,
} from '../../src/ceod/between/channel.js';
import { FrameDecoder } from '../../src/wire/frame.js';
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
  trace: '3f9a1c02',
  peer: '192.0.2.7 port 4711',
  plaintext: Buffer.from(text),
});

test('one connection for all that is asked', async () => {
  await start();
  const channel = new Channel(socketPath, 1_000);
  expect(String((await channel.call(request('one')))?.body)).toBe('one');
  expect(String((await channel.call(request('two')))?.body)).toBe('two');
  expect(executed).toEqual([2, 2]);
  expect(connections.size).toBe(1);
});

test('released, it is closed; the next that is asked has another', async () => {
  await start();
  const channel = new Channel(socketPath, 1_000);
  await channel.call(request('one'));
  channel.release();
  // Before the end of the old one is heard of.
  expect(String((await channel.call(request('two')))?.body)).toBe('two');
  await eventually(() => connections.size === 1);
  channel.release();
  await eventually(() => connections.size === 0);
  channel.release();
});

test('asked before there is a runner: answered once there is one', async () => {
  const channel = new Channel(socketPath, 2_000);
  const reply = channel.call(request('early'));
  await start();
  expect(String((await reply)?.body)).toBe('early');
});

test('the runner ended in between: the next one is asked', async () => {
  await start();
  const channel = new Channel(socketPath, 1_000);
  await channel.call(request('first'));
  await stop();
  // Its end of the connection hears of it.
  await sleep(100);
  await start();
  expect(String((await channel.call(request('again')))?.body)).toBe('again');
});

test('the runner ends before it replies', async () => {
  server = net.createServer((socket) => socket.once('data', () => socket.destroy()));
  await new Promise<void>((resolve) => server?.listen(socketPath, resolve));
  const channel = new Channel(socketPath, 1_000);
  await expect(channel.call(request('lost'))).rejects.toThrow('ended before it replied');
});

test('no runner at all', async () => {
  const channel = new Channel(socketPath, 100);
  await expect(channel.call(request('nobody'))).rejects.toThrow(/ENOENT/);
});

test.each<[string, ChannelReply]>([
  ['a reply', { body: Buffer.from('r') }],
  ['the last reply', { body: Buffer.from('r'), closes: true }],
  ['an empty reply', { body: Buffer.alloc(0) }],
  ['none: the connection is to be closed', undefined],
])('%s arrives as what it is', async (_what, reply) => {
  server = net.createServer((socket) => {
    connections.add(socket);
    void serveChannel(socket, () => Promise.resolve(reply)).catch(() => undefined);
  });
  await new Promise<void>((resolve) => server?.listen(socketPath, resolve));
  const channel = new Channel(socketPath, 1_000);
  expect(await channel.call(request('x'))).toEqual(reply);
  channel.release();
});

test('a request is what was asked, to the byte', () => {
  for (const asked of [
    request('one'),
    { opId: 0, principal: '', trace: '', peer: '', plaintext: Buffer.alloc(0) },
  ]) {
    const [frame] = new FrameDecoder(1 << 17).push(encodeRequest(asked));
    if (frame === undefined) throw new Error('no frame');
    expect(decodeRequest(frame)).toEqual(asked);
  }
});

test.each([
  ['no length', '00'],
  ['a principal that is cut', '000361'],
  ['a principal that is no UTF-8', '0002c328'],
  ['a principal with NUL', '000100'],
  ['no trace', '000161'],
  ['a peer that is cut', '00016100016200ff63'],
])('%s: no session process of ours says that', (_what, hex) => {
  expect(() => decodeRequest({ type: 2, body: Buffer.from(hex, 'hex') })).toThrow(MalformedRequest);
});
