/** Promise: slow, idle and too many clients are bounded; SIGTERM finishes the op in hand. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { encodeBody } from '../../../src/protocol/body.js';
import { ops } from '../../../src/protocol/ops.js';
import { encodeFrame, MSG_AUTH } from '../../../src/wire/frame.js';
import { startCapturableCeod } from '../../support/captured.js';
import { eventually } from '../../support/eventually.js';
import { startOwnCeod, type OwnCeod } from '../../support/ownCeod.js';
import { folder, homeOf, run, runAs } from '../../support/realm.js';
import { WireClient } from '../../support/wire.js';

const { id, input, encoding } = ops.updateMail;
const mail = Buffer.from(encodeBody(input, encoding, { username: 'mailu00' }));

let ceod: OwnCeod | undefined;
afterEach(async () => {
  await ceod?.stop();
  ceod = undefined;
});

const logged = (text: string) => eventually(() => JSON.stringify(ceod?.log() ?? []).includes(text));

describe('the login deadline', () => {
  test('counts from accept, however many bytes trickle in', async () => {
    ceod = await startOwnCeod('login_deadline = 1');
    const silent = await WireClient.connect(ceod.target);
    const slow = await WireClient.connect(ceod.target);
    const trickle = setInterval(() => slow.send(Buffer.of(0)), 100);
    expect(await silent.receive()).toBeUndefined();
    expect(await slow.receive()).toBeUndefined();
    clearInterval(trickle);
    await logged('login deadline');
  });

  test('includes the wait for a free session; more than the queue holds is closed', async () => {
    ceod = await startOwnCeod(
      'login_deadline = 2\nmax_sessions = 2\nmax_queued = 1\nspare_sessions = 1',
    );
    const served = [
      await WireClient.authenticated(ceod.target),
      await WireClient.authenticated(ceod.target),
    ];
    const queued = await WireClient.connect(ceod.target);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const tooMany = await WireClient.connect(ceod.target);
    expect(await tooMany.receive()).toBeUndefined();
    // Those who are served are not harmed, and the one who waits is closed in time.
    expect(await queued.receive()).toBeUndefined();
    for (const client of served) {
      client.send(client.op(id, mail));
      expect(await client.reply()).toBeDefined();
      client.close();
    }
    await logged('turned away');
    // The log line is rate-limited: two were turned away.
    expect(ceod.log().filter((line) => String(line['msg']).includes('turned away'))).toHaveLength(
      1,
    );
  });

  test('a connection that waited is served when a session becomes free', async () => {
    ceod = await startOwnCeod('max_sessions = 1\nspare_sessions = 1');
    const first = await WireClient.authenticated(ceod.target);
    const second = WireClient.authenticated(ceod.target);
    await new Promise((resolve) => setTimeout(resolve, 200));
    first.close();
    const client = await second;
    client.send(client.op(id, mail));
    expect(await client.reply()).toBeDefined();
    client.close();
  });
});

test('connections that stay open starve nobody: there are more processes as they are needed', async () => {
  ceod = await startOwnCeod('spare_sessions = 1\nmax_sessions = 6');
  const clients: WireClient[] = [];
  for (let i = 0; i < 6; i += 1) {
    const client = await WireClient.authenticated(ceod.target);
    clients.push(client);
    client.send(client.op(id, mail));
    expect(await client.reply()).toBeDefined();
  }
  clients.forEach((client) => client.close());
});

test('nobody is turned away while a process is idle, however short the queue may be', async () => {
  ceod = await startOwnCeod('spare_sessions = 4\nmax_sessions = 4\nmax_queued = 1');
  const { target } = ceod;
  const burst = async () => {
    const clients = await Promise.allSettled(
      Array.from({ length: 4 }, () => WireClient.authenticated(target)),
    );
    const served = clients.filter((client) => client.status === 'fulfilled');
    served.forEach(({ value }) => value.close());
    return served.length === 4;
  };
  // Once the four have booted.
  await eventually(burst);
});

test('a queue that does not get empty is logged: how many wait, and for how long', async () => {
  ceod = await startOwnCeod('max_sessions = 1\nspare_sessions = 1');
  const served = await WireClient.authenticated(ceod.target);
  const waiting = [await WireClient.connect(ceod.target), await WireClient.connect(ceod.target)];
  await logged('connections wait for a session');
  const line = ceod.log().find(({ msg }) => msg === 'connections wait for a session');
  expect(line).toMatchObject({ level: 'warn', queued: 2, sessions: 1, maxSessions: 1 });
  expect(line?.['longestMs']).toBeGreaterThan(0);
  for (const client of [served, ...waiting]) client.close();
});

test('of one address no more connections are served than max_per_address says', async () => {
  ceod = await startOwnCeod('max_per_address = 2\nspare_sessions = 3');
  const { target } = ceod;
  const served = [await WireClient.authenticated(target), await WireClient.authenticated(target)];
  const tooMany = await WireClient.connect(target);
  expect(await tooMany.receive()).toBeUndefined();
  await logged('turned away');
  served[0]?.close();
  await eventually(() =>
    WireClient.authenticated(target).then(
      (client) => (client.close(), true),
      () => false,
    ),
  );
  served[1]?.close();
});

describe('an address whose connections fail again and again', () => {
  const settings = 'penalty_failures = 3\npenalty_time = 4\nspare_sessions = 1';

  async function fail(): Promise<void> {
    const client = await WireClient.connect(ceod?.target ?? '');
    client.send(encodeFrame(MSG_AUTH, Buffer.from('no token')));
    expect(await client.receive()).toBeUndefined();
  }

  test('is turned away for a while', async () => {
    ceod = await startOwnCeod(settings);
    const { target } = ceod;
    const served = await WireClient.authenticated(target);
    for (let i = 0; i < 3; i += 1) await fail();
    await logged('a network has failed too often');
    await expect(WireClient.authenticated(target)).rejects.toThrow();
    // What was open before goes on.
    served.send(served.op(id, mail));
    expect(await served.reply()).toBeDefined();
    served.close();
    await eventually(() =>
      WireClient.authenticated(target).then(
        (client) => (client.close(), true),
        () => false,
      ),
    );
  });

  test('is turned away with those of its connections that wait', async () => {
    ceod = await startOwnCeod('penalty_failures = 1\nmax_sessions = 1\nspare_sessions = 1');
    const { target } = ceod;
    const served = await WireClient.authenticated(target);
    const waiting = [await WireClient.connect(target), await WireClient.connect(target)];
    for (const client of waiting) client.send(encodeFrame(MSG_AUTH, Buffer.from('no token')));
    served.close();
    for (const client of waiting) expect(await client.receive()).toBeUndefined();
    // One failed; the other one was not looked at.
    await logged('a network has failed too often');
    const closed = ceod.log().filter(({ msg }) => msg === 'connection closed');
    expect(closed).toHaveLength(1);
  });

  test('is told by a process that crashes before its peer is known, too', async () => {
    const capturable = await startCapturableCeod('penalty_failures = 1\nspare_sessions = 1');
    ceod = capturable;
    await capturable.capture("process.kill(process.pid, 'SIGKILL')");
    const client = await WireClient.connect(ceod.target);
    expect(await client.receive()).toBeUndefined();
    await logged('a network has failed too often');
  });

  test('is served on if it is exempt', async () => {
    ceod = await startOwnCeod(`${settings}\npenalty_exempt = 127.0.0.0/8`);
    for (let i = 0; i < 4; i += 1) await fail();
    (await WireClient.authenticated(ceod.target)).close();
  });

  test('is not blamed for what authenticated users do', async () => {
    ceod = await startOwnCeod(`${settings}\nidle_timeout = 1`);
    const idle = await Promise.all(
      Array.from({ length: 4 }, () => WireClient.authenticated(ceod?.target ?? '')),
    );
    for (const client of idle) expect(await client.receive()).toBeUndefined();
    (await WireClient.authenticated(ceod.target)).close();
  });
});

describe('the idle timeout', () => {
  test('closes a connection without requests', async () => {
    ceod = await startOwnCeod('idle_timeout = 1');
    const client = await WireClient.authenticated(ceod.target);
    expect(await client.receive()).toBeUndefined();
    await logged('idle timeout');
  });

  test('is the long one as long as there are processes for those who come', async () => {
    ceod = await startOwnCeod('idle_timeout_busy = 1\nspare_sessions = 1');
    const { target } = ceod;
    const idle = await WireClient.authenticated(target);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    const burst = Array.from({ length: 8 }, () => WireClient.authenticated(target));
    for (const client of await Promise.all(burst)) client.close();
    idle.send(idle.op(id, mail));
    expect(await idle.reply()).toBeDefined();
    idle.close();
  });

  test('as shipped, connections that stay open do not starve one that waits', async () => {
    ceod = await startOwnCeod('max_sessions = 2\nspare_sessions = 1');
    const { target } = ceod;
    const idle = [await WireClient.authenticated(target), await WireClient.authenticated(target)];
    (await WireClient.authenticated(target)).close();
    for (const client of idle) client.close();
  });
});

test('no op is served once the ticket has expired', async () => {
  ceod = await startOwnCeod();
  const ccache = `FILE:${path.join(folder, 'ccaches', 'short')}`;
  await run(['kinit', '-l', '4s', '-c', ccache, 'ctdalek'], { input: 'ctdalek-pw\n' });
  const script = `
    import { WireClient } from './test/support/wire.ts';
    const client = await WireClient.authenticated('${ceod.target}');
    const mail = Buffer.from('${mail.toString('hex')}', 'hex');
    client.send(client.op(${id}, mail));
    console.log((await client.reply()) ? 'served' : 'closed');
    await new Promise((resolve) => setTimeout(resolve, 7000));
    client.send(client.op(${id}, mail));
    console.log((await client.reply().catch(() => undefined)) ? 'served' : 'closed');
    client.close();`;
  const { stdout } = await run(
    [process.execPath, '--import', 'tsx', '--input-type=module', '-e', script],
    { env: { KRB5CCNAME: ccache } },
  );
  expect(stdout).toBe('served\nclosed\n');
  await logged('the ticket has expired');
});

test('SIGTERM finishes the op in hand, then everything ends', async () => {
  // A notify hook that takes a while keeps the op in hand.
  const hook = path.join(folder, 'hooks', 'slow');
  await writeFile(hook, '#!/bin/sh\nsleep 1\n', { mode: 0o755 });
  ceod = await startOwnCeod('', { accounts: `notify_hook = ${hook}` });
  const adding = runAs(
    'ctdalek',
    ['ceo', 'members', 'add', 'drained', '-n', 'Drained', '--password-stdin'],
    { env: ceod.env, input: 'a-good-password\n' },
  );
  await eventually(() => existsSync(homeOf('drained')));
  await ceod.stop();
  const { status, stdout } = await adding;
  expect(stdout).toContain('successfully enabled principal');
  expect(status).toBe(0);
  // Not killed by whoever waited for it: every process ended by itself.
  expect(ceod.log().at(-1)?.['msg']).toBe('stopped');
});
