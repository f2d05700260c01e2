/** Promise: whatever a ceod answers, its clients end, with an error that says what to do. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { createClient } from '../../../src/ceoc/client.js';
import {
  Ceod,
  GetForwardResponseSchema,
  UpdateMailResponseSchema,
} from '../../../src/generated/ceo/ceo_pb.js';
import { ops } from '../../../src/protocol/ops.js';
import { encodeFrame, MSG_AUTH } from '../../../src/wire/frame.js';
import { startHostileCeod, type HostileCeod, type Peer } from '../../support/hostileCeod.js';
import { ginseng, runAs } from '../../support/realm.js';

let ceod: HostileCeod;
beforeAll(async () => {
  ceod = await startHostileCeod('connect_timeout = 2\nreply_timeout = 2');
  // All ops are this host's, so that whatever is sent comes here.
  await writeFile(path.join(ceod.dir, 'ops', 'mysql'), `${ginseng} mysql mysql 0x03\n`);
  await writeFile(path.join(ceod.dir, 'ops', 'mailman'), `${ginseng} mailman list 0x04\n`);
});
afterAll(() => ceod.stop());

const request = '{"username": "ctdalek"}';
const ceoc = (serve: HostileCeod['serve'], args = ['mail', '--json'], input = request) => {
  ceod.serve = serve;
  return runAs('ctdalek', ['ceoc', ...args], { input, env: ceod.env });
};
const ceo = (serve: HostileCeod['serve'], ...args: string[]) => {
  ceod.serve = serve;
  return runAs('ctdalek', ['ceo', ...args], { env: ceod.env });
};

/** Again and again, until the client has gone. */
function flood({ socket }: Peer, bytes: () => Buffer): void {
  const go = () => {
    while (!socket.destroyed && socket.write(bytes()));
  };
  socket.on('drain', go);
  go();
}

function drip({ socket }: Peer, bytes: Buffer): void {
  let next = 0;
  const timer = setInterval(() => {
    if (socket.destroyed) clearInterval(timer);
    else if (next < bytes.length) socket.write(bytes.subarray(next, (next += 1)));
  }, 20);
}

/** Replies to the first request. */
const replying =
  (reply: (body: (plaintext: Uint8Array) => Buffer, peer: Peer, type: number) => void) =>
  async (peer: Peer) => {
    const context = await peer.accept();
    const { type, body } = await peer.frame();
    context.unwrap(body);
    reply((plaintext) => encodeFrame(type, context.wrap(plaintext)), peer, type);
  };

const statuses = (...messages: string[]) =>
  toBinary(
    UpdateMailResponseSchema,
    create(UpdateMailResponseSchema, {
      messages: messages.map((message) => ({ status: 0, message })),
    }),
  );

describe('before anything is sent: nothing was done', () => {
  test.each<[string, HostileCeod['serve'], number, RegExp]>([
    ['silence', () => Promise.resolve(), 5, /did not answer within 2 s[^]*Check that ceod runs/],
    [
      'a token that is none, again and again',
      async (peer) => {
        await peer.frame();
        flood(peer, () => encodeFrame(MSG_AUTH, Buffer.alloc(60_000, 1)));
      },
      8,
      /authenticat|token/i,
    ],
    [
      'the client’s own token, again and again',
      async (peer) => {
        const { body } = await peer.frame();
        flood(peer, () => encodeFrame(MSG_AUTH, body));
      },
      8,
      /authenticat|token/i,
    ],
    [
      'a frame a byte at a time',
      async (peer) => {
        await peer.frame();
        drip(peer, encodeFrame(MSG_AUTH, Buffer.alloc(60_000, 1)));
      },
      5,
      /did not answer within 2 s/,
    ],
    [
      'a length above the limit',
      async (peer) => {
        await peer.frame();
        peer.socket.write(Buffer.from('ffffffff08000000', 'hex'));
      },
      5,
      /is no ceod[^]*ceod_port/,
    ],
    [
      'a reply instead of a token',
      async (peer) => {
        await peer.frame();
        flood(peer, () => encodeFrame(ops.updateMail.id, Buffer.alloc(100)));
      },
      8,
      /did not complete the authentication/,
    ],
    [
      'bytes without end',
      (peer) => {
        flood(peer, () => Buffer.alloc(60_000, 'A'));
        return Promise.resolve();
      },
      5,
      /is no ceod/,
    ],
  ])('%s', async (_what, serve, wanted, why) => {
    const { status, stdout, stderr } = await ceoc(serve);
    expect({ status, stdout, stderr }).toEqual({
      status: wanted,
      stdout: '',
      stderr: expect.stringMatching(why) as unknown,
    });
    expect(stderr).toMatch(/^ceoc: .+\n {6}.+\n$/);
  });
});

describe('after it: the outcome is unknown', () => {
  const large = Buffer.alloc(60_000, 1);
  test.each<[string, HostileCeod['serve']]>([
    ['silence', replying(() => undefined)],
    [
      'a reply a byte at a time',
      replying((body, peer) => drip(peer, body(statuses('x'.repeat(10_000))))),
    ],
    [
      'a length above the limit',
      replying((_body, { socket }) => void socket.write(Buffer.from('ffffffff00000002', 'hex'))),
    ],
    [
      'a length of none',
      replying((_body, { socket }) => void socket.write(Buffer.from('0000000000000002', 'hex'))),
    ],
    [
      'the reply to another op',
      replying((_body, { socket }, type) => void socket.write(encodeFrame(type + 1, large))),
    ],
    [
      'a token instead of a reply',
      replying((_body, { socket }) => void socket.write(encodeFrame(MSG_AUTH, large))),
    ],
    [
      'a reply that is not encrypted',
      replying((_body, { socket }, type) => void socket.write(encodeFrame(type, statuses('ok')))),
    ],
    [
      'a reply that is no protobuf',
      replying((body, { socket }) => void socket.write(body(Buffer.from('ffff', 'hex')))),
    ],
    [
      'a reply without a status',
      replying((body, { socket }) => void socket.write(body(Buffer.alloc(0)))),
    ],
    [
      'fields that nobody knows, and no status',
      replying((body, { socket }) => void socket.write(body(Buffer.from('a2060178', 'hex')))),
    ],
  ])('%s', async (_what, serve) => {
    for (const outcome of [await ceoc(serve), await ceoc(serve, ['mail'], '\x0a\x07ctdalek')]) {
      expect(outcome.status).toBe(6);
      expect(outcome.stderr).toMatch(/^ceoc: .+\n {6}It is safe to do it again\.\n$/);
    }
    const { status, stderr } = await ceo(serve, 'mail', 'set', 'ctdalek', 'a@example.com');
    expect(status).toBe(6);
    expect(stderr).toMatch(/^ceo: .+\n {5}It is safe to do it again\.\n$/);
  });

  test('without a status: it says so', async () => {
    const serve = replying((body, { socket }) => void socket.write(body(Buffer.alloc(0))));
    for (const { stdout, stderr } of [
      await ceoc(serve),
      await ceoc(serve, ['mail'], '\x0a\x07ctdalek'),
    ]) {
      expect(stdout).toBe('');
      expect(stderr).toContain('ceod answered mail without a status');
    }
    expect((await ceo(serve, 'mail', 'set', 'ctdalek', 'x@example.com')).stderr).toContain(
      'without a status',
    );
  });

  test.each([
    ['mail', 'get', 'ctdalek'],
    ['mysql', 'create', 'ctdalek'],
    ['members', 'passwd', 'ctdalek'],
    ['clubs', 'add', 'hostileclub', '-n', 'Hostile'],
  ])('ceo %s %s: without a status', async (...args) => {
    const serve = replying((body, { socket }) => void socket.write(body(Buffer.alloc(0))));
    const { status, stdout, stderr } = await ceo(serve, ...args, '--json');
    expect(stderr).toContain('without a status');
    expect(status).toBe(6);
    expect(stdout).toBe('');
  });
});

test.each([
  ['mysql', 'create', 'ctdalek'],
  ['members', 'passwd', 'ctdalek'],
])('ceo %s %s: success, but no password', async (...args) => {
  const serve = replying((body, { socket }) => void socket.write(body(statuses('done'))));
  const { status, stderr } = await ceo(serve, ...args);
  expect(stderr).toMatch(/^ceo: .*told no password.*\n {5}It is safe to do it again/m);
  expect(status).toBe(6);
});

test('ceo members subscribe: an answer without a word is no success', async () => {
  const serve = replying((body, { socket }) => void socket.write(body(Buffer.from('\n'))));
  const { status, stderr } = await ceo(serve, 'members', 'subscribe', 'ctdalek');
  expect(stderr).toMatch(/without a word[^]*It is safe to do it again/);
  expect(status).toBe(6);
});

describe('the library', () => {
  const client = () => {
    const [address = '', port = ''] = ceod.target.split(':');
    return createClient(
      Ceod,
      () => Promise.resolve({ host: ginseng, address, port: Number(port) }),
      {
        connectMs: 2_000,
        replyMs: 2_000,
      },
    );
  };

  test('a reply without a status is no success', async () => {
    ceod.serve = replying((body, { socket }) => void socket.write(body(Buffer.alloc(0))));
    const library = client();
    await expect(library.updateMail({ username: 'ctdalek' })).rejects.toMatchObject({
      code: 'outcome_unknown',
    });
    library.close();
  });

  test('what nobody asked for is not taken for the reply to the next request', async () => {
    let connections = 0;
    ceod.serve = async (peer) => {
      connections += 1;
      const context = await peer.accept();
      for (let count = 1; ; count += 1) {
        const { type, body } = await peer.frame();
        context.unwrap(body);
        const reply = (text: string) =>
          peer.socket.write(encodeFrame(type, context.wrap(statuses(text))));
        reply(`reply ${count} of connection ${connections}`);
        reply('nobody asked');
      }
    };
    const library = client();
    const ask = async () =>
      (await library.updateMail({ username: 'ctdalek' })).messages[0]?.message;
    expect(await ask()).toBe('reply 1 of connection 1');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await ask()).toBe('reply 1 of connection 2');
    library.close();
  });

  test('reply after reply without end: read no faster than asked for', async () => {
    let written = 0;
    ceod.serve = replying((body, peer) =>
      flood(peer, () => {
        const bytes = body(statuses('x'.repeat(50_000)));
        written += bytes.length;
        return bytes;
      }),
    );
    const library = client();
    expect((await library.updateMail({ username: 'ctdalek' })).messages).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(written).toBeLessThan(32 << 20);
    library.close();
  });
});

describe('text', () => {
  const evil =
    'c1 \u009b31m del \u007f bidi \u202e\u2066\u200f\u061c lines \u2028\u2029 hidden \u200b\ufeff\u{e0041} esc \u001b[2J';
  const serve = replying((body, { socket }) => void socket.write(body(statuses(evil))));

  const obeyed =
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\u{e0041}]/u;

  test('ceoc --json escapes it, and means the same', async () => {
    const { status, stdout } = await ceoc(serve);
    expect(status).toBe(0);
    expect(stdout).not.toMatch(obeyed);
    expect((JSON.parse(stdout) as { messages: { message: string }[] }).messages[0]?.message).toBe(
      evil,
    );
  });

  test('ceo --json escapes it, and means the same', async () => {
    const { stdout } = await ceo(serve, 'mail', 'set', 'ctdalek', 'a@example.com', '--json');
    expect(stdout).not.toMatch(obeyed);
    expect((JSON.parse(stdout) as { steps: { message: string }[] }).steps[0]?.message).toBe(evil);
  });

  const forward = replying((body, { socket }) => {
    const message = { messages: [{ status: 0, message: 'read' }], forward: evil };
    const reply = create(GetForwardResponseSchema, message);
    socket.write(body(toBinary(GetForwardResponseSchema, reply)));
  });

  test('ceo shows it', async () => {
    const { stdout } = await ceo(forward, 'mail', 'get', 'ctdalek');
    expect(stdout).not.toMatch(obeyed);
    expect(stdout).toContain('\\u{9b}31m');
  });

  test('ceoc --json escapes a .forward', async () => {
    const { stdout } = await ceoc(forward, ['getforward', '--json']);
    expect(stdout).not.toMatch(obeyed);
    expect((JSON.parse(stdout) as { forward: string }).forward).toBe(evil);
  });
});
