/** Promise: root's ceod does not start while others could change what it reads, loads or runs; the printed commands mend it. */
import { existsSync } from 'node:fs';
import {
  appendFile,
  chmod,
  chown,
  cp,
  lchown,
  mkdir,
  readdir,
  symlink,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { nodeOf, programsOf } from '../../../sandbox/programs.js';
import { unixUser } from '../../../sandbox/users.js';
import { ownHost } from '../../support/ownCeod.js';
import { folder, run, variable } from '../../support/realm.js';

const STRANGER = 4001;
const WRITABLE = 'can be written by others';
const FOREIGN = 'does not belong to root';

let dir: string;
let env: Record<string, string>;
let program: [string, ...string[]];
beforeEach(async () => {
  ({ dir, env } = await ownHost(''));
  program = ['ceod'];
});

const check = () => run([...program, '--check-config'], { env });
/** It does not start either; were it to start, the test would not end. */
const start = () => run(program, { env });

const set = (file: string, line: string) => appendFile(path.join(dir, file), `${line}\n`);

/** A file of root's alone, whatever the umask. */
async function file(name: string, content = '', mode = 0o644): Promise<string> {
  const made = path.join(dir, name);
  await mkdir(path.dirname(made), { recursive: true });
  await writeFile(made, content);
  await chmod(made, mode);
  return made;
}

/** The same for a folder. */
async function place(name: string, mode = 0o755): Promise<string> {
  const made = path.join(dir, name);
  await mkdir(made, { recursive: true });
  await chmod(made, mode);
  return made;
}

/** What is wrong, and why. */
type Wrong = [file: string, why: string];

async function forAll(wrong: string): Promise<Wrong> {
  await chmod(wrong, 0o777);
  return [wrong, WRITABLE];
}

async function foreign(wrong: string): Promise<Wrong> {
  await lchown(wrong, STRANGER, STRANGER);
  return [wrong, FOREIGN];
}

/** A copy of ceod in a tree of its own, which is then what is started. */
async function ownTree(): Promise<string> {
  const tree = path.join(dir, 'tree');
  await cp(programsOf(folder), tree, { recursive: true });
  program = [nodeOf(folder), path.join(tree, 'dist', 'ceod', 'main.js')];
  return tree;
}

/** A further file for libkrb5. */
async function krb5(content: string): Promise<string> {
  const conf = await file('krb5.conf', content);
  env = { ...env, KRB5_CONFIG: `${variable('KRB5_CONFIG')}:${conf}` };
  return conf;
}

async function servesMailman(settings: string): Promise<void> {
  await writeFile(path.join(dir, 'ops', 'mailman'), 'ginseng.csclub.test mailman list 4\n');
  const secret = await file('mailman.cf', settings);
  await chown(secret, 0, (await unixUser('list')).gid);
  await chmod(secret, 0o640);
}

const MAILMAN2 = 'members_list = members\nlist_domain = csclub.test\nmailman_backend = mailman2\n';

const attacks: [what: string, spoil: () => Promise<Wrong>][] = [
  [
    'quota_command, a file for all',
    async () => {
      const quota = await file('copy-quota', '#!/bin/sh\n', 0o755);
      await set('ceod.cf', `quota_command = ${quota} {prototype} {uid}`);
      return forAll(quota);
    },
  ],
  [
    'a script that quota_command is told to run',
    async () => {
      const quota = await file('copy-quota');
      await set('ceod.cf', `quota_command = sh ${quota} {prototype} {uid}`);
      return forAll(quota);
    },
  ],
  [
    'what interprets quota_command',
    async () => {
      const shell = await file('shell', '', 0o755);
      const quota = await file('quota', `#!${shell} -e\n`, 0o755);
      await set('ceod.cf', `quota_command = ${quota} {prototype} {uid}`);
      return foreign(shell);
    },
  ],
  [
    'a hook in a folder for its group',
    async () => {
      const hook = await file('hooks/notify', '#!/bin/sh\n', 0o755);
      await set('accounts.cf', `notify_hook = ${hook}`);
      await chmod(path.dirname(hook), 0o775);
      return [path.dirname(hook), WRITABLE];
    },
  ],
  [
    'a hook of the user who runs it',
    async () => {
      const hook = await file('notify', '#!/bin/sh\n', 0o755);
      await set('accounts.cf', `notify_hook = ${hook}`);
      await chown(hook, (await unixUser('nobody')).uid, 0);
      return [hook, FOREIGN];
    },
  ],
  [
    'what the shipped hooks read',
    async () => {
      await set('accounts.cf', `expire_hook = ${await file('hooks/expire', '', 0o755)}`);
      return forAll(await file('hooks/mail.sh'));
    },
  ],
  [
    'a skeleton',
    async () => {
      const skeleton = await place('skel');
      await set('accounts.cf', `member_home_skel = ${skeleton}`);
      return forAll(skeleton);
    },
  ],
  [
    "a file of root's in a skeleton",
    async () => {
      const profile = await file('skel/.profile');
      await set('accounts.cf', `club_home_skel = ${path.dirname(profile)}`);
      return forAll(profile);
    },
  ],
  ['code of the daemon', async () => foreign(path.join(await ownTree(), 'dist/ceod/main.js'))],
  [
    'the program of session processes',
    async () => forAll(path.join(await ownTree(), 'dist/ceod/session.js')),
  ],
  ['the folder of the code', async () => forAll(path.join(await ownTree(), 'dist'))],
  [
    'what says how code is read',
    async () => foreign(path.join(await ownTree(), 'dist/package.json')),
  ],
  [
    'a native module',
    async () =>
      foreign(path.join(await ownTree(), 'node_modules/kerberos/build/Release/kerberos.node')),
  ],
  [
    'JavaScript beside a native module',
    async () => forAll(path.join(await ownTree(), 'node_modules/kerberos/lib/util.js')),
  ],
  [
    'the FFI',
    async () => {
      const koffi = `node_modules/@koromix/koffi-linux-${process.arch}`;
      return forAll(path.join(await ownTree(), koffi, `linux_${process.arch}`, 'koffi.node'));
    },
  ],
  [
    'a link in the way of the packages',
    async () => {
      const tree = await ownTree();
      const modules = await place('elsewhere');
      await cp(path.join(tree, 'node_modules', 'kerberos'), path.join(modules, 'kerberos'), {
        recursive: true,
      });
      await run(['rm', '-r', path.join(tree, 'node_modules', 'kerberos')]);
      await symlink(path.join(modules, 'kerberos'), path.join(tree, 'node_modules', 'kerberos'));
      return forAll(modules);
    },
  ],
  [
    'Node',
    async () => {
      const node = path.join(dir, 'node');
      await cp(nodeOf(folder), node);
      program = [node, path.join(programsOf(folder), 'dist', 'ceod', 'main.js')];
      return foreign(node);
    },
  ],
  [
    'the link by which ceod is started',
    async () => {
      const shared = await place('shared', 0o1777);
      const link = path.join(shared, 'ceod');
      await symlink(path.join(programsOf(folder), 'dist', 'ceod', 'main.js'), link);
      program = [nodeOf(folder), link];
      return foreign(link);
    },
  ],
  ['one of several files of KRB5_CONFIG', async () => forAll(await krb5(''))],
  [
    'what krb5.conf includes',
    async () => {
      const included = await file('more.conf', '[libdefaults]\n');
      await krb5(`include ${included}\n`);
      return foreign(included);
    },
  ],
  [
    'a folder that krb5.conf includes',
    async () => {
      const included = await place('krb5.conf.d');
      await krb5(`[libdefaults]\n\nincludedir ${included}\n`);
      return forAll(included);
    },
  ],
  [
    'a file of a folder that krb5.conf includes, and what that includes',
    async () => {
      const deeper = await file('deeper.conf');
      await file('krb5.conf.d/site.conf', `include ${deeper}\n`);
      await krb5(`includedir ${dir}/krb5.conf.d\n`);
      return foreign(deeper);
    },
  ],
  [
    'a plug-in of libkrb5',
    async () => {
      const plugin = await file('plugin.so');
      await krb5(`[plugins]\n  hostrealm = {\n    module = site:${plugin}\n  }\n`);
      return forAll(plugin);
    },
  ],
  [
    'the certificates',
    async () => {
      const certificates = path.join(dir, 'ca.pem');
      await cp(variable('LDAPTLS_CACERT'), certificates);
      env = { ...env, LDAPTLS_CACERT: certificates };
      return forAll(certificates);
    },
  ],
  ['CEO_HOSTS', () => forAll(path.join(dir, 'hosts'))],
  [
    'the shells that members may choose',
    async () => {
      const shells = await file('shells');
      await set('accounts.cf', `shells_file = ${shells}`);
      return foreign(shells);
    },
  ],
  [
    "a program of the site's, and what interprets it",
    async () => {
      const shell = await file('shell', '', 0o755);
      await file('lib/op-report', `#!${shell}\n`, 0o755);
      await writeFile(path.join(dir, 'ops', 'report'), 'ginseng.csclub.test report daemon 0x77\n');
      env = { ...env, CEO_LIB_DIR: path.join(dir, 'lib') };
      return forAll(shell);
    },
  ],
  ['the folder of the journal', async () => foreign(await place('state/journal', 0o700))],
  [
    'the lock of the journal, a link',
    async () => {
      await place('state');
      const lock = path.join(dir, 'state', 'journal.lock');
      await symlink('/nowhere', lock);
      return foreign(lock);
    },
  ],
  [
    'an entry of the journal that a stranger planted',
    async () => {
      const entry = await file('state/journal/bob.journal', '{"pid":1}\n');
      await foreign(entry);
      return [entry, 'was not written by root alone'];
    },
  ],
  [
    'an entry of the journal that all could write',
    async () => {
      const entry = await file('state/journal/bob.journal', '{"pid":1}\n');
      await chmod(entry, 0o666);
      return [entry, 'was not written by root alone'];
    },
  ],
  ...(['state_dir', 'runtime_dir'] as const).flatMap((key): typeof attacks => [
    [
      `${key}, that a stranger made first`,
      async () => {
        const shared = await place('shared', 0o1777);
        await set('ceod.cf', `${key} = ${shared}/ceod`);
        return foreign(await place('shared/ceod'));
      },
    ],
    [
      `${key}, that anybody could make first`,
      async () => {
        const shared = await place('shared', 0o1777);
        await set('ceod.cf', `${key} = ${shared}/ceod`);
        return [`${shared}/ceod`, 'does not exist, and others could make it'];
      },
    ],
    [
      `${key}, a stranger's link`,
      async () => {
        const link = path.join(await place('shared', 0o1777), 'ceod');
        await symlink(await place('elsewhere'), link);
        await set('ceod.cf', `${key} = ${link}`);
        return foreign(link);
      },
    ],
    [
      `${key}, by a link into a folder for all`,
      async () => {
        const link = path.join(dir, 'link');
        const shared = await place('elsewhere');
        await place('elsewhere/inner');
        await symlink(path.join(shared, 'inner'), link);
        await set('ceod.cf', `${key} = ${link}`);
        return forAll(shared);
      },
    ],
  ]),
  [
    'the folder of the replay cache',
    async () => {
      const shared = await place('rcache');
      env = { ...env, KRB5RCACHENAME: `file2:${shared}/cache` };
      return forAll(shared);
    },
  ],
  [
    'mailman_command',
    async () => {
      const command = await file('add_members', '#!/bin/sh\n', 0o755);
      await servesMailman(`${MAILMAN2}mailman_command = ${command}\n`);
      return foreign(command);
    },
  ],
  [
    'what mailman.cf includes, which all can read',
    async () => {
      const included = await file('secret.cf', 'mailman_rest_password = secret\n');
      await servesMailman(`${MAILMAN2}include ${included}\n`);
      return [included, 'can be read or changed by others'];
    },
  ],
];

test.each(attacks)('%s: refused, until it is mended as printed', async (_what, spoil) => {
  const [wrong, why] = await spoil();
  const checked = await check();
  expect(checked).toMatchObject({ status: 10, stdout: '' });
  expect(checked.stderr).toContain(`${wrong} ${why}`);
  expect(await start()).toEqual(checked);
  const [, mend = ''] = /Mend it with: (.*)/.exec(checked.stderr) ?? [];
  expect((await run(['sh', '-ec', mend])).status).toBe(0);
  expect(await check()).toMatchObject({ status: 0, stderr: '' });
});

describe('accepted', () => {
  test("mailman_command of the op's user and group, who alone runs it", async () => {
    const command = await file('add_members', '#!/bin/sh\n', 0o775);
    const { uid, gid } = await unixUser('list');
    await chown(command, uid, gid);
    await servesMailman(`${MAILMAN2}mailman_command = ${command}\n`);
    expect(await check()).toMatchObject({ status: 0, stderr: '' });
  });

  test('a mailman.cf that all can read, and that holds no password', async () => {
    await servesMailman('members_list = none\nlist_domain = csclub.test\n');
    await chmod(path.join(dir, 'mailman.cf'), 0o644);
    expect(await check()).toMatchObject({ status: 0, stderr: '' });
  });

  test('in a skeleton, what is not root’s: it is not copied', async () => {
    await foreign(await file('skel/.stray'));
    await set('accounts.cf', `member_home_skel = ${dir}/skel`);
    expect(await check()).toMatchObject({ status: 0, stderr: '' });
  });

  test('in a folder that krb5.conf includes, what libkrb5 does not read', async () => {
    await foreign(await file('krb5.conf.d/site.conf.orig~'));
    await krb5(`includedir ${dir}/krb5.conf.d\n`);
    expect(await check()).toMatchObject({ status: 0, stderr: '' });
  });
});

test('a planted entry is kept for those who look at it, and is not acted upon', async () => {
  const entry = await file('state/journal/bob.journal', '{"pid":1}\n');
  await foreign(entry);
  const [, mend = ''] = /Mend it with: (.*)/.exec((await check()).stderr) ?? [];
  await run(['sh', '-ec', mend]);
  expect(await readdir(path.dirname(entry))).toEqual(['bob.journal.untrusted']);
});

test('so many are wrong that they are told in turns: no command is cut', async () => {
  for (let i = 0; i < 25; i += 1) await foreign(await file(`ops/z${'x'.repeat(200)}${i}`));
  for (const left of ['and 15 more', 'and 5 more', '']) {
    const { stderr, status } = await check();
    expect(status).toBe(10);
    expect(stderr).toContain(left);
    const [, mend = ''] = /Mend it with: (.*)/.exec(stderr) ?? [];
    expect((await run(['sh', '-ec', mend])).status).toBe(0);
  }
  expect(await check()).toMatchObject({ status: 0, stderr: '' });
});

describe('PATH', () => {
  test('of whoever starts it is not searched', async () => {
    const bin = await place('bin');
    for (const name of ['setpriv', 'getent']) {
      await file(
        `bin/${name}`,
        `#!/bin/sh\ntouch '${dir}/taken'\nexec /usr/bin/${name} "$@"\n`,
        0o755,
      );
    }
    env = { ...env, PATH: `${bin}:${variable('PATH')}` };
    expect(await check()).toMatchObject({ status: 0, stderr: '' });
    expect(existsSync(path.join(dir, 'taken'))).toBe(false);
  });

  test('a folder of its own that all can write is refused', async () => {
    // In a mount namespace: the system stays as it is.
    const script = `
      mount -t tmpfs -o mode=777 tmpfs /usr/local/sbin
      ceod --check-config && exit 1
      chown root:root /usr/local/sbin && chmod go-w /usr/local/sbin
      ceod --check-config`;
    const { status, stderr } = await run(['unshare', '-m', 'sh', '-c', script], { env });
    expect(stderr).toContain(`/usr/local/sbin ${WRITABLE} (programs that ceod runs)`);
    expect(status).toBe(0);
  });
});

test('an op as a program, run as root, looks as well', async () => {
  const hook = await file('notify', '#!/bin/sh\n', 0o755);
  await set('accounts.cf', `notify_hook = ${hook}`);
  await chmod(hook, 0o777);
  const { status, stdout, stderr } = await run(['op-adduser'], {
    env: { ...env, CEO_USER: 'ctdalek' },
  });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain(`${hook} ${WRITABLE}`);
});
