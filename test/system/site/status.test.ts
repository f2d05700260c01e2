/** Promise: root, and nobody else, learns what a running ceod does; asking cannot hold it up. */
import { stat } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Status } from '../../../src/ceod/master/status.js';
import { eventually } from '../../support/eventually.js';
import { send } from '../../support/json.js';
import { ownHost, startCeodOn, startOwnCeod, type OwnCeod } from '../../support/ownCeod.js';
import { run } from '../../support/realm.js';
import { WireClient } from '../../support/wire.js';
import { VERSION } from '../../../src/version.js';

let ceod: OwnCeod | undefined;
afterEach(async () => {
  await ceod?.stop();
  ceod = undefined;
});

const ask = (...args: string[]) => run(['ceod', ...args], { env: ceod?.env ?? {} });
const status = async () => JSON.parse((await ask('status', '--json')).stdout) as Status;
const socketOf = ({ dir }: OwnCeod) => path.join(dir, 'run', 'control.sock');

test('what there is: sessions, queue, runners, journals, failures', async () => {
  ceod = await startOwnCeod('spare_sessions = 2\nmax_sessions = 7\nmax_queued = 9');
  const client = await WireClient.authenticated(ceod.target);
  await eventually(async () => (await status()).sessions.ready === 2);
  expect(await status()).toMatchObject({
    version: VERSION,
    pid: ceod.server.pid,
    ops: expect.arrayContaining(['adduser', 'ping']),
    sessions: { busy: 1, ready: 2, most: 7 },
    queue: { length: 0, most: 9 },
    penalties: { count: 0, networks: [] },
    journals: { count: 0, names: [] },
    runners: [{ user: 'root', serves: true }],
    failures: { count: 0, last: [] },
  });
  const [runner] = (await status()).runners;
  process.kill(runner?.pid ?? 0, 'SIGKILL');
  await eventually(async () => (await status()).failures.count > 0);
  const { stdout } = await ask('status');
  expect(stdout).toMatch(/^ceod \d.*, pid \d+, up /);
  expect(stdout).toMatch(/^sessions {3}1 of 7 in use, 2 ready/m);
  expect(stdout).toMatch(/^failures {3}1\n {2}\d{4}-.* master: the runner ended/m);
  client.close();
});

test('--prometheus: what node_exporter takes, also when there is no ceod', async () => {
  ceod = await startOwnCeod();
  await eventually(async () => (await status()).runners.every(({ serves }) => serves));
  const { stdout } = await ask('status', '--prometheus');
  for (const line of stdout.trimEnd().split('\n'))
    expect(line).toMatch(/^(# (HELP|TYPE) ceod_\w+ .+|ceod_\w+(\{\w+="[^"]*"\})? \d+)$/);
  expect(stdout).toContain('\nceod_up 1\n');
  expect(stdout).toContain('\nceod_runner_serves{user="root"} 1\n');
  await ceod.stop();
  const gone = await ask('status', '--prometheus');
  expect(gone).toMatchObject({ status: 0, stdout: expect.stringMatching(/\nceod_up 0\n$/) });
});

test('a network that is turned away is shown, and served again when root says so', async () => {
  ceod = await startOwnCeod('penalty_failures = 2\npenalty_time = 600');
  const [host = '', port = ''] = ceod.target.split(':');
  const served = async () => (await send('ctdalek', 'ping', {}, { ...ceod?.env })).status === 0;
  for (let i = 0; i < 2; i += 1) {
    const socket = net.connect(Number(port), host);
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.destroy();
  }
  await eventually(async () => (await status()).penalties.count === 1);
  const [network] = (await status()).penalties.networks;
  expect(network).toMatchObject({ network: expect.stringMatching(/^127\.0\.0\.\d+$/) });
  expect(await served()).toBe(false);
  expect(await ask('unban', network?.network ?? '')).toEqual({
    status: 0,
    stdout: `${network?.network}: served again\n`,
    stderr: '',
  });
  expect(await served()).toBe(true);
  expect((await ask('unban', '192.0.2.1')).stdout).toBe('192.0.2.1 was not turned away\n');
});

test('the socket is for root alone', async () => {
  ceod = await startOwnCeod();
  const { mode, uid } = await stat(socketOf(ceod));
  expect({ mode: mode & 0o777, uid }).toEqual({ mode: 0o600, uid: 0 });
  const connect = `require('net').connect('${socketOf(ceod)}').on('error', (e) => console.log(e.code))`;
  const { stdout } = await run([
    ...(['setpriv', '--reuid', 'nobody', '--clear-groups', '--'] as const),
    ...['node', '-e', connect],
  ]);
  expect(stdout).toBe('EACCES\n');
});

test('who says nothing, or too much, or does not read, is sent away, and ceod serves on', async () => {
  ceod = await startOwnCeod();
  const file = socketOf(ceod);
  const sockets = [undefined, 'x'.repeat(100_000), 'status', 'status\n', undefined].map((text) => {
    const socket = net.connect(file);
    socket.on('error', () => undefined);
    if (text !== undefined) socket.write(text);
    return socket;
  });
  const ends = sockets.map(
    (socket) => new Promise((resolve) => socket.resume().once('close', resolve)),
  );
  expect((await send('ctdalek', 'ping', {}, { ...ceod.env })).status).toBe(0);
  await Promise.all(ends);
  expect((await ask('status')).status).toBe(0);
});

test('the successor of a daemon that finishes its ops is the one that answers', async () => {
  ceod = await startOwnCeod();
  const first = ceod;
  await first.stop();
  ceod = await startCeodOn(first);
  expect((await status()).pid).toBe(ceod.server.pid);
});

describe('refused', () => {
  test.each([
    [['unban', 'nobody'], 2, 'no IPv4 or IPv6 address'],
    [['unban'], 2, 'ceod unban ADDRESS'],
    [['restart'], 2, 'ceod status'],
    [['status'], 5, 'systemctl status ceod'],
  ])('%j', async (args, exit, why) => {
    const { env } = await ownHost('');
    const { status: ended, stderr } = await run(['ceod', ...args], { env });
    expect(stderr).toContain(why);
    expect(ended).toBe(exit);
  });
});
