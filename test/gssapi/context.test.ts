/** Promise: only complete, encrypted, in-order GSS-API messages are accepted, over krb5 alone. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  Acceptor,
  AcceptorCredential,
  Initiator,
  type AcceptedContext,
  type SecurityContext,
} from '../../src/gssapi/context.js';
import { GssError } from '../../src/gssapi/error.js';

const SERVICE = 'ceod@ginseng.csclub.test';

let credential: AcceptorCredential;
beforeAll(() => {
  credential = AcceptorCredential.acquire(SERVICE);
});
afterAll(() => credential.dispose());

async function handshake(): Promise<{ client: SecurityContext; server: AcceptedContext }> {
  const initiator = new Initiator(SERVICE);
  const acceptor = new Acceptor(credential);
  const first = await initiator.step(Buffer.alloc(0));
  expect(first.context).toBeUndefined();
  const second = acceptor.step(first.token ?? Buffer.alloc(0));
  const third = await initiator.step(second.token ?? Buffer.alloc(0));
  initiator.dispose();
  acceptor.dispose();
  if (third.context === undefined || second.context === undefined) throw new Error('incomplete');
  return { client: third.context, server: second.context };
}

const text = (value: string) => Buffer.from(value);

test('one token each way; both sides can wrap and unwrap; the acceptor knows who it is', async () => {
  const { client, server } = await handshake();
  expect(server.principal).toBe('ctdalek@CSCLUB.TEST');
  expect(server.expiresAt).toBeGreaterThan(Date.now());
  expect(server.context.unwrap(client.wrap(text('ask'))).toString()).toBe('ask');
  expect(client.unwrap(server.context.wrap(text('answer'))).toString()).toBe('answer');
  expect(client.unwrap(server.context.wrap(Buffer.alloc(0)))).toHaveLength(0);
  client.dispose();
  server.context.dispose();
});

test('tokens look as on the wire of the legacy system: sealed, with the acceptor subkey', async () => {
  const { client, server } = await handshake();
  expect(client.wrap(text('x')).subarray(0, 3).toString('hex')).toBe('050406');
  expect(server.context.wrap(text('x')).subarray(0, 3).toString('hex')).toBe('050407');
});

test('the largest message fits a frame', async () => {
  const { client, server } = await handshake();
  const limit = client.wrapSizeLimit(65_536);
  const token = client.wrap(Buffer.alloc(limit, 1));
  expect(token.length).toBeLessThanOrEqual(65_536);
  expect(server.context.unwrap(token)).toHaveLength(limit);
});

describe('refused', () => {
  test('a token that comes twice', async () => {
    const { client, server } = await handshake();
    const token = client.wrap(text('once'));
    server.context.unwrap(token);
    expect(() => server.context.unwrap(token)).toThrow(GssError);
  });

  test('a token behind a gap', async () => {
    const { client, server } = await handshake();
    client.wrap(text('lost'));
    const next = client.wrap(text('next'));
    expect(() => server.context.unwrap(next)).toThrow(GssError);
  });

  test('a token that was changed', async () => {
    const { client, server } = await handshake();
    const token = client.wrap(text('message'));
    token.writeUInt8(token.readUInt8(token.length - 1) ^ 1, token.length - 1);
    expect(() => server.context.unwrap(token)).toThrow(GssError);
  });

  test("one's own token, sent back", async () => {
    const { client } = await handshake();
    expect(() => client.unwrap(client.wrap(text('echo')))).toThrow(GssError);
  });

  test.each([
    ['nothing like a token', '00'],
    ['a SPNEGO token', '601806062b0601050502a00e300ca00a3008060a2b06010401823702020a'],
  ])('%s', (_what, hex) => {
    const acceptor = new Acceptor(credential);
    expect(() => acceptor.step(Buffer.from(hex, 'hex'))).toThrow(GssError);
    acceptor.dispose();
  });
});

describe('errors say what to do', () => {
  test('a service that the keytab has no key for', () => {
    const acquire = () => AcceptorCredential.acquire('ceod@elsewhere.csclub.test');
    expect(acquire).toThrow(expect.objectContaining({ reason: 'keytab' }));
  });

  test('a host that the KDC does not know', async () => {
    const initiator = new Initiator('ceod@elsewhere.csclub.test');
    await expect(initiator.step(Buffer.alloc(0))).rejects.toMatchObject({
      reason: 'wrong-host',
      detail: expect.stringContaining('Server not found in Kerberos database'),
      next: expect.stringContaining('ops/*'),
    });
    initiator.dispose();
  });
});

test('memory is released: ten thousand messages and two hundred handshakes', async () => {
  const { client, server } = await handshake();
  const payload = Buffer.alloc(8_000, 7);
  const exchange = () => server.context.unwrap(client.wrap(payload));
  for (let i = 0; i < 2_000; i += 1) exchange();
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 10_000; i += 1) exchange();
  for (let i = 0; i < 200; i += 1) {
    const each = await handshake();
    each.client.dispose();
    each.server.context.dispose();
  }
  // 10,000 tokens and plaintexts of 8 kB would be 160 MB.
  expect(process.memoryUsage().rss - before).toBeLessThan(80 * 1024 * 1024);
});
