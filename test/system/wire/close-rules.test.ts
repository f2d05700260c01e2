/** Promise: what is out of order closes the connection without a reply, and nothing else is harmed. */
import { describe, expect, test } from '@jest/globals';
import { encodeBody } from '../../../src/protocol/body.js';
import { ops } from '../../../src/protocol/ops.js';
import { encodeFrame, MSG_AUTH } from '../../../src/wire/frame.js';
import { variable } from '../../support/realm.js';
import { WireClient } from '../../support/wire.js';

const target = variable('CEOD_GINSENG');
const { id, input, encoding, output } = ops.updateMail;
const body = (username: string) => Buffer.from(encodeBody(input, encoding, { username }));
const header = (length: number, type: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(length, 0);
  bytes.writeUInt32BE(type, 4);
  return bytes;
};

const connected = () => WireClient.connect(target);
const authenticated = () => WireClient.authenticated(target);

/** One op that is served, as proof that the server is well. */
async function serverIsWell(): Promise<void> {
  const client = await authenticated();
  client.send(client.op(id, body('ctdalek')));
  expect((await client.reply())?.length).toBeGreaterThan(0);
  client.close();
}

describe('closed without a reply', () => {
  test.each<[string, () => Promise<WireClient>, (client: WireClient) => Buffer]>([
    ['an op before authentication', connected, () => encodeFrame(id, body('ctdalek'))],
    [
      'an unknown type before authentication',
      connected,
      () => encodeFrame(0x09000000, Buffer.of(1)),
    ],
    ['a token that is none', connected, () => encodeFrame(MSG_AUTH, Buffer.from('nonsense'))],
    ['a length of 0', connected, () => header(0, MSG_AUTH)],
    ['a length of 65,537', connected, () => header(65_537, MSG_AUTH)],
    ['a length of 4 GiB - 1', connected, () => header(0xffffffff, MSG_AUTH)],
    ['authentication twice', authenticated, () => encodeFrame(MSG_AUTH, Buffer.of(1))],
    ['an op id that is not served', authenticated, (client) => client.op(0x0f, body('ctdalek'))],
    ['an op of another host', authenticated, (client) => client.op(0x03, body('ctdalek'))],
    ['a body that is no wrap token', authenticated, () => encodeFrame(id, body('ctdalek'))],
    ['a length of 0 behind authentication', authenticated, () => header(0, id)],
  ])('%s', async (_what, connect, bytes) => {
    const client = await connect();
    client.send(bytes(client));
    expect(await client.receive()).toBeUndefined();
    client.close();
    await serverIsWell();
  });

  test('a token that comes twice: the first is answered, the second not', async () => {
    const client = await authenticated();
    const frame = client.op(id, body('ctdalek'));
    client.send(Buffer.concat([frame, frame]));
    expect(await client.reply()).toBeDefined();
    expect(await client.receive()).toBeUndefined();
    client.close();
  });

  test('tokens out of order, and behind a gap', async () => {
    const client = await authenticated();
    client.op(id, body('ctdalek'));
    client.send(client.op(id, body('ctdalek')));
    expect(await client.receive()).toBeUndefined();
    client.close();
  });

  test('an end of stream inside a frame', async () => {
    const client = await authenticated();
    client.socket.end(client.op(id, body('ctdalek')).subarray(0, -1));
    expect(await client.receive()).toBeUndefined();
    client.close();
  });
});

describe('served', () => {
  const usernames = ['mailu00', 'mailu01', 'mailu02', 'mailu03'];
  const finished = (username: string) =>
    Buffer.from(
      encodeBody(output, encoding, {
        messages: [{ status: 0, message: `finished updating mail for ${username}` }],
      }),
    );

  test('byte for byte', async () => {
    const client = await authenticated();
    for (const byte of client.op(id, body('mailu00'))) client.send(Buffer.of(byte));
    expect(await client.reply()).toEqual(finished('mailu00'));
    client.close();
  });

  test('several ops pipelined in one segment, answered in order', async () => {
    const client = await authenticated();
    client.send(Buffer.concat(usernames.map((each) => client.op(id, body(each)))));
    for (const each of usernames) expect(await client.reply()).toEqual(finished(each));
    client.close();
  });

  test('ops ahead of a half-close, then the server closes as well', async () => {
    const client = await authenticated();
    client.socket.end(Buffer.concat(usernames.map((each) => client.op(id, body(each)))));
    for (const each of usernames) expect(await client.reply()).toEqual(finished(each));
    expect(await client.receive()).toBeUndefined();
    client.close();
  });

  test('a malformed body is answered, and the session goes on', async () => {
    const client = await authenticated();
    client.send(client.op(id, Buffer.from('ffffffff', 'hex')));
    expect((await client.reply())?.includes(22)).toBe(true);
    client.send(client.op(id, body('mailu00')));
    expect(await client.reply()).toEqual(finished('mailu00'));
    client.close();
  });
});
