/** What binds a client, tried on one: the tool is the server that it comes to. */
import { create, toJsonString } from '@bufbuild/protobuf';
import { encodeBody } from '../src/protocol/body.js';
import { ops } from '../src/protocol/ops.js';
import { Status } from '../src/protocol/status.js';
import { encodeFrame, MAX_BODY_LENGTH, MSG_AUTH } from '../src/wire/frame.js';
import { demand, NotTried, type Case } from './case.js';
import { Absent, type Guest, type Host, type Outcome, type Serve } from './host.js';
import { flood, header, modified, sendSlowly } from './socket.js';

const { updateMail: mail, subscribe: mailman } = ops;
const USERNAME = 'conformance';
const REQUEST = Buffer.from(encodeBody(mail.input, mail.encoding, { username: USERNAME }));

/** A response with these statuses. */
const response = (...lines: (readonly [status: number, message: string])[]) =>
  Buffer.from(
    encodeBody(mail.output, mail.encoding, {
      messages: lines.map(([status, message]) => ({ status, message })),
    }),
  );
const DONE = response([Status.OK, 'done']);

export const clientCases: readonly Case<'client', Host>[] = [
  {
    number: 'B1',
    binds: 'client',
    sentence: 'sends bodies of 1 to 65,536 bytes, and takes the longest',
    async try(host) {
      let limit = 0;
      const answering = answer((guest) => {
        ({ limit } = guest.context);
        return ofLength(limit, (text) => response([Status.OK, text]));
      });
      const done = await host.run(mail, REQUEST, answering);
      demand(!done.failed, `it fails with the longest response: ${done.stderr}`);
      const longest = await host.run(mail, requestOf(limit), answering);
      demand(!longest.failed, `it fails with the longest request: ${longest.stderr}`);
      const sent = await host.run(mail, requestOf(limit + 1), answering).catch(ifAbsent);
      demand(sent === undefined || sent.requests === 0, 'it sends a request that is too long');
      demand(sent === undefined || sent.failed, 'it succeeds with a request that is too long');
    },
  },
  {
    number: 'B2',
    binds: 'client',
    sentence: 'looks at a length before it reads the body',
    async try(host) {
      await refuses(host, 'a token without end', async (guest) => {
        await guest.greeting();
        await flood(guest.socket, MSG_AUTH);
      });
      await refuses(host, 'a reply without end', async (guest) => {
        const { type } = await guest.request();
        await flood(guest.socket, type);
      });
    },
  },
  {
    number: 'B3',
    binds: 'client',
    sentence: 'closes on a length that is out of range',
    async try(host) {
      for (const length of [0, MAX_BODY_LENGTH + 1]) {
        const bytes = (type: number) => Buffer.concat([header(length, type), Buffer.alloc(length)]);
        await refuses(host, `a token of ${length} bytes`, async (guest) => {
          await guest.greeting();
          guest.socket.write(bytes(MSG_AUTH));
        });
        await refuses(host, `a reply of ${length} bytes`, async (guest) => {
          const { type } = await guest.request();
          guest.socket.write(bytes(type));
        });
      }
      // What a client might take that reads it.
      await refuses(host, 'a reply of more than 65,536 bytes', async (guest) => {
        const { type } = await guest.request();
        const token = guest.context.wrap(response([Status.OK, 'x'.repeat(guest.context.limit)]));
        guest.socket.write(encodeFrame(type, token, token.length));
      });
    },
  },
  {
    number: 'B4',
    binds: 'client',
    sentence: 'takes frames in any pieces',
    async try(host) {
      await understands(host, 'byte by byte', async (guest) => {
        const slowly = (bytes: Buffer) => sendSlowly(guest.socket, bytes);
        const { type } = await guest.request(slowly);
        await slowly(encodeFrame(type, guest.context.wrap(DONE)));
      });
      await understands(
        host,
        'with a frame behind it that is none of its business',
        async (guest) => {
          const { type } = await guest.request();
          const frames = [DONE, DONE].map((body) => encodeFrame(type, guest.context.wrap(body)));
          guest.socket.write(Buffer.concat(frames));
        },
      );
    },
  },
  {
    number: 'B5',
    binds: 'client',
    sentence: 'makes a context with mutual, confidentiality and integrity',
    // What it makes is looked at whenever it authenticates.
    async try(host) {
      await understands(
        host,
        'in a context as it wants it',
        answer(() => DONE),
      );
    },
  },
  {
    number: 'B6',
    binds: 'client',
    sentence: 'closes, and sends no request, if the server does not prove that it is the one',
    async try(host) {
      const answers: readonly [string, (token: Buffer, answer: Buffer) => Buffer][] = [
        ['a token that is modified', (_token, its) => encodeFrame(MSG_AUTH, modified(its))],
        ['its own token', (token) => encodeFrame(MSG_AUTH, token)],
        ['a token that is none', () => encodeFrame(MSG_AUTH, Buffer.from('nonsense'))],
        ['a reply instead of a token', () => encodeFrame(mail.id, DONE)],
      ];
      for (const [what, bytes] of answers) {
        await refusesToken(host, what, bytes);
      }
    },
  },
  {
    number: 'B7',
    binds: 'client',
    sentence: 'sends no token that is empty, and takes none',
    try: (host) => refusesToken(host, 'an empty token', () => header(0, MSG_AUTH)),
  },
  {
    number: 'B8',
    binds: 'client',
    sentence: 'closes on a token that is not encrypted, not in its turn, or none',
    async try(host) {
      const replies: readonly [string, (guest: Guest, request: Buffer) => Buffer][] = [
        ['a reply that is not encrypted', ({ context }) => context.wrap(DONE, false)],
        ['a reply that is modified', ({ context }) => modified(context.wrap(DONE))],
        ['a reply that is not wrapped', () => DONE],
        ['its own request', (_guest, request) => request],
        [
          'a reply behind a gap',
          ({ context }) => {
            context.wrap(DONE);
            return context.wrap(DONE);
          },
        ],
      ];
      for (const [what, token] of replies) {
        await refuses(host, what, async (guest) => {
          const { type, body } = await guest.request();
          guest.socket.write(encodeFrame(type, token(guest, body)));
        });
      }
    },
  },
  {
    number: 'C1',
    binds: 'client',
    sentence: 'sends no request again, and does not take it for done when the reply is lost',
    async try(host) {
      const losses: readonly [string, (guest: Guest, reply: Buffer) => void][] = [
        ['the server closes', ({ socket }) => socket.end()],
        ['the server resets the connection', ({ socket }) => socket.resetAndDestroy()],
        ['the reply is cut', ({ socket }, reply) => socket.end(reply.subarray(0, -1))],
      ];
      for (const [what, lose] of losses) {
        const { failed, requests } = await host.run(mail, REQUEST, async (guest) => {
          const { type } = await guest.request();
          lose(guest, encodeFrame(type, guest.context.wrap(DONE)));
        });
        demand(requests === 1, `${what}: it sends ${requests} requests`);
        demand(failed, `${what}: it succeeds`);
      }
    },
  },
  {
    number: 'C2',
    binds: 'client',
    sentence: 'takes a line that begins otherwise for a failure',
    async try(host) {
      requireJudge(host);
      for (const done of ['Subscribed: a@example.com', 'Disabled: alice']) {
        const { failed, stderr } = await subscribed(host, done);
        demand(!failed, `it fails with "${done}": ${stderr}`);
      }
      for (const line of [
        'Access denied: no',
        'Unknown: it',
        'Failed: it',
        'subscribed: a',
        'Fine',
      ]) {
        demand((await subscribed(host, line)).failed, `it succeeds with "${line}"`);
      }
    },
  },
  {
    number: 'C3',
    binds: 'client',
    sentence: 'does not take a response without a status for a success',
    async try(host) {
      // The second has a field that nobody knows.
      for (const body of [Buffer.alloc(0), Buffer.from('a2060178', 'hex')]) {
        await refuses(
          host,
          'a response without a status',
          answer(() => body),
        );
      }
    },
  },
  {
    number: 'C4',
    binds: 'client',
    sentence: 'goes by the statuses, whatever the words are',
    async try(host) {
      const judged = async (...lines: Parameters<typeof response>) => {
        const input = host.json ? JSON_REQUEST : REQUEST;
        return (
          await host.run(
            mail,
            input,
            answer(() => response(...lines)),
            host,
          )
        ).failed;
      };
      const words = ['done', 'error: Failed: denied', 'warning: not all'];
      for (const word of words) {
        demand(!(await judged([Status.OK, word])), `it fails with the status 0, "${word}"`);
      }
      if (!host.json) return;
      for (const word of words) {
        for (const status of [Status.EPERM, Status.ELDAP]) {
          const failed = await judged([Status.OK, 'done'], [status, word], [Status.OK, 'done']);
          demand(failed, `it succeeds with the status ${status}, "${word}"`);
        }
      }
    },
  },
];

const JSON_REQUEST = toJsonString(mail.input, create(mail.input, { username: USERNAME }));

/** Answers the request with what this makes. */
const answer =
  (body: (guest: Guest) => Buffer): Serve =>
  async (guest) => {
    const { type } = await guest.request();
    guest.socket.write(encodeFrame(type, guest.context.wrap(body(guest))));
  };

/** What is encoded with a text that makes it so many bytes long: more than 16 KiB, as a length then takes 3. */
function ofLength(length: number, encode: (text: string) => Buffer): Buffer {
  const around = encode('x'.repeat(20_000)).length - 20_000;
  return encode('x'.repeat(length - around));
}

const requestOf = (length: number) =>
  ofLength(length, (forward) =>
    Buffer.from(encodeBody(mail.input, mail.encoding, { username: USERNAME, forward })),
  );

/** It is not known of a client that judges nothing what it would have made of a response. */
function requireJudge(host: Host): void {
  if (!host.json) throw new NotTried('it takes a command that judges what it is answered: --json');
}

/** A client may find out ahead of the connection that it must fail. */
function ifAbsent(error: unknown): undefined {
  if (!(error instanceof Absent)) throw error;
}

async function subscribed(host: Host, line: string): Promise<Outcome> {
  const request = toJsonString(mailman.input, create(mailman.input, { username: USERNAME }));
  try {
    return await host.run(
      mailman,
      request,
      answer(() => Buffer.from(line)),
      host,
    );
  } catch (error) {
    if (error instanceof Absent) throw new NotTried(error.message);
    throw error;
  }
}

/** @throws Broken unless the command fails */
async function refuses(host: Host, what: string, serve: Serve): Promise<void> {
  demand((await host.run(mail, REQUEST, serve)).failed, `${what}: it succeeds`);
}

/** @throws Broken unless it fails without having sent a request */
async function refusesToken(
  host: Host,
  what: string,
  bytes: (token: Buffer, answer: Buffer) => Buffer,
): Promise<void> {
  const { failed, requests } = await host.run(mail, REQUEST, async (guest) => {
    const { token, answer: its } = await guest.greeting();
    guest.socket.write(bytes(token, its));
  });
  demand(requests === 0, `${what}: it sends a request`);
  demand(failed, `${what}: it succeeds`);
}

/** @throws Broken unless it hands over the response */
async function understands(host: Host, what: string, serve: Serve): Promise<void> {
  const { failed, stdout, stderr } = await host.run(mail, REQUEST, serve);
  demand(!failed, `${what}: it fails: ${stderr}`);
  demand(stdout.equals(DONE), `${what}: it hands over another response`);
}
