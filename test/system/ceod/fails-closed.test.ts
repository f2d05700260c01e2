/** Promise: when it cannot be established who somebody is, nothing is allowed. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { ccache, homeOf, folder, run, runAs, tracesOf, variable } from '../../support/realm.js';
import { startOwnCeod, type OwnCeod } from '../../support/ownCeod.js';

/** A ceod whose directory does not answer. */
let blind: OwnCeod;
beforeAll(async () => {
  blind = await startOwnCeod('step_timeout = 3', {
    accounts: 'ldap_server_url = ldaps://127.0.0.1:1',
  });
});
afterAll(() => blind.stop());

const replyOf = (stdout: string) =>
  (JSON.parse(stdout) as { messages: { status: number; message: string }[] }).messages;

test('adduser by the office, while the directory is down', async () => {
  const { status, stdout } = await runAs('ctdalek', ['ceoc', 'adduser', '--json'], {
    env: blind.env,
    input: JSON.stringify({
      type: 'MEMBER',
      username: 'blind1',
      realname: 'B',
      password: 'long-enough',
    }),
  });
  expect(status).toBe(5);
  expect(replyOf(stdout)[0]?.message).toContain('cannot be looked up just now');
  expect(await tracesOf('blind1')).toEqual([]);
});

test('mail for somebody else, while the directory is down', async () => {
  const { status } = await runAs('ctdalek', ['ceoc', 'mail', '--json'], {
    env: blind.env,
    input: '{"username": "mailu07", "forward": "elsewhere@example.com"}',
  });
  expect(status).toBe(5);
  const forward = await readFile(path.join(homeOf('mailu07'), '.forward'), 'utf8').catch(() => '');
  expect(forward).not.toContain('elsewhere');
});

test('what was known of the caller counts no more once the directory is away', async () => {
  const { hostname: host, port } = new URL(variable('LDAP_URI'));
  const sockets = new Set<net.Socket>();
  const between = net.createServer((client) => {
    const server = net.connect(Number(port), host);
    for (const socket of [client, server]) sockets.add(socket.on('error', () => undefined));
    client.pipe(server).pipe(client);
  });
  await new Promise<void>((resolve) => between.listen(0, host, resolve));
  const { port: own } = between.address() as net.AddressInfo;
  const ceod = await startOwnCeod('step_timeout = 3', {
    accounts: `ldap_server_url = ldaps://${host}:${own}`,
  });
  try {
    const mail = () =>
      runAs('ctdalek', ['ceoc', 'mail', '--json'], {
        env: ceod.env,
        input: '{"username": "ctdalek"}',
      });
    expect(replyOf((await mail()).stdout)).toEqual([{ status: 0, message: expect.anything() }]);
    between.close();
    for (const socket of sockets) socket.destroy();
    // Own account, and a right that is looked up: both say what happened, and not whose fault it is not.
    const adduser = () =>
      runAs('ctdalek', ['ceoc', 'adduser', '--json'], {
        env: ceod.env,
        input: JSON.stringify({ type: 'CLUB', username: 'nobase', realname: 'No Base' }),
      });
    for (const op of [mail, adduser]) {
      const { status, stdout } = await op();
      expect(status).toBe(5);
      expect(replyOf(stdout)[0]).toEqual({
        status: 113,
        message: expect.stringContaining(`ldaps://${host}:${own}`) as unknown,
      });
    }
  } finally {
    await ceod.stop();
    between.close();
  }
});

test('a principal without an entry in the directory may do nothing, not even for itself', async () => {
  for (const username of ['ghost', 'ctdalek']) {
    const { status } = await runAs('ghost', ['ceoc', 'mail', '--json'], {
      input: JSON.stringify({ username }),
    });
    expect({ username, status }).toEqual({ username, status: username === 'ghost' ? 4 : 3 });
  }
});

test('a principal with two components is not the user of that name: the connection is closed', async () => {
  const keytab = path.join(folder, 'keytabs', 'two-components');
  // As the realm's owner would: ceod itself may not make such a principal.
  for (const query of ['addprinc -randkey ctdalek/admin', `ktadd -k ${keytab} ctdalek/admin`]) {
    const env = { KRB5_KDC_PROFILE: path.join(folder, 'kdc', 'kdc.conf') };
    expect((await run(['kadmin.local', '-q', query], { env })).status).toBe(0);
  }
  const cache = ccache('two-components');
  expect((await run(['kinit', '-k', '-t', keytab, '-c', cache, 'ctdalek/admin'])).status).toBe(0);
  const { status, stderr } = await run(['ceoc', 'mail', '--json'], {
    env: { KRB5CCNAME: cache },
    input: '{"username": "ctdalek"}',
  });
  expect({ status, stderr }).toEqual({
    status: 8,
    stderr: expect.stringContaining('did not complete') as unknown,
  });
  const log = await readFile(path.join(variable('CEO_SANDBOX'), 'log', 'ceod-ginseng.log'), 'utf8');
  expect(log).toMatch(/principal refused: ctdalek\/admin@CSCLUB\.TEST/);
});
