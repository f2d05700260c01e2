/** Promise: a hostile database server reads no file of ours, and costs an error, not memory or time. */
import { rm } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DatabaseServer } from '../../src/mysql/server.js';
import { folder } from '../support/realm.js';

const socket = path.join(folder, 'hostile-mysql.sock');
const options = { socket, adminUsername: 'ceod', adminPassword: 's3cr3t', userHost: 'localhost' };

/** The capability that says that a client sends files. */
const LOCAL_FILES = 0x80;

const packet = (sequence: number, body: Buffer): Buffer => {
  const header = Buffer.alloc(4);
  header.writeUIntLE(body.length, 0, 3);
  header.writeUInt8(sequence & 0xff, 3);
  return Buffer.concat([header, body]);
};
const ok = Buffer.from('00000002000000', 'hex');

/** A greeting of protocol 10 that asks for mysql_native_password, and has all capabilities. */
const greeting = Buffer.concat([
  Buffer.from('\x0a8.0.0\0', 'latin1'),
  Buffer.from('01000000', 'hex'),
  Buffer.from('abcdefgh\0', 'latin1'),
  Buffer.from('ffff2d0200ffdf15', 'hex'),
  Buffer.alloc(10),
  Buffer.from('ijklmnopqrst\0mysql_native_password\0', 'latin1'),
]);

let server: net.Server;
let sockets: net.Socket[];
/** What the client says it can do. */
let capabilities: number;
/** What it sent behind its first statement. */
let told: Buffer[];
/** What becomes of its statements. */
let answer: (client: net.Socket, sequence: number) => void;
let greet: (client: net.Socket) => void;

beforeEach(async () => {
  sockets = [];
  told = [];
  greet = (client) => void client.write(packet(0, greeting));
  server = net.createServer((client) => {
    sockets.push(client);
    client.on('error', () => undefined);
    greet(client);
    let packets = 0;
    client.on('data', (bytes) => {
      packets += 1;
      if (packets === 1) {
        capabilities = bytes.readUInt32LE(4);
        client.write(packet(bytes.readUInt8(3) + 1, ok));
      } else if (packets === 2) {
        answer(client, bytes.readUInt8(3) + 1);
      } else {
        told.push(bytes);
        client.write(packet(bytes.readUInt8(3) + 1, ok));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
});
afterEach(async () => {
  for (const each of sockets) each.destroy();
  server.close();
  await rm(socket, { force: true });
});

const open = (timeoutMs = 5_000) => DatabaseServer.open({ ...options, timeoutMs }, []);

function flood(client: net.Socket, bytes: Buffer): void {
  const go = () => {
    while (!client.destroyed && client.write(bytes));
  };
  client.on('drain', go);
  go();
}

test.each(['/etc/passwd', '/proc/self/environ', '/dev/zero'])(
  'asked for %s: nothing of it is sent, and no client of ours says that it sends files',
  async (file) => {
    answer = (client, sequence) =>
      void client.write(packet(sequence, Buffer.concat([Buffer.from([0xfb]), Buffer.from(file)])));
    await expect(open()).rejects.toMatchObject({ name: 'CeoError' });
    expect(capabilities & LOCAL_FILES).toBe(0);
    // An empty packet: the end of no file.
    expect(Buffer.concat(told).length).toBeLessThanOrEqual(4);
  },
);

describe('bounded', () => {
  const column = Buffer.from(
    '03646566' +
      '00' +
      '00' +
      '00' +
      '0178' +
      '00' +
      '0c' +
      '2d00' +
      'ffffff00' +
      'fd' +
      '0000' +
      '00' +
      '0000',
    'hex',
  );

  test('rows without end', async () => {
    answer = (client, sequence) => {
      client.write(packet(sequence, Buffer.from([1])));
      client.write(packet(sequence + 1, column));
      client.write(packet(sequence + 2, Buffer.from('fe00000200', 'hex')));
      let next = sequence + 3;
      const rows = Array.from({ length: 256 }, () => packet(next++, Buffer.from('0178', 'hex')));
      flood(client, Buffer.concat(rows));
    };
    await expect(open()).rejects.toMatchObject({
      name: 'CeoError',
      message: expect.stringContaining('more than 1 MB') as unknown,
    });
  });

  test('one row without end', async () => {
    answer = (client) => flood(client, Buffer.from('ffffff00' + '78'.repeat(60_000), 'hex'));
    await expect(open()).rejects.toMatchObject({
      name: 'CeoError',
      message: expect.stringContaining('more than 1 MB') as unknown,
    });
  });

  test('a greeting without end', async () => {
    greet = (client) => flood(client, Buffer.from('ffffff00' + '0a'.repeat(60_000), 'hex'));
    await expect(open()).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('more than 1 MB') as unknown,
    });
  });

  test.each<[string, (client: net.Socket) => void]>([
    ['no greeting', () => undefined],
    [
      'a greeting a byte at a time',
      (client) => {
        let next = 0;
        const timer = setInterval(() => {
          if (client.destroyed) clearInterval(timer);
          else client.write(packet(0, Buffer.alloc(60_000, 1)).subarray(next, (next += 1)));
        }, 20);
      },
    ],
  ])('%s', async (_what, each) => {
    greet = each;
    await expect(open(500)).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('an answer a byte at a time', async () => {
    answer = (client, sequence) => {
      const bytes = packet(sequence, Buffer.alloc(60_000, 0xff));
      let next = 0;
      const timer = setInterval(() => {
        if (client.destroyed) clearInterval(timer);
        else client.write(bytes.subarray(next, (next += 1)));
      }, 20);
    };
    await expect(open(500)).rejects.toMatchObject({ name: 'CeoError' });
  });

  test('its words: shortened, without our password, and nothing that a terminal obeys', async () => {
    const words = `\u001b]0;owned\u0007 s3cr3t ${'x'.repeat(1 << 20)}`;
    answer = (client, sequence) =>
      void client.write(
        packet(
          sequence,
          Buffer.concat([Buffer.from([0xff, 0x28, 0x04]), Buffer.from(`#42000${words}`)]),
        ),
      );
    const error: unknown = await open().catch((each: unknown) => each);
    const { message } = error as Error;
    expect(message).toContain('\\u{1b}]0;owned');
    expect(message).not.toContain('s3cr3t');
    expect(message.length).toBeLessThan(700);
  });
});
