/** Promise: where ceod-setup cannot do something, it says who does it and how, and changes nothing; so does its look at a legacy system. */
import { appendFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { ownHost, type OwnHost } from '../../support/ownCeod.js';
import { folder, ginseng, run } from '../../support/realm.js';

let host: OwnHost;
beforeAll(async () => (host = await ownHost('')));

/** slapd of the sandbox has no ldapi:///, and its KDC is not found without KRB5_KDC_PROFILE. */
const nowhere = ['--ldapi', `ldapi://${encodeURIComponent(path.join(folder, 'none'))}`] as const;

const setup = (...args: string[]) => run(['ceod-setup', ...args], { env: host.env });

/** Every file below a folder with its content. */
async function contentOf(dir: string): Promise<Record<string, string>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const read = files.map(async ({ parentPath, name }) => {
    const file = path.join(parentPath, name);
    return [file, await readFile(file, 'utf8')] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

describe('on a host that has neither the KDC nor slapd', () => {
  test('what is done is seen, what is not is told, and --run changes nothing', async () => {
    const before = await contentOf(host.dir);
    const { status, stdout, stderr } = await setup(ginseng, '--run', ...nowhere);
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(stdout).toContain(`✓ the key of ceod/${ginseng} in ${folder}/keytabs/ceod.keytab\n`);
    expect(stdout).toContain('✓ adduser is routed to ginseng');
    expect(stdout).toMatch(/! the principal ceod\/admin: it is done on the host of the KDC/);
    expect(stdout).toMatch(/! the schema csclub: on the host of the directory, in \/etc\/ldap\//);
    expect(stdout).not.toContain('✗');
    expect(await contentOf(host.dir)).toEqual(before);
  });

  test('the lines for slapd.conf, and that a file has them', async () => {
    const lines = (await setup(ginseng, ...nowhere)).stdout;
    expect(lines).toMatch(/^ +access to dn\.onelevel="ou=People,dc=csclub,dc=test" attrs=term,/m);
    expect(lines).toMatch(/^ +include \/.*\/schema\/csclub\.schema$/m);

    const conf = path.join(folder, 'slapd', 'slapd.conf');
    const { stdout } = await setup(ginseng, '--slapd-conf', conf, ...nowhere);
    for (const what of [
      'who a ticket is',
      'what ceod, office, syscom and root',
      'indexes',
      'lists',
    ])
      expect(stdout).toMatch(new RegExp(`^✓ ${what}`, 'm'));
  });
});

test('the key for another host is to be copied there', async () => {
  const { stdout } = await setup('mail.csclub.test', ...nowhere);
  expect(stdout).toMatch(/! the key of list\/mail\.csclub\.test in .*: it is a file of mail\./);
  expect(stdout).toContain(`root@mail.csclub.test:${folder}/keytabs/ceod-list.keytab`);
  expect(stdout).not.toContain('adduser is routed');
});

test.each([
  [[], /expected one HOST/],
  [['no-such-host.csclub.test'], /is not known/],
  [[ginseng, '--syscom', 'No Name'], /cannot be a username/],
  [[ginseng, '--ops', 'cook'], /There is no op cook/],
  [['migrate'], /--check/],
])('%j is refused with a sentence', async (args, why) => {
  const { status, stdout, stderr } = await setup(...args);
  expect({ stdout, stderr }).toEqual({ stdout: '', stderr: expect.stringMatching(why) as unknown });
  expect([2, 10]).toContain(status);
});

describe('migrate --check', () => {
  interface Finding {
    readonly topic: string;
    readonly says: string;
  }

  test('says what of accounts.cf counts, who serves what, and where keys are', async () => {
    const legacy = await ownHost('external_ops = mail\n');
    appendFileSync(
      path.join(legacy.dir, 'accounts.cf'),
      'admin_min_id = 10001\nstaff_secret = hush\n',
    );
    const lib = await mkdtemp(path.join(folder, 'lib-'));
    for (const name of ['op-adduser', 'op-mail'])
      await writeFile(path.join(lib, name), '#!/bin/sh\n', { mode: 0o755 });
    const before = await contentOf(legacy.dir);
    const env = { ...legacy.env, CEO_LIB_DIR: lib };
    const { status, stdout, stderr } = await run(['ceod-setup', 'migrate', '--check', '--json'], {
      env,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).not.toContain('hush');
    const { report } = JSON.parse(stdout) as { report: Finding[] };
    const saysOf = (topic: string) => report.find((each) => each.topic.includes(topic))?.says;
    expect(saysOf(' member_min_id')).toBe('counts');
    expect(saysOf(' admin_min_id')).toBe('is ignored');
    expect(saysOf(' staff_secret')).toBe('is not known, and ignored');
    expect(saysOf('op adduser')).toContain(`in place of ${lib}/op-adduser`);
    expect(saysOf('op mail at')).toBe(`${lib}/op-mail executes it`);
    expect(saysOf(`the key of ceod/${ginseng}`)).toBe(`is in ${folder}/keytabs/ceod.keytab`);
    expect(await contentOf(legacy.dir)).toEqual(before);
  });

  test('a key that is missing, and needed', async () => {
    const dir = await mkdtemp(path.join(folder, 'legacy-'));
    await writeFile(path.join(dir, 'accounts.cf'), 'member_shell = /bin/bash\n');
    const { status, stdout } = await run(['ceod-setup', 'migrate', '--check'], {
      env: { CEO_CONFIG_DIR: dir },
    });
    expect(status).toBe(0);
    expect(stdout).toContain('krb5_realm: is missing, and needed (the Kerberos realm)\n');
  });
});
