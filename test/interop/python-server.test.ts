/**
 * Promise: our ceoc is understood by a server written from docs/protocol.md
 * alone; and whatever a server does against the document, ceoc says truly
 * whether something may have been done.
 */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient } from '../../src/ceoc/client.js';
import { exitStatus } from '../../src/errors.js';
import { Ceod } from '../../src/generated/ceo/ceo_pb.js';
import { ginseng, hostDir, runAs, type Outcome } from '../support/realm.js';
import { PythonServer, pythonModules, removeModules, type ServerEvent } from './pythonPeer.js';

const ADDUSER = 1;
const MAIL = 2;

let modules: string;
let site: string;
beforeAll(async () => {
  modules = await pythonModules();
  site = await mkdtemp(path.join(tmpdir(), 'ceo-interop-site-'));
});
afterAll(async () => {
  await removeModules(modules);
  await rm(site, { recursive: true });
});

const servers: PythonServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.end()));
});

async function serving(mode: string): Promise<PythonServer> {
  const server = await PythonServer.start(modules, mode);
  servers.push(server);
  return server;
}

/** The variables of a client whose ceod is at this port. */
async function configure(port: number): Promise<Record<string, string>> {
  const dir = path.join(site, String(port));
  const hosts = path.join(dir, 'hosts');
  await mkdir(dir, { recursive: true });
  await cp(path.join(hostDir, 'ops'), path.join(dir, 'ops'), { recursive: true });
  await writeFile(hosts, `127.0.0.1 ${ginseng} ginseng\n`);
  await writeFile(path.join(dir, 'accounts.cf'), `include ${hostDir}/accounts.cf\n`);
  await writeFile(
    path.join(dir, 'ceod.cf'),
    `include ${hostDir}/ceod.cf\nceod_port = ${port}\nconnect_timeout = 2\nreply_timeout = 2\n`,
  );
  return { CEO_CONFIG_DIR: dir, CEO_HOSTS: hosts };
}

/** ceoc OP --json, sent to this server. */
async function ceoc(
  server: { port: number },
  op: 'adduser' | 'mail',
  request: object,
  env: Record<string, string> = {},
): Promise<Outcome> {
  return runAs('ctdalek', ['ceoc', op, '--json'], {
    env: { ...(await configure(server.port)), ...env },
    input: JSON.stringify(request),
  });
}

/** Every connection that there was so far: what the server saw of each. */
async function connections(server: PythonServer): Promise<ServerEvent[][]> {
  // Connections are accepted in order: behind this one there is none of ceoc's.
  net.connect(server.port, '127.0.0.1').end();
  const seen: ServerEvent[][] = [];
  for (;;) {
    const events = await server.connection();
    if (events.at(-1)?.end === 'Closed: nothing was said') return seen;
    seen.push(events);
  }
}

/** The requests that the server saw, on one connection that ended as it should. */
async function requests(server: PythonServer): Promise<ServerEvent[]> {
  const [first = [], ...others] = await connections(server);
  expect(others).toEqual([]);
  expect(first.at(-1)).toEqual({ end: 'end of stream' });
  return first.filter(({ op }) => op !== undefined);
}

const done = { messages: [{ status: 0, message: 'erledigt: größer, 日本' }] };
const mailForCtdalek = { username: 'ctdalek' };

describe('a request arrives as it was meant', () => {
  const everything = {
    type: 'CLUB_REP',
    username: 'newrep',
    password: 'pass wörd " \\ \t',
    realname: 'Zoë Ünlü 日本 🐉',
    program: 'MATH Pure',
    email: 'a@example.com\nb@example.com',
  };

  test.each<[string, 'adduser' | 'mail', object, Record<string, unknown>]>([
    ['every field, beyond ASCII', 'adduser', everything, { ...everything, type: 3 }],
    [
      'absent fields are absent',
      'adduser',
      { type: 'CLUB', username: 'aclub' },
      { type: 2, username: 'aclub' },
    ],
    [
      'empty fields are empty',
      'adduser',
      { type: 'MEMBER', username: '', password: '', realname: '', program: '', email: '' },
      { type: 1, username: '', password: '', realname: '', program: '', email: '' },
    ],
    ['an absent forward', 'mail', mailForCtdalek, mailForCtdalek],
    [
      'an empty forward',
      'mail',
      { ...mailForCtdalek, forward: '' },
      { ...mailForCtdalek, forward: '' },
    ],
    [
      'a forward',
      'mail',
      { ...mailForCtdalek, forward: 'ü@example.com' },
      { ...mailForCtdalek, forward: 'ü@example.com' },
    ],
    [
      'a forward of 60,000 bytes',
      'mail',
      { ...mailForCtdalek, forward: 'x'.repeat(60_000) },
      { ...mailForCtdalek, forward: 'x'.repeat(60_000) },
    ],
  ])('%s', async (_what, op, request, seen) => {
    const server = await serving('normal');
    const { status, stdout, stderr } = await ceoc(server, op, request);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual(done);
    expect(await requests(server)).toMatchObject([
      { op: op === 'adduser' ? ADDUSER : MAIL, request: seen },
    ]);
  });

  test('raw: byte for byte as it was given, and the response as well', async () => {
    const server = await serving('normal');
    // Fields in reverse order, an unknown one between them.
    const hex = ['120178', '7801', '0a07637464616c656b'].join('');
    const { status, stdout } = await runAs('ctdalek', ['ceoc', 'mail'], {
      env: await configure(server.port),
      input: Buffer.from(hex, 'hex').toString('latin1'),
    });
    expect(status).toBe(0);
    const text = done.messages[0]?.message ?? '';
    expect(stdout.slice(-text.length)).toBe(text);
    expect((await requests(server)).map((seen) => seen.hex)).toEqual([hex]);
  });

  test('the client is who has the ticket, with all five flags', async () => {
    const server = await serving('normal');
    await ceoc(server, 'mail', mailForCtdalek);
    const [[, authenticated] = []] = await connections(server);
    expect(authenticated?.client).toBe('ctdalek@CSCLUB.TEST');
    expect(authenticated?.flags).toEqual(
      expect.arrayContaining([
        ...['mutual_authentication', 'replay_detection', 'out_of_sequence_detection'],
        ...['confidentiality', 'integrity'],
      ]),
    );
    // No ticket of the user's is handed to a server.
    expect(authenticated?.flags).not.toContain('delegate_to_peer');
  });
});

describe('a reply is understood', () => {
  test('sent byte by byte, authentication too', async () => {
    const server = await serving('byte-by-byte');
    const { status, stdout } = await ceoc(server, 'mail', mailForCtdalek);
    expect({ status, response: JSON.parse(stdout) as unknown }).toEqual({
      status: 0,
      response: done,
    });
  });

  test('with another frame, that nobody asked for, glued to it', async () => {
    const server = await serving('glued');
    const { status, stdout } = await ceoc(server, 'mail', mailForCtdalek);
    expect({ status, response: JSON.parse(stdout) as unknown }).toEqual({
      status: 0,
      response: done,
    });
  });

  test('as long as fits a frame', async () => {
    const server = await serving('longest');
    const { status, stdout } = await ceoc(server, 'mail', mailForCtdalek);
    expect(status).toBe(0);
    expect(stdout.length).toBeGreaterThan(65_000);
  });

  test.each<[string, keyof typeof exitStatus]>([
    ['eperm', 'denied'],
    ['enoent', 'not_found'],
    ['eexist', 'exists'],
    ['einval', 'usage'],
    ['eldap', 'failed'],
  ])('status %s is exit status %s', async (mode, code) => {
    const server = await serving(mode);
    const { status, stdout } = await ceoc(server, 'adduser', { type: 'CLUB', username: 'aclub' });
    expect(status).toBe(exitStatus[code]);
    expect((JSON.parse(stdout) as typeof done).messages).toHaveLength(1);
    expect(await requests(server)).toHaveLength(1);
  });

  test('the first status that is not 0 is the reason', async () => {
    const { status, stdout } = await ceoc(await serving('late-failure'), 'mail', mailForCtdalek);
    expect(status).toBe(exitStatus.exists);
    expect((JSON.parse(stdout) as typeof done).messages.map((each) => each.status)).toEqual([
      0, 17, 1, 0,
    ]);
  });

  test('a warning is success', async () => {
    expect((await ceoc(await serving('warning'), 'mail', mailForCtdalek)).status).toBe(0);
  });

  test('no status is none: the outcome is unknown', async () => {
    expect((await ceoc(await serving('no-status'), 'mail', mailForCtdalek)).status).toBe(6);
  });

  test('without --json a response that refuses is written as it came: exit status 0', async () => {
    const server = await serving('eperm');
    const { status, stdout } = await runAs('ctdalek', ['ceoc', 'mail'], {
      env: await configure(server.port),
      input: '\x0a\x07ctdalek',
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '\x0a\x06\x08\x01\x12\x02no' });
  });
});

describe('the outcome is unknown, the request arrived once and is not sent again', () => {
  test.each([
    ['the server closes', 'close'],
    ['the server resets the connection', 'reset'],
    ['the server does not reply', 'silent'],
    ['the reply has another msgtype', 'wrong-msgtype'],
    ['the reply is MSG_AUTH', 'reply-as-auth'],
    ['the reply is a wrap token without confidentiality', 'unencrypted'],
    ['the reply is no wrap token', 'plaintext'],
    ['the reply is modified', 'modified'],
    ['the reply is behind a gap', 'gap'],
    ['the reply has a length of 4 GiB - 1', 'huge'],
    ['the reply has a length of 65,537', 'just-too-long'],
    ['the reply has a length of 0', 'empty'],
    ['the reply ends inside the frame', 'cut'],
    ['the reply is no protobuf', 'malformed'],
  ])('%s', async (_what, mode) => {
    const server = await serving(mode);
    const { status, stdout, stderr } = await ceoc(server, 'mail', mailForCtdalek);
    expect({ status, stdout }).toEqual({ status: exitStatus.outcome_unknown, stdout: '' });
    expect(stderr).toMatch(/^ceoc: /);
    const seen = await connections(server);
    expect(seen).toHaveLength(1);
    expect(seen.flat().filter(({ op }) => op !== undefined)).toHaveLength(1);
  });

  test('the second reply of a connection is the first once more', async () => {
    const server = await serving('replayed');
    const client = createClient(
      Ceod,
      () => Promise.resolve({ host: ginseng, address: '127.0.0.1', port: server.port }),
      { connectMs: 5_000, replyMs: 5_000 },
    );
    expect(await client.updateMail(mailForCtdalek)).toMatchObject(done);
    await expect(client.updateMail(mailForCtdalek)).rejects.toMatchObject({
      code: 'outcome_unknown',
    });
    client.close();
    const seen = await connections(server);
    expect(seen).toHaveLength(1);
    expect(seen.flat().filter(({ op }) => op !== undefined)).toHaveLength(2);
  });
});

describe('authentication fails, and nothing was sent', () => {
  test.each([
    ['the server closes', 'auth-close'],
    ['its token is nonsense', 'auth-garbage'],
    ['its token is the client’s own', 'auth-reflected'],
    ['its token is modified', 'auth-modified'],
    ['its frame has the type of an op', 'auth-as-op'],
  ])('%s', async (_what, mode) => {
    const server = await serving(mode);
    const { status, stdout, stderr } = await ceoc(server, 'mail', mailForCtdalek);
    expect({ status, stdout }).toEqual({ status: exitStatus.unauthenticated, stdout: '' });
    expect(stderr).toMatch(/^ceoc: /);
    const seen = await connections(server);
    expect(seen).toHaveLength(1);
    expect(seen.flat().filter(({ op }) => op !== undefined)).toEqual([]);
  });

  test('its token is one that it sent to another connection', async () => {
    const server = await serving('auth-recorded');
    expect((await ceoc(server, 'mail', mailForCtdalek)).status).toBe(0);
    const { status } = await ceoc(server, 'mail', mailForCtdalek);
    expect(status).toBe(exitStatus.unauthenticated);
    const [, second = []] = await connections(server);
    expect(second.filter(({ op }) => op !== undefined)).toEqual([]);
  });

  test('there is no ticket: the server hears nothing of it', async () => {
    const server = await serving('normal');
    const nowhere = { KRB5CCNAME: `FILE:${path.join(site, 'no-such-ccache')}` };
    const { status, stdout } = await ceoc(server, 'mail', mailForCtdalek, nowhere);
    expect({ status, stdout }).toEqual({ status: exitStatus.unauthenticated, stdout: '' });
    const seen = await connections(server);
    expect(seen.flat().filter(({ client }) => client !== undefined)).toEqual([]);
  });
});

describe('the host is unreachable, and nothing was sent', () => {
  // What answers there is no ceod.
  test.each([
    ['its frame is empty', 'auth-empty'],
    ['its frame has a length of 4 GiB - 1', 'auth-huge'],
    ['its frame is cut off', 'auth-cut'],
  ])('%s', async (_what, mode) => {
    const server = await serving(mode);
    const { status, stdout } = await ceoc(server, 'mail', mailForCtdalek);
    expect({ status, stdout }).toEqual({ status: exitStatus.unreachable, stdout: '' });
    const seen = await connections(server);
    expect(seen).toHaveLength(1);
    expect(seen.flat().filter(({ op }) => op !== undefined)).toEqual([]);
  });

  test('the server does not answer authentication', async () => {
    const server = await serving('auth-silent');
    const { status, stdout } = await ceoc(server, 'mail', mailForCtdalek);
    expect({ status, stdout }).toEqual({ status: exitStatus.unreachable, stdout: '' });
    const seen = await connections(server);
    expect(seen).toHaveLength(1);
    expect(seen.flat().filter(({ op }) => op !== undefined)).toEqual([]);
  });

  test('nothing listens', async () => {
    const server = await serving('normal');
    await server.end();
    const { status, stdout } = await ceoc(server, 'mail', mailForCtdalek);
    expect({ status, stdout }).toEqual({ status: exitStatus.unreachable, stdout: '' });
  });
});
