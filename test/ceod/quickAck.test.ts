import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import net from 'node:net';
import { acknowledgeNow } from '../../src/ceod/session/quickAck.js';

test('the kernel takes it for a TCP connection that is open, and for nothing else', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  await once(client, 'connect');
  expect(acknowledgeNow(client)).toBe(true);
  client.destroy();
  expect(acknowledgeNow(client)).toBe(false);
  server.close();
});
