/** Promise: each op is served by its own host; one that is down, slow or the wrong one is named, and other ops go on. */
import { rm, writeFile } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createClient } from '../../../src/ceoc/client.js';
import { loadSite } from '../../../src/ceoc/site.js';
import { Ceod } from '../../../src/generated/ceo/ceo_pb.js';
import { ops } from '../../../src/protocol/ops.js';
import { encodeBody } from '../../../src/protocol/body.js';
import { send } from '../../support/json.js';
import { ownHost, type OwnHost } from '../../support/ownCeod.js';
import { runAs, variable } from '../../support/realm.js';
import { WireClient } from '../../support/wire.js';

const mail = { username: 'mailu09' };

test('a host closes on an op of another', async () => {
  const { id, input, encoding } = ops.updateMail;
  const body = Buffer.from(encodeBody(input, encoding, mail));
  for (const host of ['caffeine', 'mail'] as const) {
    const target = variable(`CEOD_${host.toUpperCase()}`);
    const client = await WireClient.authenticated(target, `${host}.csclub.test`);
    client.send(client.op(id, body));
    expect(await client.receive()).toBeUndefined();
    client.close();
  }
});

describe('a client whose configuration has', () => {
  let server: net.Server | undefined;
  afterEach(() => {
    server?.close();
  });

  /** The site, with caffeine at another address. */
  async function withCaffeineAt(address: string, settings = ''): Promise<OwnHost> {
    const host = await ownHost(settings);
    const [ginseng = '', port = ''] = variable('CEOD_GINSENG').split(':');
    const [mailHost = ''] = variable('CEOD_MAIL').split(':');
    await writeFile(
      path.join(host.dir, 'hosts'),
      `${ginseng} ginseng.csclub.test\n${address} caffeine.csclub.test\n${mailHost} mail.csclub.test\n`,
    );
    expect(port).not.toBe('');
    return host;
  }

  const mysql = (env: OwnHost['env']) =>
    send('nobody1', 'mysql', { username: 'nobody1' }, { ...env });

  test('a host that is down: named with the op, other ops go on', async () => {
    const { env } = await withCaffeineAt('127.255.255.254');
    const { status, stderr } = await mysql(env);
    expect(status).toBe(5);
    expect(stderr).toMatch(/mysql: ceod on caffeine\.csclub\.test .*cannot be reached/);
    expect((await send('nobody1', 'mailman', { username: 'nobody1' }, { ...env })).status).toBe(0);
    expect((await send('ctdalek', 'mail', mail, { ...env })).status).toBe(0);
  });

  test('a host that accepts and says nothing: given up after connect_timeout', async () => {
    const [, port = ''] = variable('CEOD_GINSENG').split(':');
    const address = '127.255.255.253';
    server = net.createServer(() => undefined);
    await new Promise<void>((resolve) => server?.listen(Number(port), address, resolve));
    const { env } = await withCaffeineAt(address, 'connect_timeout = 1');
    const { status, stderr } = await mysql(env);
    expect(status).toBe(5);
    expect(stderr).toContain('mysql: ceod on caffeine.csclub.test did not answer within 1 s');
  });

  test('another host’s address: the key does not fit, nothing is sent', async () => {
    const { env } = await withCaffeineAt(variable('CEOD_MAIL').split(':')[0] ?? '');
    const { status, stderr } = await mysql(env);
    expect(status).toBe(8);
    expect(stderr).toContain('caffeine.csclub.test');
  });

  test('a host name that nobody knows: its ops alone fail', async () => {
    const { dir, env } = await ownHost('');
    await rm(path.join(dir, 'ops', 'mysql'));
    await writeFile(path.join(dir, 'ops', 'mysql'), 'no.such.host mysql mysql 3\n');
    await writeFile(
      path.join(dir, 'hosts'),
      `${variable('CEOD_GINSENG').split(':')[0] ?? ''} ginseng.csclub.test\n`,
    );
    const { status, stderr } = await mysql(env);
    expect(status).toBe(10);
    expect(stderr).toMatch(/ops\/mysql:1: The host no\.such\.host is not known/);
    expect((await send('ctdalek', 'mail', mail, { ...env })).status).toBe(0);
  });
});

test('a call to a host that says nothing does not hold up calls to another', async () => {
  const sockets: net.Socket[] = [];
  const silent = net.createServer(
    (socket) => void sockets.push(socket.on('error', () => undefined)),
  );
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const { route, timeouts } = loadSite();
  const client = createClient(
    Ceod,
    async (op) =>
      op.name === 'mysql'
        ? { host: 'caffeine.csclub.test', address: '127.0.0.1', port }
        : route(op),
    timeouts,
  );
  let answered = false;
  const waiting = client
    .addMySQLUser(mail)
    .catch((error: unknown) => error)
    .finally(() => (answered = true));
  try {
    expect((await client.subscribe(mail)).line).toMatch(/^(Subscribed|Already a member): mailu09@/);
    expect(answered).toBe(false);
  } finally {
    silent.close();
    sockets.forEach((socket) => socket.destroy());
  }
  expect(await waiting).toMatchObject({ code: 'unauthenticated' });
  client.close();
});

test('signing up while the mail host is down: the member stands, and the command that finishes is told', async () => {
  const { dir, env } = await ownHost('');
  const [ginseng = ''] = variable('CEOD_GINSENG').split(':');
  await writeFile(
    path.join(dir, 'hosts'),
    `${ginseng} ginseng.csclub.test\n127.255.255.254 mail.csclub.test\n127.255.255.254 caffeine.csclub.test\n`,
  );
  const { status, stdout, stderr } = await runAs(
    'ctdalek',
    ['ceo', 'members', 'add', 'nolist1', '-n', 'No List', '--password-stdin'],
    { env, input: 'long-enough\n' },
  );
  expect(status).toBe(7);
  expect(stdout).toContain('✓ registered for');
  expect(stderr).toContain('mailman: ceod on mail.csclub.test');
  expect(stderr).toContain('To finish: ceo members subscribe nolist1');
  expect(await runAs('ctdalek', ['ceo', 'members', 'subscribe', 'nolist1'])).toMatchObject({
    status: 0,
    stdout: 'Subscribed: nolist1@csclub.test\n',
  });
});
