/**
 * Promise: of several directory servers, one that is away, silent or only a replica stops nothing
 * that another can do; changes are made where they are taken, and uids are given out in one place.
 */
import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { send } from '../../support/json.js';
import { ownHost, startOwnCeod, type OwnCeod } from '../../support/ownCeod.js';
import { folder, principalExists, runAs, variable } from '../../support/realm.js';
import { startTwoSlapds, type TwoSlapds } from '../../support/twoSlapds.js';

let site: TwoSlapds;
let ceod: OwnCeod | undefined;
afterEach(async () => {
  await ceod?.stop();
  ceod = undefined;
});

const accounts = (...urls: string[]) => `ldap_server_url = ${urls.join(' ')}`;

const signUp = (username: string) =>
  send(
    'ctdalek',
    'adduser',
    { type: 'MEMBER', username, password: 'long-enough', realname: username },
    ceod?.env,
  );

/** A command of ceo's with these servers. */
async function ceo(user: string, settings: string, ...args: string[]) {
  const { env } = await ownHost('', { accounts: settings });
  return runAs(user, ['ceo', ...args], { env: { ...env, ...site.env } });
}

describe('a primary and a replica that refers changes to it', () => {
  beforeAll(async () => {
    site = await startTwoSlapds('which', 'refers');
  });
  afterAll(() => site.stop());
  const both = () => accounts(site.primary.url, site.replica.url);

  test('the primary restarts: sign-ups are refused meanwhile, and go on afterwards', async () => {
    ceod = await startOwnCeod('', { accounts: both(), env: site.env });
    expect((await signUp('which1')).status).toBe(0);
    await site.primary.stop();
    try {
      const { status, messages } = await signUp('which2');
      expect(status).toBe(5);
      expect(messages[0]?.message).toContain(site.primary.url);
      expect(await principalExists('which2')).toBe(false);
      // What is only read, the replica tells.
      expect((await send('ctdalek', 'mail', { username: 'ctdalek' }, ceod.env)).status).toBe(0);
    } finally {
      await site.primary.start();
    }
    expect((await signUp('which2')).messages[0]).toMatchObject({ status: 0 });
  });

  test('a rollback waits for the primary, however long it is silent', async () => {
    const program = path.join(folder, 'which-quota');
    const isOnReplica = async (username: string) =>
      (await site.replica.search(`(uid=${username})`, 'uid')).includes(`uid: ${username}`);
    await eventually(() => isOnReplica('which2'));
    // The replica is to have heard of the account.
    await writeFile(program, `#!/bin/sh\nsleep 1\nkill -STOP ${site.primary.pid}\nexit 1\n`);
    await chmod(program, 0o755);
    ceod = await startOwnCeod(
      `quota_command = ${program} {prototype} {uid}\nmember_quota_prototype = ctdalek\nstep_timeout = 8`,
      { accounts: both(), env: site.env },
    );
    try {
      const { messages } = await signUp('which3');
      expect(messages.at(-1)?.message).toMatch(/tried again/);
      expect(await isOnReplica('which3')).toBe(true);
    } finally {
      site.primary.thaw();
    }
    await eventually(async () => !(await principalExists('which3')));
    for (const server of [site.primary, site.replica])
      await eventually(
        async () => (await server.search('(|(uid=which3)(cn=which3))', '1.1')) === '',
      );
  });

  test('a server that falls silent in the middle is given up for the next', async () => {
    ceod = await startOwnCeod('', { accounts: both(), env: site.env });
    const mail = (env: Record<string, string>) =>
      send('ctdalek', 'mail', { username: 'ctdalek' }, env);
    expect((await mail(ceod.env)).status).toBe(0);
    site.primary.freeze();
    try {
      // What it knows of the caller it knows for 5 s.
      await new Promise((resolve) => setTimeout(resolve, 5_500));
      expect((await mail(ceod.env)).messages[0]).toMatchObject({ status: 0 });
      const { status, messages } = await signUp('which5');
      expect(status).toBe(5);
      expect(messages[0]?.message).toContain('no answer');
    } finally {
      site.primary.thaw();
    }
    expect((await signUp('which5')).status).toBe(0);
  });

  test('a command reads from the replica while the primary is silent', async () => {
    site.primary.freeze();
    try {
      const { status, stdout } = await ceo('ctdalek', both(), 'members', 'get', 'ctdalek');
      expect(status).toBe(0);
      expect(stdout).toContain('ctdalek');
    } finally {
      site.primary.thaw();
    }
  });

  test('a change is referred to a server that is configured, wherever that stands', async () => {
    const shell = ['shell', 'set', '/bin/sh'];
    const settings = accounts(site.replica.url, site.primary.url);
    expect(await ceo('ctdalek', settings, ...shell)).toMatchObject({ status: 0, stderr: '' });
    expect(await site.primary.search('(uid=ctdalek)', 'loginShell')).toContain('/bin/sh');
  });

  test('a referral to a server that is not configured is not followed', async () => {
    const shell = ['shell', 'set', '/bin/bash'];
    const { status, stderr } = await ceo('ctdalek', accounts(site.replica.url), ...shell);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining('ldap_write_url') as unknown,
    });
    expect(await site.primary.search('(uid=ctdalek)', 'loginShell')).not.toContain('/bin/bash');
  });

  test('uids are given out at ldap_write_url, though another server comes first', async () => {
    const settings = `${accounts(site.replica.url, site.primary.url)}\nldap_write_url = ${site.primary.url}`;
    ceod = await startOwnCeod('', { accounts: settings, env: site.env });
    expect((await signUp('which4')).status).toBe(0);
  });

  test('a server with a certificate that nobody trusts is passed over', async () => {
    const settings = accounts(variable('LDAP_URI'), site.primary.url);
    const { status } = await ceo('ctdalek', settings, 'members', 'get', 'ctdalek');
    expect(status).toBe(0);
  });
});

describe('a replica that does not know whose it is', () => {
  beforeAll(async () => {
    site = await startTwoSlapds('which-refuses', 'refuses');
  });
  afterAll(() => site.stop());

  test('changes are made at the next', async () => {
    const settings = accounts(site.replica.url, site.primary.url);
    const shell = ['shell', 'set', '/bin/sh'];
    expect(await ceo('ctdalek', settings, ...shell)).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('a replica that hears of changes late', () => {
  beforeAll(async () => {
    site = await startTwoSlapds('which-lags', 'lags');
  });
  afterAll(() => site.stop());

  test('what was changed is seen at once, also by other programs', async () => {
    const settings = `${accounts(site.replica.url, site.primary.url)}\nldap_write_url = ${site.primary.url}`;
    ceod = await startOwnCeod('', { accounts: settings, env: site.env });
    expect((await signUp('late1')).status).toBe(0);
    expect((await send('ctdalek', 'mail', { username: 'late1' }, ceod.env)).status).toBe(0);
    const { status, stdout } = await ceo('ctdalek', settings, 'members', 'get', 'late1');
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: expect.stringContaining('late1') as unknown,
    });
    expect(await site.replica.search('(uid=late1)', '1.1')).toBe('');
  });
});

describe('two servers that both take changes', () => {
  beforeAll(async () => {
    site = await startTwoSlapds('which-both', 'writable');
  });
  afterAll(() => site.stop());

  test('no uid is given out at the second, also while the first is away', async () => {
    ceod = await startOwnCeod('', {
      accounts: accounts(site.primary.url, site.replica.url),
      env: site.env,
    });
    await site.primary.stop();
    try {
      expect((await signUp('both1')).status).toBe(5);
      expect(await principalExists('both1')).toBe(false);
      expect(await site.replica.search('(|(uid=both1)(cn=ceod next uid*))', '1.1')).toBe('');
    } finally {
      await site.primary.start();
    }
  });
});
