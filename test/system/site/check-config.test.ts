/** Promise: a root ceod does not start on what it cannot rely on; --check-config says so beforehand, and how to mend it. */
import { appendFile, chmod, chown, cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { SESSION_USER } from '../../../sandbox/configuration.js';
import { ownHost } from '../../support/ownCeod.js';
import { folder, run, type Outcome } from '../../support/realm.js';

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
      'The configuration is good. Ops of ginseng.csclub.test: adduser, getforward, inspect, mail, ping, resetpassword.\n',
    stderr: '',
  });
});

test('an unknown key is a warning that names file and line, and no error', async () => {
  await appendFile(path.join(dir, 'accounts.cf'), 'aws_account_key = x\n');
  const { status, stdout } = await check();
  expect(status).toBe(0);
  expect(stdout).toMatch(/^warning: .*accounts\.cf:\d+: unknown key aws_account_key/);
});

describe('a warning, with the mend', () => {
  /** @returns the warnings; the lines that mend them are added then. */
  const warned = async (lines: string) => {
    const file = path.join(dir, 'accounts.cf');
    await appendFile(file, `${lines}\n`);
    const { status, stdout } = await check();
    const warnings = stdout.split('\n').filter((line) => line.startsWith('warning: '));
    for (const warning of warnings) {
      expect(warning).toMatch(/^warning: .*accounts\.cf:\d+: /);
      const [, mend = ''] = /Mend it with: ([^;]*)/.exec(warning) ?? [];
      await appendFile(file, `${mend.replaceAll(', ', '\n')}\n`);
    }
    const mended = await check();
    expect({ status, mended: mended.status }).toEqual({ status: 0, mended: 0 });
    expect(mended.stdout).not.toContain('warning');
    return warnings.join('\n');
  };

  test.each([
    ['dynamic users', '50000', '64000', /61184-65519.*member_max_id = 60000/],
    ['homed', '60100', '61000', /60001-60513.*member_min_id = 60578/],
    ['containers', '500000', '600000', /524288-.*member_max_id = 524287/],
    ['nobody', '65530', '69000', /65534, nobody.*member_min_id = 65536/],
    ['the system', '500', '999', /0-999.*member_min_id = 400000/],
    ['nothing but others', '62000', '63000', /61184-65519.*member_min_id = 400000/],
  ])('members whose ids are those of %s', async (_what, min, max, expected) => {
    const lines = `member_min_id = ${min}\nmember_max_id = ${max}`;
    expect(await warned(lines)).toMatch(expected);
  });

  test('members whose ids are those of users of this host', async () => {
    const add = (file: string, line: string) =>
      `cp ${file} ${dir}/own && echo ${line} >>${dir}/own && cp ${dir}/own ${dir}/${path.basename(file)} && mount --bind ${dir}/${path.basename(file)} ${file}`;
    const script = [
      add('/etc/passwd', 'old:x:25000:100::/:/bin/sh'),
      add('/etc/group', 'older:x:25001:'),
      add('/etc/subuid', 'old:35000:1000'),
      'ceod --check-config',
    ].join('\n');
    const { status, stdout } = await run(['unshare', '--mount', 'sh', '-ec', script], { env });
    expect(status).toBe(0);
    expect(stdout.match(/^warning: .*/gm)).toEqual([
      expect.stringMatching(/members.*old in .*passwd has the uid 25000\. .*: usermod -u UID old$/),
      expect.stringMatching(
        /members.*older in .*group has the gid 25001\. .*: groupmod -g GID older$/,
      ),
      expect.stringMatching(/clubs.*35000-35999, given to old in .*subuid\. .*club_max_id = 34999/),
    ]);
  });

  test('clubs as well', async () => {
    expect(await warned('club_min_id = 40000\nclub_max_id = 65535')).toMatch(
      /the ids of clubs.*club_min_id = 40000, club_max_id = 60000/,
    );
  });

  test.each([
    ['^[a-z0-9]+$', /digits alone/],
    ['^[0-9]{8}$', /12345678: digits alone/],
    ['^[-a-z]+$', /a - first/],
    ['^[A-Za-z]+$', /capitals/],
    ['^[a-z][a-zA-Z]*$', /capitals/],
    ['^.*$', /digits alone[^]*a - first[^]*capitals[^]*paths/],
    ['^[a-z][-a-z0-9.\/]*$', /paths/],
  ])('usernames like %s', async (regex, expected) => {
    expect(await warned(`username_regex = ${regex}`)).toMatch(expected);
  });

  test.each(['^[a-z][-a-z0-9]*$', '^[a-z][a-z0-9_.-]{1,7}$', '^[a-z]{3,}$'])(
    'none of %s',
    async (regex) => {
      expect(await warned(`username_regex = ${regex}`)).toBe('');
    },
  );
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

  const serveMailman = async () => {
    const file = path.join(dir, 'mailman.cf');
    await run(['cp', '-p', path.join(folder, 'hosts', 'mail', 'mailman.cf'), file]);
    await writeFile(path.join(dir, 'ops', 'mailman'), 'ginseng.csclub.test mailman list 4\n');
  };
  const set = (line: string) => appendFile(path.join(dir, 'ceod.cf'), `${line}\n`);
  /** A replay cache of this host's own. */
  const replayCache = async () => {
    await mkdir(path.join(dir, 'run'), { mode: 0o711 });
    const file = path.join(dir, 'run', 'replay');
    await writeFile(file, '');
    env['KRB5RCACHENAME'] = `file2:${file}`;
    return file;
  };

  test.each<[string, () => Promise<unknown>]>([
    ['hooks as the session user', () => set(`hook_user = ${SESSION_USER}`)],
    ['hooks as root', () => set('hook_user = root')],
    [
      'hooks as an op user',
      async () => {
        await serveMailman();
        await set('hook_user = list');
      },
    ],
    ['uids of sessions that members have', () => set('session_uids = 29000-70000')],
    ['uids of sessions that clubs have', () => set('session_uids = 39999-41000')],
    ['uids of sessions that somebody has', () => set('session_uids = 65000-65600')],
    ['uids of sessions that dynamic users get', () => set('session_uids = 65000-65500')],
    ['uids of sessions that containers get', () => set('session_uids = 600000-600500')],
    ['fewer uids than sessions', () => set('session_uids = 70000-70030')],
    ['a replay cache that others can write', async () => chmod(await replayCache(), 0o666)],
    ['a replay cache of somebody else', async () => chown(await replayCache(), 65534, 65534)],
    [
      'a replay cache that is a link',
      async () => {
        const file = await replayCache();
        await rm(file);
        await symlink('/etc/passwd', file);
      },
    ],
    [
      'a replay cache in a folder of others',
      async () => {
        await replayCache();
        await chmod(path.join(dir, 'run'), 0o777);
      },
    ],
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

describe('refused, with the commands that make another user', () => {
  // What they would make is the machine's: they are not run here.
  test.each([
    ['session_user = nobody', 'hook_user = nobody', 'ceod'],
    ['session_user = root', 'session_user = root', 'ceod'],
    ['session_user = sync', 'hook_user = nobody', 'ceod-hook'],
  ])('%s', async (line, who, user) => {
    await appendFile(path.join(dir, 'ceod.cf'), `${line}\n`);
    const { status, stderr } = await check();
    expect(status).toBe(10);
    expect(stderr).toMatch(new RegExp(`${who} (is|has) `));
    expect(stderr).toContain(`adduser --system --group --no-create-home ${user} && echo '`);
    expect((await start()).status).toBe(10);
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
    for (const op of ['adduser', 'mail', 'getforward', 'resetpassword', 'inspect', 'ping']) {
      await writeFile(path.join(dir, 'ops', op), '');
    }
    expect(refusal(await check())).toContain('No op is routed to this host, ginseng.csclub.test.');
  });
});
