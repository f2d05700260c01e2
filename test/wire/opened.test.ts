/** Promise: a socket that is being opened comes to something, whatever ends it. */
import { once } from 'node:events';
import net from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { opened } from '../../src/wire/opened.js';

let server: net.Server | undefined;
afterEach(() => void server?.close());

async function listening(): Promise<number> {
  server = net.createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as net.AddressInfo).port;
}

test('open; what comes later is no concern of it', async () => {
  const socket = net.connect(await listening(), '127.0.0.1');
  await opened(socket);
  expect(socket.listenerCount('close')).toBe(0);
  expect(socket.listeners('error')).toHaveLength(0);
  socket.destroy();
});

test('refused', async () => {
  const port = await listening();
  server?.close();
  await once(server as net.Server, 'close');
  await expect(opened(net.connect(port, '127.0.0.1'))).rejects.toThrow('ECONNREFUSED');
});

test('destroyed without an error', async () => {
  const socket = net.connect(await listening(), '127.0.0.1');
  const opening = opened(socket);
  socket.destroy();
  await expect(opening).rejects.toThrow('the server closed the connection');
});

test('another event is waited for: a server that closes before it', async () => {
  const socket = net.connect(await listening(), '127.0.0.1');
  await expect(opened(socket, 'secureConnect')).rejects.toThrow('the server closed the connection');
});
