/** Promise: SIGHUP takes a right configuration over and refuses a wrong one; nobody is cut off by it. */
import { appendFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import type { Status } from '../../../src/ceod/master/status.js';
import { encodeBody } from '../../../src/protocol/body.js';
import { ops } from '../../../src/protocol/ops.js';
import { eventually } from '../../support/eventually.js';
import { send } from '../../support/json.js';
import { startOwnCeod, type OwnCeod } from '../../support/ownCeod.js';
import { run } from '../../support/realm.js';
import { WireClient } from '../../support/wire.js';

let ceod: OwnCeod;
afterEach(() => ceod.stop());

const status = async () => {
  const { stdout } = await run(['ceod', 'status', '--json'], { env: ceod.env });
  return JSON.parse(stdout) as Status;
};
const served = async () => (await send('ctdalek', 'ping', {}, { ...ceod.env })).status === 0;
const logged = (text: string) => JSON.stringify(ceod.log()).split(text).length - 1;
const reload = async (...lines: string[]) => {
  await appendFile(path.join(ceod.dir, 'ceod.cf'), lines.map((line) => `${line}\n`).join(''));
  process.kill(ceod.server.pid, 'SIGHUP');
};
const TAKEN = 'the configuration was read again';
const REFUSED = 'the configuration is not taken over';

const { id, input, encoding } = ops.ping;
const ask = async (client: WireClient) => {
  client.send(client.op(id, Buffer.from(encodeBody(input, encoding, {}))));
  return (await client.reply()) !== undefined;
};

test('a right one: new connections are served by it, those that are open go on by the old one', async () => {
  ceod = await startOwnCeod('max_sessions = 7');
  const client = await WireClient.authenticated(ceod.target);
  expect(await ask(client)).toBe(true);
  const [old] = (await status()).runners;
  await reload('max_sessions = 8', 'session_uids = 70100-70200', 'log_level = debug');
  await eventually(() => logged(TAKEN) === 1);
  expect((await status()).sessions.most).toBe(8);
  expect(await served()).toBe(true);
  expect(await ask(client)).toBe(true);
  expect((await status()).runners).toMatchObject([{ pid: old?.pid }, { serves: true }]);
  client.close();
  await eventually(async () => (await status()).runners.length === 1);
  expect((await status()).runners[0]?.pid).not.toBe(old?.pid);
  expect(await served()).toBe(true);
});

test('a wrong one is refused with a line of the log, and everything goes on', async () => {
  ceod = await startOwnCeod('max_sessions = 7');
  await served();
  const before = await status();
  await reload('max_sessions = many');
  await eventually(() => logged(REFUSED) === 1);
  await reload('max_sessions = 9', 'session_user = nobody');
  await eventually(() => logged(REFUSED) === 2);
  const text = JSON.stringify(ceod.log());
  expect(text).toMatch(/ceod\.cf:\d+: max_sessions = many: expected/);
  expect(await served()).toBe(true);
  expect(await status()).toMatchObject({ sessions: { most: 7 }, runners: before.runners });
});

test('what listens is not changed while it runs', async () => {
  ceod = await startOwnCeod();
  await served();
  await reload('ceod_listen = 127.0.0.250');
  await eventually(() => logged('Another ceod_listen needs a restart') === 1);
  expect(await served()).toBe(true);
});

test('again and again, and to the end: nothing is left of those before', async () => {
  ceod = await startOwnCeod();
  await served();
  for (let i = 1; i <= 3; i += 1) {
    await reload();
    await reload();
    await eventually(() => logged(TAKEN) >= i);
    expect(await served()).toBe(true);
  }
  await eventually(async () => (await status()).runners.length === 1);
  const held = await readdir(`/proc/${ceod.server.pid}/fd`);
  await reload();
  const before = logged(TAKEN);
  await eventually(async () => logged(TAKEN) > before && (await status()).runners.length === 1);
  await eventually(
    async () => (await readdir(`/proc/${ceod.server.pid}/fd`)).length <= held.length + 3,
  );
});
