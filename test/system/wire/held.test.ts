/**
 * Promise: nobody holds what others need: not a captured session process, not a member who does not
 * read, not one with many connections, not somebody who comes while ceod starts.
 */
import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { nodeOf, programsOf } from '../../../sandbox/programs.js';
import { decodeBody, encodeBody } from '../../../src/protocol/body.js';
import { ops } from '../../../src/protocol/ops.js';
import { encodeFrame, MSG_AUTH } from '../../../src/wire/frame.js';
import { startCapturableCeod } from '../../support/captured.js';
import { eventually } from '../../support/eventually.js';
import { ownHost, startCeodOn, startOwnCeod, type OwnCeod } from '../../support/ownCeod.js';
import { folder, run, runAs } from '../../support/realm.js';
import { WireClient } from '../../support/wire.js';

const { id, input, output, encoding } = ops.updateMail;
const mail = Buffer.from(encodeBody(input, encoding, { username: 'ctdalek' }));

let ceod: OwnCeod | undefined;
const clients: WireClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await ceod?.stop();
  ceod = undefined;
});

const logged = (text: string) => eventually(() => JSON.stringify(ceod?.log() ?? []).includes(text));

async function connect(target: string): Promise<WireClient> {
  const client = await WireClient.connect(target);
  clients.push(client);
  return client;
}
async function authenticated(target: string): Promise<WireClient> {
  const client = await WireClient.authenticated(target);
  clients.push(client);
  return client;
}
async function ask(client: WireClient): Promise<number | undefined> {
  client.send(client.op(id, mail));
  const reply = await client.reply();
  return reply && decodeBody(output, encoding, reply).messages[0]?.status;
}
const isServed = (target: string) =>
  authenticated(target).then(
    async (client) => (await ask(client)) === 0,
    () => false,
  );

const inTime = async <T>(work: Promise<T>): Promise<T | 'too late'> =>
  Promise.race([work, sleep(20_000, 'too late' as const, { ref: false })]);

describe('a captured session process', () => {
  test('that says its peer is authenticated, and nothing more, is ended all the same', async () => {
    const captured = await startCapturableCeod(
      'max_sessions = 1\nspare_sessions = 1\nlogin_deadline = 20\nmax_session_age = 2\nop_timeout = 1',
    );
    ceod = captured;
    await captured.capture("say('a'); process.stdin.removeAllListeners('data');");
    await connect(captured.target);
    await eventually(() => captured.wasCaptured());
    await eventually(() => isServed(captured.target));
    await logged('does not keep its deadline');
  });

  test('while others wait, sooner', async () => {
    const captured = await startCapturableCeod(
      'max_sessions = 1\nspare_sessions = 1\nmax_session_age_busy = 1\nop_timeout = 1',
    );
    ceod = captured;
    await captured.capture("say('a'); process.stdin.removeAllListeners('data');");
    await connect(captured.target);
    await eventually(() => captured.wasCaptured());
    expect(await isServed(captured.target)).toBe(true);
  });

  test('that opens very many channels takes none from the others', async () => {
    const captured = await startCapturableCeod('max_sessions = 4\nspare_sessions = 2');
    ceod = captured;
    const sockets = path.join(captured.dir, 'run', 'root', String(captured.server.pid));
    await captured.capture(`
      const net = require('node:net');
      let open = 0;
      let closed = 0;
      for (let i = 0; i < 2_000; i += 1) {
        const socket = net.connect('${sockets}/runner.sock', () => (open += 1));
        socket.on('error', () => undefined);
        socket.on('close', () => (closed += 1));
      }
      setTimeout(() => tell({ open, closed, left: 2_000 - closed }), 3_000);`);
    await connect(captured.target);
    await eventually(() => captured.wasCaptured());
    const served = await isServed(captured.target);
    expect(served).toBe(true);
    const { left } = (await captured.told()) as { left: number };
    expect(left).toBeLessThanOrEqual(16);
    await logged('too many channels');
  });
});

describe('a member', () => {
  test('who sends and never reads gives way to who waits', async () => {
    const host = await ownHost(
      'max_sessions = 1\nspare_sessions = 1\nidle_timeout = 600\nidle_timeout_busy = 1\nlogin_deadline = 30',
    );
    await writeFile(path.join(host.dir, 'ops', 'big'), 'ginseng.csclub.test big daemon 0x77\n');
    const libDir = path.join(host.dir, 'lib');
    await mkdir(libDir);
    await writeFile(path.join(libDir, 'op-big'), '#!/bin/sh\nhead -c 60000 /dev/zero\n');
    await run(['chmod', '-R', 'a+rX', libDir]);
    await run(['chmod', 'a+x', path.join(libDir, 'op-big')]);
    ceod = await startCeodOn(host, { CEO_LIB_DIR: libDir });
    const greedy = await authenticated(ceod.target);
    greedy.socket.pause();
    // Until its replies fill what the kernel keeps for a reader.
    const frames = Array.from({ length: 400 }, () => greedy.op(0x77, Buffer.from('all of it')));
    greedy.send(Buffer.concat(frames));
    await sleep(6_000);
    expect(await inTime(isServed(ceod.target))).toBe(true);
    await logged('reply not read');
  });

  test('has so many connections and no more; the others are told why, and closed', async () => {
    ceod = await startOwnCeod('max_per_principal = 2\nspare_sessions = 4');
    const { target } = ceod;
    const mine = [await authenticated(target), await authenticated(target)];
    for (const client of mine) expect(await ask(client)).toBe(0);
    const further = await authenticated(target);
    further.send(further.op(id, mail));
    const reply = decodeBody(output, encoding, (await further.reply()) ?? Buffer.alloc(0));
    expect(reply.messages).toMatchObject([
      { status: 16, message: expect.stringMatching(/has 2 connections.*end one of them/) },
    ]);
    expect(await further.receive()).toBeUndefined();
    for (const client of mine) expect(await ask(client)).toBe(0);
    // Somebody else is none of them.
    const other = await runAs('nobody1', ['ceoc', 'mail', '--json'], {
      env: ceod.env,
      input: '{"username": "nobody1"}',
    });
    expect(other.status).toBe(0);
    const refused = await runAs('ctdalek', ['ceoc', 'mail', '--json'], {
      env: ceod.env,
      input: '{"username": "ctdalek"}',
    });
    expect(refused.status).toBe(11);
    // One that ends makes room, also if its process serves on.
    mine[0]?.close();
    await eventually(() => isServed(target));
  });

  test('whose connection has lasted long enough loses it between two ops, and ceo goes on', async () => {
    ceod = await startOwnCeod('max_session_age = 1\nspare_sessions = 1');
    const client = await authenticated(ceod.target);
    expect(await ask(client)).toBe(0);
    expect(await client.receive()).toBeUndefined();
    expect(await isServed(ceod.target)).toBe(true);
  });
});

describe('strangers', () => {
  test('who say nothing are given up sooner while others wait', async () => {
    ceod = await startOwnCeod(
      'max_sessions = 2\nspare_sessions = 2\nlogin_deadline = 60\nlogin_deadline_busy = 1',
    );
    for (let i = 0; i < 2; i += 1) await connect(ceod.target);
    await sleep(500);
    expect(await isServed(ceod.target)).toBe(true);
  });

  test('beyond max_startups are closed; who is authenticated is none of them', async () => {
    ceod = await startOwnCeod('max_startups = 3:100:3\nspare_sessions = 6\nlogin_deadline = 600');
    const { target } = ceod;
    const known = await authenticated(target);
    expect(await ask(known)).toBe(0);
    // Whoever is authenticated is told of after a second.
    await sleep(1_500);
    for (let i = 0; i < 3; i += 1) await connect(target);
    await sleep(300);
    const further = await connect(target);
    expect(await inTime(further.receive())).toBeUndefined();
    expect(await ask(known)).toBe(0);
  });
});

describe('while ceod starts', () => {
  /** A daemon whose runner does not get ready, as somebody holds the lock on the journal. */
  async function starting(settings: string) {
    const host = await ownHost(settings);
    const state = path.join(host.dir, 'state');
    await mkdir(state, { recursive: true, mode: 0o700 });
    await writeFile(path.join(state, 'journal.lock'), '', { mode: 0o600 });
    const holder = spawn(
      'flock',
      ['--exclusive', path.join(state, 'journal.lock'), 'sleep', '60'],
      {
        detached: true,
      },
    );
    await sleep(200);
    ceod = await startCeodOn(host);
    const release = () => {
      if (holder.pid !== undefined) process.kill(-holder.pid, 'SIGKILL');
    };
    return { ...ceod, release };
  }

  test('those who come are few, and wait no longer than otherwise; then it serves', async () => {
    const { target, release, server } = await starting('max_queued = 5\nlogin_deadline = 2');
    try {
      const early = await Promise.all(Array.from({ length: 50 }, () => connect(target)));
      const closed = await Promise.all(early.map((client) => client.receive()));
      expect(closed).toEqual(Array(50).fill(undefined));
      expect((await readdir(`/proc/${server.pid}/fd`)).length).toBeLessThan(60);
    } finally {
      release();
    }
    await eventually(() => isServed(target));
  });

  test('SIGTERM ends all of it at once', async () => {
    const { server, release } = await starting('');
    try {
      const { stdout } = await run(['ps', '--ppid', String(server.pid), '-o', 'pid=']);
      const children = stdout.trim().split(/\s+/).map(Number);
      expect(children.length).toBeGreaterThan(1);
      process.kill(server.pid, 'SIGTERM');
      const isGone = async (pid: number) =>
        (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z')).includes(') Z');
      await sleep(2_000);
      for (const pid of [server.pid, ...children]) expect(await isGone(pid)).toBe(true);
    } finally {
      release();
    }
  });

  test('with a hook_user that there is none of, it does not even listen', async () => {
    const host = await ownHost('hook_user = nosuchuser', {
      accounts: 'notify_hook = /bin/true',
    });
    const program = path.join(programsOf(folder), 'dist', 'ceod', 'main.js');
    const env = { ...host.env };
    for (const args of [[], ['--check-config']]) {
      const { status, stderr } = await run([nodeOf(folder), program, ...args], { env });
      expect({ status, stderr }).toEqual({
        status: 10,
        stderr: expect.stringContaining('There is no Unix user nosuchuser.'),
      });
    }
  });
});

test('session processes that crash when they are ready are started again ever more seldom, and told of', async () => {
  const host = await ownHost('spare_sessions = 1');
  const tree = path.join(host.dir, 'crashing');
  await run(['cp', '-a', programsOf(folder), tree]);
  const session = path.join(tree, 'dist', 'ceod', 'session.js');
  await writeFile(session, '\nsetTimeout(() => process.exit(7), 500);\n', { flag: 'a' });
  ceod = await startCeodOn(host, {}, nodeOf(folder), tree);
  await sleep(6_000);
  const ended = ceod
    .log()
    .filter(({ msg }) => msg === 'a session process ended while it was ready');
  expect(ended.length).toBeGreaterThan(1);
  expect(ended.length).toBeLessThan(8);
});

test('the folder of a runner’s socket lies in one where its user puts nothing in the way', async () => {
  const host = await ownHost('');
  const parent = path.join(host.dir, 'run', 'root');
  // Left by one that is no more; and what stands where this one’s is to be.
  await mkdir(path.join(parent, '999999999', 'runner.sock', 'x'), { recursive: true });
  await mkdir(path.join(parent, 'runner-999999.sock', 'x'), { recursive: true });
  ceod = await startCeodOn(host);
  await logged('listening');
  expect(await readdir(parent)).toEqual([String(ceod.server.pid)]);
  const { uid, gid, mode } = await stat(parent);
  expect([uid, gid, mode & 0o777]).toEqual([0, 0, 0o711]);
  expect(await isServed(ceod.target)).toBe(true);
});

test('who is turned away is told so: exit status 5, and what to do', async () => {
  ceod = await startOwnCeod('penalty_failures = 1\nspare_sessions = 2');
  const bad = await connect(ceod.target);
  bad.send(encodeFrame(MSG_AUTH, Buffer.from('no token')));
  expect(await bad.receive()).toBeUndefined();
  await logged('a network has failed too often');
  const { status, stderr } = await runAs('ctdalek', ['ceoc', 'mail', '--json'], {
    env: ceod.env,
    input: '{"username": "ctdalek"}',
  });
  expect(status).toBe(5);
  expect(stderr).toMatch(/turned this connection away/);
  expect(stderr).toMatch(/Try again in a minute/);
  expect(stderr).not.toContain('ECONNRESET');
});
