/** Promise: a directory server that sends whatever it likes costs an error, not memory or time. */
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { EqualityFilter } from 'ldapts';
import { Directory, type Search } from '../../src/directory/connection.js';
import { Servers } from '../../src/directory/servers.js';
import {
  done,
  entry,
  reference,
  startHostileLdap,
  type HostileConnection,
  type HostileLdap,
} from '../support/hostileLdap.js';

const MB = 1 << 20;
let server: HostileLdap;
const environment = { ...process.env };
beforeAll(async () => {
  server = await startHostileLdap();
  process.env['LDAPTLS_CACERT'] = server.authority;
});
afterAll(() => {
  process.env = environment;
  server.stop();
});
beforeEach(() => {
  server.connections = 0;
});

const search: Search = {
  scope: 'sub',
  filter: new EqualityFilter({ attribute: 'uid', value: 'alice' }),
  attributes: ['uid', 'cn'],
};

/** @returns what a search comes to */
async function searched(answer: HostileLdap['answer'], timeoutMs = 5_000, paged = true) {
  server.answer = answer;
  const directory = new Directory({
    servers: new Servers([server.url]),
    timeoutMs,
    anonymous: true,
  });
  try {
    return await directory.search('dc=test', { ...search, ...(!paged && { unpaged: true }) });
  } finally {
    directory.close();
  }
}

/** The error is for people: what is wrong, and where to look. */
async function refused(answer: HostileLdap['answer'], why: RegExp, timeoutMs?: number) {
  const before = server.sent();
  for (const paged of [true, false]) {
    await expect(searched(answer, timeoutMs, paged)).rejects.toMatchObject({
      name: 'CeoError',
      code: 'unreachable',
      message: expect.stringMatching(why) as unknown,
      next: expect.stringContaining('ldap_server_url') as unknown,
    });
  }
  // With what is on its way in buffers.
  expect(server.sent() - before).toBeLessThan(2 * 100 * MB);
}

const each =
  (bytes: (messageId: number) => Buffer) =>
  ({ messageId, flood }: HostileConnection) =>
    flood(Buffer.concat(Array<Buffer>(50).fill(bytes(messageId))));

describe('bounded', () => {
  test('entries without end', () =>
    refused(
      each((id) => entry(id, 'uid=a,dc=test', { uid: ['alice'] })),
      /more than 100000 entries/,
    ));

  test('large entries without end', () =>
    refused(
      each((id) => entry(id, 'uid=a,dc=test', { cn: ['x'.repeat(50_000)] })),
      /more than 64 MB/,
    ));

  test('references without end', () =>
    refused(
      each((id) => reference(id, 'ldaps://127.0.0.1:1/dc=test')),
      /more than 100000 entries/,
    ));

  test('answers to what nobody asked', () =>
    refused(
      each((id) => entry(id + 1_000, 'uid=a,dc=test', {})),
      /more than 100000 entries/,
    ));

  test('one entry that is too large: refused by its length, before it has come', () => {
    const header = Buffer.from('308401000001', 'hex');
    return refused(({ socket }) => void socket.write(header), /a message of 16777217 bytes/);
  });

  test('the longest length that there is', () => {
    const header = Buffer.from('3084ffffffff', 'hex');
    return refused(({ socket }) => void socket.write(header), /a message of 4294967295 bytes/);
  });

  test.each(['30880000000000000001', '3080', '485454502f312e31'])('no LDAP: %s', (hex) =>
    refused(({ socket }) => void socket.write(Buffer.from(hex, 'hex')), /does not speak LDAP/),
  );

  test('no LDAP without end', () =>
    refused(({ flood }) => flood(Buffer.alloc(65_536)), /does not speak LDAP/));

  test('pages without end', async () => {
    const page = ({ messageId, socket }: HostileConnection) => {
      const one = entry(messageId, 'uid=a,dc=test', { uid: ['alice'] });
      socket.write(
        Buffer.concat([...Array<Buffer>(500).fill(one), done(messageId, 0, '', 'more')]),
      );
    };
    await expect(searched(page)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/more than 100000 entries/) as unknown,
    });
  });

  test('pages without end, slowly', async () => {
    const page = ({ messageId, socket }: HostileConnection) => {
      const one = entry(messageId, 'uid=a,dc=test', { uid: ['alice'] });
      setTimeout(() => socket.write(Buffer.concat([one, done(messageId, 0, '', 'more')])), 100);
    };
    await expect(searched(page, 200)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/takes more than 0.8 s/) as unknown,
    });
  });

  test('a byte at a time', () => {
    const drip = ({ messageId, socket }: HostileConnection) => {
      const bytes = entry(messageId, 'uid=a,dc=test', { cn: ['x'.repeat(10_000)] });
      let next = 0;
      const timer = setInterval(() => {
        if (socket.destroyed) clearInterval(timer);
        else socket.write(bytes.subarray(next, (next += 1)));
      }, 20);
    };
    return refused(drip, /timed out/, 300);
  });

  test('nothing at all', () => refused(() => undefined, /timed out/, 300));
});

describe('before ldapts has the connection: StartTLS', () => {
  test.each<[string, Buffer, RegExp]>([
    ['a message of 4 GB', Buffer.from('3084ffffffff', 'hex'), /a message of 4294967295 bytes/],
    ['a message of 16 MB', Buffer.from('3083ffffff', 'hex'), /a message of 16777215 bytes/],
    ['no LDAP', Buffer.from('HTTP/1.1 200 OK'), /does not speak LDAP/],
    ['an answer to something else', done(1), /does not speak LDAP/],
  ])('%s', async (_what, bytes, why) => {
    const plain = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write(bytes);
    });
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const { port } = plain.address() as AddressInfo;
    const servers = new Servers([`ldap://127.0.0.1:${port}`]);
    const directory = new Directory({ servers, timeoutMs: 2_000, anonymous: true });
    await expect(directory.search('dc=test', search)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(why) as unknown,
    });
    directory.close();
    plain.close();
  });
});

test('a reference is not followed', async () => {
  const other = await startHostileLdap();
  const answer = ({ messageId, socket }: HostileConnection) =>
    socket.write(
      Buffer.concat([
        reference(messageId, `${other.url}/dc=test`),
        entry(messageId, 'uid=alice,dc=test', { uid: ['alice'] }),
        done(messageId),
      ]),
    );
  expect(await searched((connection) => void answer(connection), 5_000, false)).toHaveLength(1);
  expect(server.connections).toBe(1);
  expect(other.connections).toBe(0);
  other.stop();
});

test('a referral is an error, and not followed', async () => {
  const other = await startHostileLdap();
  const answer = ({ messageId, socket }: HostileConnection) =>
    void socket.write(done(messageId, 10, `see ${other.url}`));
  await expect(searched(answer, 5_000, false)).rejects.toMatchObject({ name: 'CeoError' });
  expect(other.connections).toBe(0);
  other.stop();
});

test('the words of a server are shortened, and cannot write to a terminal', async () => {
  const words = `\u001b]0;owned\u0007${'x'.repeat(MB)}`;
  const answer = ({ messageId, socket }: HostileConnection) =>
    void socket.write(done(messageId, 80, words));
  const error: unknown = await searched(answer, 5_000, false).catch((each: unknown) => each);
  expect((error as Error).message).toMatch(/^The directory refused: \\u\{1b\}/);
  expect((error as Error).message.length).toBeLessThan(600);
});

test('lengths as Microsoft’s servers write them are understood', async () => {
  const longForm = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length - 2);
    return Buffer.concat([Buffer.from([0x30, 0x84]), length, bytes.subarray(2)]);
  };
  const answer = ({ messageId, socket }: HostileConnection) => {
    const one = entry(messageId, 'uid=a,dc=test', { uid: ['alice'] });
    socket.write(Buffer.concat([longForm(one), longForm(done(messageId))]));
  };
  const [found] = await searched(answer, 5_000, false);
  expect(found?.values('uid')).toEqual(['alice']);
});
