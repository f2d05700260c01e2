/** Promise: mailman subscribes people to the members' list, and answers in the lines that deployed clients know. */
import { chmod, chown, readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { readCf } from '../../../src/config/cf.js';
import { mailman2, mailman3 } from '../../../src/mailman/subscribe.js';
import { ownHost, startCeodOn, type OwnCeod } from '../../support/ownCeod.js';
import { folder, run, runAs, variable } from '../../support/realm.js';

const list = { name: 'csc-members', domain: 'csclub.test' };
const credentials = (() => {
  const { entries } = readCf(path.join(folder, 'hosts', 'mail', 'mailman.cf'));
  const setting = (key: string) => entries.get(key)?.value ?? '';
  return { username: setting('mailman_rest_user'), password: setting('mailman_rest_password') };
})();

/** As a deployed ceoc sends it: the username as plain text. */
async function subscribe(user: string, body: string, env: Record<string, string> = {}) {
  const { stdout, status } = await runAs(user, ['ceoc', 'mailman'], { input: body, env });
  expect(status).toBe(0);
  return stdout;
}

/** The addresses on the list. */
async function members(): Promise<string[]> {
  const { username, password } = credentials;
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const url = `${variable('MAILMAN_URL')}/lists/csc-members.csclub.test/roster/member`;
  const response = await fetch(url, { headers: { authorization } });
  const { entries = [] } = (await response.json()) as { entries?: { email: string }[] };
  return entries.map(({ email }) => email);
}

test('subscribed, and the second time a member already', async () => {
  expect(await subscribe('mailu01', 'mailu01')).toBe('Subscribed: mailu01@csclub.test');
  expect(await members()).toContain('mailu01@csclub.test');
  expect(await subscribe('mailu01', 'mailu01\n')).toBe('Already a member: mailu01@csclub.test');
});

describe('a request that does not lead to a membership is no success', () => {
  const rest = async (what: string, fields: Record<string, string>) => {
    const { username, password } = credentials;
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const response = await fetch(`${variable('MAILMAN_URL')}/${what}`, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams(fields),
    });
    expect(response.status).toBeLessThan(300);
  };

  test('it waits for a confirmation or a moderator already', async () => {
    await rest('members', {
      ...{ list_id: 'csc-members.csclub.test', subscriber: 'mailu07@csclub.test' },
      ...{ pre_verified: 'true', pre_confirmed: 'false', pre_approved: 'false' },
    });
    expect(await members()).not.toContain('mailu07@csclub.test');
    expect(await subscribe('mailu07', 'mailu07')).toBe(
      'Failed: a request of mailu07@csclub.test for csc-members@csclub.test waits for a confirmation ' +
        'or for a moderator; the owner of the list can accept it.',
    );
    expect(await members()).not.toContain('mailu07@csclub.test');
  });

  test('the address is banned', async () => {
    await rest('lists/csc-members.csclub.test/bans', { email: 'mailu06@csclub.test' });
    expect(await subscribe('mailu06', 'mailu06')).toBe(
      'Failed: mailu06@csclub.test is banned from csc-members@csclub.test; the owner of the list can lift that.',
    );
  });
});

describe('who may', () => {
  test.each(['ctdalek', 'sysadmin1'])('%s, for others', async (user) => {
    expect(await subscribe(user, `mailu0${user === 'ctdalek' ? 2 : 3}`)).toMatch(/^Subscribed: /);
  });

  test.each(['mailu04', 'ctdalek', 'nosuchuser'])('not nobody1 for %s', async (username) => {
    expect(await subscribe('nobody1', username)).toMatch(/^Access denied: /);
    expect(await members()).not.toContain(`${username}@csclub.test`);
  });
});

test.each([
  ['nobody of that name', 'nosuchuser', /^Failed: there is no user nosuchuser/],
  ['an address instead of a name', 'mailu01@evil.example', /^Failed: there is no user/],
  ['two lines', 'mailu01\nmailu02', /^Failed: there is no user/],
])('%s: refused in one line', async (_what, body, line) => {
  const reply = await subscribe('ctdalek', body);
  expect(reply).toMatch(line);
  expect(reply).not.toContain('\n');
});

describe('signing up', () => {
  const add = (username: string, ...args: string[]) =>
    runAs(
      'ctdalek',
      ['ceo', 'members', 'add', username, '-n', 'List', '--password-stdin', ...args],
      {
        input: 'long-enough\n',
      },
    );

  test('a member is subscribed', async () => {
    const { status, stdout } = await add('listed1');
    expect(status).toBe(0);
    expect(stdout).toContain('✓ mailing list: Subscribed: listed1@csclub.test');
    expect(await members()).toContain('listed1@csclub.test');
  });

  test('a club representative is not', async () => {
    const { status, stdout } = await add('listed2', '--club-rep');
    expect(status).toBe(0);
    expect(stdout).not.toContain('mailing list');
    expect(await members()).not.toContain('listed2@csclub.test');
  });
});

describe('a host with another configuration', () => {
  let ceod: OwnCeod | undefined;
  afterEach(async () => {
    await ceod?.stop();
    ceod = undefined;
  });

  /** A ceod of its own on the mail host, with this mailman.cf. */
  async function mailHost(mailmanCf: string, settings = ''): Promise<OwnCeod> {
    const host = await ownHost(settings, { host: 'mail' });
    const file = path.join(host.dir, 'mailman.cf');
    await writeFile(file, mailmanCf);
    const gid = Number((await run(['id', '-g', 'list'])).stdout);
    await chown(file, 0, gid);
    await chmod(file, 0o640);
    ceod = await startCeodOn(host);
    return ceod;
  }

  test('members_list = none: switched off', async () => {
    const { env } = await mailHost('members_list = none\nlist_domain = csclub.test\n');
    expect(await subscribe('mailu05', 'mailu05', env)).toBe('Disabled: mailu05');
  });

  test('the command of Mailman 2', async () => {
    const log = path.join(folder, 'log', 'add_members.log');
    const command = path.join(folder, 'bin', 'add_members');
    await writeFile(log, '');
    await chmod(log, 0o666);
    await writeFile(
      command,
      `#!/bin/sh\nread address\nprintf '%s|%s|%s|%s\\n' "$*" "$address" "$(id -un)" "$(env | sort | tr '\\n' ' ')" >>'${log}'
case $address in mailu06@*) echo "Subscribed: $address" ;; mailu07@*) echo "Already a member: $address" ;; *) echo 'no such list' >&2; exit 1 ;; esac\n`,
      { mode: 0o755 },
    );
    const { env } = await mailHost(
      `members_list = csc-general\nlist_domain = csclub.test\nmailman_command = ${command}\n`,
    );
    expect(await subscribe('mailu06', 'mailu06', env)).toBe('Subscribed: mailu06@csclub.test');
    expect(await subscribe('mailu07', 'mailu07', env)).toBe(
      'Already a member: mailu07@csclub.test',
    );
    expect(await subscribe('mailu08', 'mailu08', env)).toMatch(/^Failed: .*no such list/);
    const [first = ''] = (await readFile(log, 'utf8')).split('\n');
    expect(first).toMatch(
      /^-r - csc-general\|mailu06@csclub\.test\|list\|LANG=C PATH=\S+ PWD=\S+ $/,
    );
  });

  test('Mailman falls silent: it is not known, for scripts as well', async () => {
    const silent = net.createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = silent.address() as net.AddressInfo;
      const { env } = await mailHost(
        'members_list = x\nlist_domain = csclub.test\nmailman_backend = mailman3\n' +
          `mailman_url = http://127.0.0.1:${port}/3.1\nmailman_rest_password = x\n`,
        'step_timeout = 1',
      );
      const input = '{"username": "mailu09"}';
      const relay = await runAs('mailu09', ['ceoc', 'mailman', '--json'], {
        env: { ...env },
        input,
      });
      expect(relay.status).toBe(6);
      expect(JSON.parse(relay.stdout)).toEqual({
        line: expect.stringMatching(/^Unknown: .*may or may not have been subscribed/),
      });
      const command = await runAs('ctdalek', ['ceo', 'members', 'subscribe', 'mailu09', '--json'], {
        env: { ...env },
      });
      expect(command.status).toBe(6);
      expect(command.stderr).toContain('It is safe to do it again.');
    } finally {
      silent.close();
    }
  });

  test('Mailman is down', async () => {
    const { env } = await mailHost(
      'members_list = x\nlist_domain = csclub.test\nmailman_backend = mailman3\n' +
        'mailman_url = http://127.0.0.1:1/3.1\nmailman_rest_password = x\n',
    );
    expect(await subscribe('mailu09', 'mailu09', env)).toBe('Failed: Mailman does not answer.');
  });
});

describe('what Mailman says', () => {
  const at = (url: string, password = credentials.password) =>
    mailman3({ url, username: credentials.username, password, timeoutMs: 2_000 });
  const url = variable('MAILMAN_URL');

  test('no such list', async () => {
    const elsewhere = { name: 'nosuch', domain: 'csclub.test' };
    await expect(at(url)(elsewhere, 'a@csclub.test')).rejects.toThrow(
      'has no list nosuch@csclub.test',
    );
  });

  test('a wrong password, which is not repeated', async () => {
    await expect(at(url, 'guess7391')(list, 'a@csclub.test')).rejects.toThrow(
      /^Mailman refuses our password\.$/,
    );
  });

  test('another page than the interface', async () => {
    await expect(at(`${url}/nonsense`)(list, 'a@csclub.test')).rejects.toThrow('status 404');
  });

  test('a command that hangs is ended', async () => {
    const command = path.join(folder, 'bin', 'hanging_members');
    await writeFile(command, '#!/bin/sh\nexec sleep 600\n', { mode: 0o755 });
    const subscribe = mailman2({ command, timeoutMs: 200 });
    await expect(subscribe(list, 'a@csclub.test')).rejects.toThrow('Mailman does not answer');
  });
});
