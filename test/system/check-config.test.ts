/** Promise: a root ceod does not start on what it cannot rely on; --check-config says so beforehand, and how to mend it. */
import { appendFile, chmod, chown, cp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { ownHost } from '../support/ownCeod.js';
import { folder, run, type Outcome } from '../support/realm.js';

let dir: string;
let env: Record<string, string>;
beforeEach(async () => {
  ({ dir, env } = await ownHost(''));
});

const check = () => run(['ceod', '--check-config'], { env });
/** It does not start either; were it to start, the test would not end. */
const start = () => run(['ceod'], { env });

test('a good configuration: what this host serves', async () => {
  expect(await check()).toEqual({
    status: 0,
    stdout:
      'The configuration is good. Ops of ginseng.csclub.test: adduser, getforward, mail, resetpassword.\n',
    stderr: '',
  });
});

test('an unknown key is a warning that names file and line, and no error', async () => {
  await appendFile(path.join(dir, 'accounts.cf'), 'aws_account_key = x\n');
  const { status, stdout } = await check();
  expect(status).toBe(0);
  expect(stdout).toMatch(/^warning: .*accounts\.cf:\d+: unknown key aws_account_key/);
});

test('a host of other ops that is not known is a warning', async () => {
  await writeFile(path.join(dir, 'ops', 'mailman'), 'no.such.host mailman list 4\n');
  const { status, stdout } = await check();
  expect(status).toBe(0);
  expect(stdout).toMatch(/^warning: .*ops\/mailman:1: .*no\.such\.host is not known/);
});

describe('refused, with the commands that mend it', () => {
  const keytab = async (mode: number) => {
    const file = path.join(dir, 'own.keytab');
    await cp(path.join(folder, 'keytabs', 'admin.keytab'), file);
    await chmod(file, mode);
    await appendFile(path.join(dir, 'ceod.cf'), `admin_keytab = ${file}\n`);
  };

  test.each<[string, () => Promise<unknown>]>([
    ['a file that others can write', () => chmod(path.join(dir, 'accounts.cf'), 0o666)],
    ['a routing file of somebody else', () => chown(path.join(dir, 'ops', 'mail'), 65534, 0)],
    ['the folder of the configuration', () => chmod(dir, 0o777)],
    ['an admin keytab that others can read', () => keytab(0o644)],
    [
      'an included file that others can write',
      async () => {
        await writeFile(path.join(dir, 'more.cf'), '');
        await chmod(path.join(dir, 'more.cf'), 0o666);
        await appendFile(path.join(dir, 'ceod.cf'), 'include more.cf\n');
      },
    ],
  ])('%s', async (_what, spoil) => {
    await spoil();
    const checked = await check();
    expect(checked).toMatchObject({ status: 10, stdout: '' });
    expect(await start()).toEqual(checked);
    const [, mend = ''] = /Mend it with: (.*)/.exec(checked.stderr) ?? [];
    expect((await run(['sh', '-ec', mend])).status).toBe(0);
    expect((await check()).status).toBe(0);
  });
});

describe('refused, with the place', () => {
  const refusal = ({ status, stdout, stderr }: Outcome) => {
    expect({ status, stdout }).toEqual({ status: 10, stdout: '' });
    return stderr;
  };

  test.each<[string, string, string, RegExp]>([
    ['a value', 'accounts.cf', 'member_min_id = many', /accounts\.cf:\d+: member_min_id.*expected/],
    ['a range that is empty', 'accounts.cf', 'member_max_id = 1', /member_max_id/],
    ['an id that is another op', 'ops/mail', 'ginseng.csclub.test mail root 0x07', /mail.*0x02/],
    ['a line of ops', 'ops/mail', 'ginseng.csclub.test mail', /HOST NAME USER ID/],
  ])('%s', async (_what, file, line, why) => {
    await appendFile(path.join(dir, file), `${line}\n`);
    expect(refusal(await check())).toMatch(why);
  });

  test('a host that serves nothing', async () => {
    for (const op of ['adduser', 'mail', 'getforward', 'resetpassword']) {
      await writeFile(path.join(dir, 'ops', op), '');
    }
    expect(refusal(await check())).toContain('No op is routed to this host, ginseng.csclub.test.');
  });
});
