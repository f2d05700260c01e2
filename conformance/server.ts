/** What binds a server, tried on one. Nothing of it has an operation executed. */
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { messageOf } from '../src/errors.js';
import { GssError } from '../src/gssapi/error.js';
import type { Op } from '../src/protocol/ops.js';
import { encodeFrame, MAX_BODY_LENGTH, MSG_AUTH } from '../src/wire/frame.js';
import { demand, NotTried, type Case } from './case.js';
import { ALL_FLAGS, REQUIRED_FLAGS, type Flag } from './gssapi.js';
import { demandRefusal, MALFORMED, malformedOf } from './requests.js';
import { flood, header, modified, sendSlowly } from './socket.js';
import { undoing } from './undoing.js';
import { greeted, visit, type Server, type Visitor } from './visitor.js';

/** How long a ticket is good for whose end is waited for. */
const TICKET_SECONDS = 5;

export const serverCases: readonly Case<'server', Server>[] = [
  {
    number: 'B1',
    binds: 'server',
    sentence: 'sends bodies of 1 to 65,536 bytes, and takes the longest',
    try: (server) =>
      greeted(server, async (visitor) => {
        const [op] = server.ops;
        visitor.send(visitor.request(op, Buffer.alloc(visitor.context.limit, MALFORMED)));
        demandRefusal(op, await visitor.reply(op));
      }),
  },
  {
    number: 'B2',
    binds: 'server',
    sentence: 'looks at a length before it reads the body',
    async try(server) {
      await visit(server, ({ socket }) => flood(socket, MSG_AUTH));
      await greeted(server, ({ socket }) => flood(socket, server.ops[0].id));
    },
  },
  {
    number: 'B3',
    binds: 'server',
    sentence: 'closes on a length that is out of range',
    async try(server) {
      const [{ id }] = server.ops;
      for (const length of [0, MAX_BODY_LENGTH + 1]) {
        const bytes = (type: number) => Buffer.concat([header(length, type), Buffer.alloc(length)]);
        const what = `a frame of ${length} bytes`;
        await visit(server, (visitor) => {
          visitor.send(bytes(MSG_AUTH));
          return visitor.expectClosed(what);
        });
        await greeted(server, (visitor) => {
          visitor.send(bytes(id));
          return visitor.expectClosed(`${what} behind authentication`);
        });
      }
      // What a server might take that reads it.
      await greeted(server, (visitor) => {
        const token = visitor.context.wrap(Buffer.alloc(visitor.context.limit + 1, MALFORMED));
        visitor.send(encodeFrame(id, token, token.length));
        return visitor.expectClosed(`a request of ${token.length} bytes`);
      });
    },
  },
  {
    number: 'B4',
    binds: 'server',
    sentence: 'takes frames in any pieces',
    async try(server) {
      const requests = server.ops.flatMap((op) =>
        malformedOf(op).map((plaintext) => ({ op, plaintext })),
      );
      await visit(server, async (visitor) => {
        const slowly = (bytes: Buffer) => sendSlowly(visitor.socket, bytes);
        await visitor.authenticate({}, slowly);
        for (const { op, plaintext } of requests) {
          await slowly(visitor.request(op, plaintext));
          demandRefusal(op, await visitor.reply(op));
        }
        visitor.send(...requests.map(({ op, plaintext }) => visitor.request(op, plaintext)));
        for (const { op } of requests) demandRefusal(op, await visitor.reply(op));
      });
    },
  },
  {
    number: 'B5',
    binds: 'server',
    sentence: 'executes nothing in a context without mutual, confidentiality or integrity',
    async try(server) {
      const [op] = server.ops;
      await forEachFlagMissing(server, async (visitor, flags, missing) => {
        const initiator = visitor.initiator({ flags });
        const { token, context: early } = initiator.step();
        visitor.send(encodeFrame(MSG_AUTH, token ?? Buffer.alloc(0)));
        const reply = early === undefined ? await visitor.frame() : undefined;
        if (early === undefined && reply?.type !== MSG_AUTH) return;
        const context = early ?? visitor.completed(initiator, reply?.body ?? Buffer.alloc(0));
        visitor.send(encodeFrame(op.id, context.wrap(MALFORMED)));
        const frame = await visitor.frame();
        demand(frame?.type !== op.id, `without ${missing}: it answers a request`);
      });
    },
  },
  {
    number: 'B6',
    binds: 'server',
    sentence: 'closes when a context is without one of them',
    try: (server) =>
      forEachFlagMissing(server, async (visitor, flags, missing) => {
        const { token } = visitor.initiator({ flags }).step();
        visitor.send(encodeFrame(MSG_AUTH, token ?? Buffer.alloc(0)));
        // The token that the mechanism made may come ahead of it.
        if ((await visitor.frame())?.type === MSG_AUTH)
          await visitor.expectClosed(`without ${missing}`);
      }),
  },
  {
    number: 'B7',
    binds: 'server',
    sentence: 'sends no token that is empty, and takes none',
    async try(server) {
      await greeted(server, () => Promise.resolve());
      await visit(server, (visitor) => {
        visitor.send(header(0, MSG_AUTH));
        return visitor.expectClosed('an empty token');
      });
    },
  },
  {
    number: 'B8',
    binds: 'server',
    sentence: 'closes on a token that is not encrypted, repeated, not in its turn, or none',
    async try(server) {
      const [op] = server.ops;
      const closes = (what: string, bytes: (visitor: Visitor) => Buffer) =>
        greeted(server, (visitor) => {
          visitor.send(bytes(visitor));
          return visitor.expectClosed(what);
        });
      const frame = (token: Uint8Array) => encodeFrame(op.id, token);
      await closes('a request that is not encrypted', ({ context }) =>
        frame(context.wrap(MALFORMED, false)),
      );
      await closes('a request that is modified', ({ context }) =>
        frame(modified(context.wrap(MALFORMED))),
      );
      await closes('a request that is not wrapped', () => frame(MALFORMED));
      await keepsOrder(server, ALL_FLAGS);
    },
  },
  {
    number: 'S1',
    binds: 'server',
    sentence: 'authenticates users of its realm only',
    async try(server) {
      const { stranger } = server;
      if (stranger === undefined)
        throw new NotTried('it takes a ticket of a principal that is none: --stranger CACHE');
      await withCache(stranger, () =>
        visit(server, async (visitor) => {
          const { token } = visitor.initiator().step();
          visitor.send(encodeFrame(MSG_AUTH, token ?? Buffer.alloc(0)));
          await visitor.expectClosed('a principal that is no user of the realm');
        }),
      );
    },
  },
  {
    number: 'S2',
    binds: 'server',
    sentence: 'executes nothing once the ticket has ended',
    try: (server) =>
      withoutServiceTickets(() =>
        greeted(
          server,
          async (visitor) => {
            const [op] = server.ops;
            const late = visitor.request(op, MALFORMED);
            // Its clock may be a little behind.
            await sleep(2 * TICKET_SECONDS * 1000);
            visitor.send(late);
            await visitor.expectClosed('a request behind the end of the ticket');
          },
          { seconds: TICKET_SECONDS },
        ),
      ),
  },
  {
    number: 'S3',
    binds: 'server',
    sentence: 'enforces the order for a client that did not ask for it',
    try: (server) => keepsOrder(server, REQUIRED_FLAGS),
  },
  {
    number: 'S4',
    binds: 'server',
    sentence: 'replies in the order of the requests',
    async try(server) {
      const [first, second] = server.ops;
      if (second === undefined)
        throw new NotTried('it takes two ops, whose replies can be told apart: --op NAME NAME');
      const order: readonly Op[] = [first, second, second, first, first, first, second];
      await greeted(server, async (visitor) => {
        visitor.send(...order.map((op) => visitor.request(op, MALFORMED)));
        visitor.socket.end();
        for (const op of order) demandRefusal(op, await visitor.reply(op));
      });
    },
  },
];

/** A connection for each flag that must not be missing. */
async function forEachFlagMissing(
  server: Server,
  work: (visitor: Visitor, flags: readonly Flag[], missing: Flag) => Promise<void>,
): Promise<void> {
  for (const missing of REQUIRED_FLAGS) {
    const flags = ALL_FLAGS.filter((flag) => flag !== missing);
    await visit(server, (visitor) => work(visitor, flags, missing));
  }
}

/** Requests out of their order, by where they are in it; those that are in order are answered. */
async function keepsOrder(server: Server, flags: readonly Flag[]): Promise<void> {
  const [op] = server.ops;
  const orders: readonly [what: string, order: readonly number[], answered: number][] = [
    ['a request that comes twice', [0, 0], 1],
    ['a request ahead of the one before', [1, 0], 0],
    ['a request behind a gap', [0, 2], 1],
  ];
  for (const [what, order, answered] of orders) {
    await greeted(
      server,
      async (visitor) => {
        const frames = [0, 1, 2].map(() => visitor.request(op, MALFORMED));
        visitor.send(...order.map((index) => frames[index] ?? Buffer.alloc(0)));
        for (let count = 0; count < answered; count += 1) await visitor.reply(op);
        await visitor.expectClosed(what);
      },
      { flags },
    );
  }
}

/** As whoever has the tickets in this cache. @throws NotTried if there are none that are good */
async function withCache(cache: string, work: () => Promise<void>): Promise<void> {
  const own = process.env['KRB5CCNAME'];
  process.env['KRB5CCNAME'] = cache;
  try {
    await work();
  } catch (error) {
    if (error instanceof GssError) throw new NotTried(`no ticket can be had: ${error.detail}`);
    throw error;
  } finally {
    if (own === undefined) delete process.env['KRB5CCNAME'];
    else process.env['KRB5CCNAME'] = own;
  }
}

/**
 * As the caller, with a cache that holds no ticket for the server: one of seconds must be got, and
 * the caller's own cache is not to hold it.
 */
async function withoutServiceTickets(work: () => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ceo-conformance-'));
  const cache = `FILE:${path.join(folder, 'ccache')}`;
  await undoing(
    () => rmSync(folder, { recursive: true, force: true }),
    async () => {
      try {
        const [, realm = ''] = /^Default principal: .*@(.*)$/m.exec(await tell('klist')) ?? [];
        await tell('kvno', '-q', '--out-cache', cache, `krbtgt/${realm}@${realm}`);
      } catch (error) {
        throw new NotTried(`it takes a ticket of seconds: ${messageOf(error).trim()}`);
      }
      await withCache(cache, work);
    },
  );
}

/** What a program says, in English. */
async function tell(command: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, LC_ALL: 'C' };
  return (await promisify(execFile)(command, args, { env })).stdout;
}
