/**
 * Promise: whatever becomes of a kadmin process that stays open, or of kadmind,
 * each query is answered for itself, what may have happened is never told as a
 * failure, and no process is left. On a sandbox of its own, whose kadmind is
 * stopped and started again.
 */
import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.js';
import { startServer, type Server } from '../../sandbox/server.js';
import { Kadmin, type KadminOptions } from '../../src/kerberos/kadmin.js';
import { eventually } from '../support/eventually.js';
import { processesWhere } from '../support/processes.js';

const PASSWORD = 'a-good-password';

let sandbox: Sandbox;
let kadmind: Server;
let principal: (username: string) => Promise<string | undefined>;
const opened: Kadmin[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({ ceods: false });
  Object.assign(process.env, sandbox.env);
  ({ principal } = await import('../support/realm.js'));
  const started = sandbox.servers.find(({ name }) => name === 'kadmind');
  if (started === undefined) throw new Error('no kadmind');
  kadmind = started;
});

afterAll(async () => {
  await kadmind.stop();
  await sandbox.stop();
});

afterEach(async () => {
  for (const each of opened.splice(0)) each.close();
  await eventually(async () => (await processes()).length === 0);
});

/** One whose processes stay as long as a test may take. */
function newKadmin(options: Partial<KadminOptions> = {}): Kadmin {
  const made = new Kadmin({
    realm: 'CSCLUB.TEST',
    adminPrincipal: 'ceod/admin@CSCLUB.TEST',
    keytab: path.join(sandbox.folder, 'keytabs', 'admin.keytab'),
    timeoutMs: 10_000,
    lifetimeMs: 60_000,
    ...options,
  });
  opened.push(made);
  return made;
}

/** The pids of this realm's kadmin processes. */
const processes = () =>
  processesWhere(({ command }) => /\bkadmin\0/.test(command) && command.includes(sandbox.folder));

async function theOnly(): Promise<number> {
  const [pid, ...others] = await processes();
  if (pid === undefined || others.length > 0) throw new Error('not one process');
  return pid;
}

async function restartKadmind(): Promise<void> {
  await kadmind.stop();
  kadmind = await startServer({
    name: 'kadmind',
    command: ['/usr/sbin/kadmind', '-nofork', '-r', 'CSCLUB.TEST'],
    env: { ...sandbox.env, KRB5_KDC_PROFILE: path.join(sandbox.folder, 'kdc', 'kdc.conf') },
    log: path.join(sandbox.folder, 'log', 'kadmind.log'),
    ready: () =>
      principal('ctdalek').then(
        () => true,
        () => false,
      ),
  });
}

const outcomeUnknown = { code: 'outcome_unknown' };

describe('one process', () => {
  test('for all that is asked one after the other', async () => {
    const kadmin = newKadmin();
    expect(await kadmin.get('one')).toBeUndefined();
    const pid = await theOnly();
    await kadmin.createDisabled('one', PASSWORD);
    expect(await kadmin.get('one')).toEqual({
      disabled: true,
      lastModifiedBy: 'ceod/admin@CSCLUB.TEST',
      expiresAt: undefined,
    });
    await kadmin.enable('one');
    expect(await kadmin.get('one')).toMatchObject({ disabled: false });
    await kadmin.requireChange('one');
    expect(await principal('one')).toMatch(/^Attributes:.*REQUIRES_PWCHANGE/m);
    await kadmin.setPassword('one', 'x'.repeat(1022));
    expect(await principal('one')).not.toMatch(/REQUIRES_PWCHANGE/);
    await kadmin.disable('one');
    expect(await kadmin.get('one')).toMatchObject({ disabled: true });
    await kadmin.remove('one');
    expect(await kadmin.get('one')).toBeUndefined();
    expect(await theOnly()).toBe(pid);
  });

  test('goes on after refusals', async () => {
    const kadmin = newKadmin();
    await kadmin.createDisabled('two', PASSWORD);
    const pid = await theOnly();
    await expect(kadmin.createDisabled('two', PASSWORD)).rejects.toMatchObject({ code: 'exists' });
    for (const answer of [
      kadmin.createDisabled('three', 'q7#zK'),
      kadmin.setPassword('two', 'q7#zK'),
    ]) {
      await expect(answer).rejects.toMatchObject({
        code: 'failed',
        message: 'Password is too short',
      });
    }
    for (const answer of [
      kadmin.remove('three'),
      kadmin.enable('three'),
      kadmin.setPassword('three', PASSWORD),
    ]) {
      await expect(answer).rejects.toMatchObject({ code: 'not_found' });
    }
    expect(await kadmin.get('three')).toBeUndefined();
    expect(await kadmin.get('two')).toMatchObject({ disabled: true });
    expect(await processes()).toContain(pid);
  });

  test('for each of those who ask at the same time', async () => {
    const kadmin = newKadmin();
    const names = ['ctdalek', 'sysadmin1', 'nonesuch', 'nobody1'];
    const ask = () => Promise.all(names.map(async (name) => [name, await kadmin.get(name)]));
    const expected = names.map((name) => [
      name,
      name === 'nonesuch' ? undefined : expect.objectContaining({ disabled: false }),
    ]);
    expect(await ask()).toEqual(expected);
    const pids = await processes();
    expect(pids).toHaveLength(names.length);
    expect(await ask()).toEqual(expected);
    expect(await processes()).toEqual(pids);
  });

  test('has its turn for each of very many', async () => {
    const kadmin = newKadmin();
    const names = Array.from({ length: 60 }, (_, index) => `many${index}`);
    await Promise.all(
      names.map(async (name) => {
        await kadmin.createDisabled(name, PASSWORD);
        await kadmin.enable(name);
        expect(await kadmin.get(name)).toMatchObject({ disabled: false });
      }),
    );
    expect((await processes()).length).toBeLessThanOrEqual(4);
  });

  test('is not used for ever', async () => {
    const kadmin = newKadmin({ lifetimeMs: 100 });
    await kadmin.get('ctdalek');
    await eventually(async () => (await processes()).length === 0);
    expect(await kadmin.get('ctdalek')).toBeDefined();
  });
});

test('a password with a line end in it is no further query', async () => {
  const kadmin = newKadmin();
  const password = `${PASSWORD}\n${PASSWORD}\ndelete_principal -force nobody1`;
  await expect(kadmin.createDisabled('four', password)).rejects.toThrow('not one line');
  expect(await kadmin.get('four')).toBeUndefined();
  expect(await kadmin.get('nobody1')).toBeDefined();
});

describe('closed', () => {
  test('what is under way is finished', async () => {
    const kadmin = newKadmin();
    await kadmin.get('ctdalek');
    const answers = [kadmin.createDisabled('five', PASSWORD), kadmin.get('ctdalek')];
    kadmin.close();
    await Promise.all(answers);
    await eventually(async () => (await processes()).length === 0);
    expect(await kadmin.get('five')).toBeDefined();
  });

  test('by the end of the program, which does not wait for it', async () => {
    const file = fileURLToPath(new URL('../../src/kerberos/kadmin.ts', import.meta.url));
    const options = {
      realm: 'CSCLUB.TEST',
      adminPrincipal: 'ceod/admin@CSCLUB.TEST',
      keytab: path.join(sandbox.folder, 'keytabs', 'admin.keytab'),
      timeoutMs: 600_000,
      lifetimeMs: 600_000,
    };
    const program = `import { Kadmin } from ${JSON.stringify(file)};
      console.log(await new Kadmin(${JSON.stringify(options)}).get('ctdalek'));`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', program];
    const env = { ...process.env, NODE_OPTIONS: '' };
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    expect(stdout).toContain('disabled: false');
    await eventually(async () => (await processes()).length === 0);
  });
});

describe('kadmin', () => {
  test('killed while it has nothing to do: another one is asked', async () => {
    const kadmin = newKadmin();
    await kadmin.get('ctdalek');
    process.kill(await theOnly(), 'SIGKILL');
    await eventually(async () => (await processes()).length === 0);
    await kadmin.createDisabled('six', PASSWORD);
    expect(await kadmin.get('six')).toBeDefined();
  });

  test('killed in the middle of a change: its outcome is unknown', async () => {
    const kadmin = newKadmin();
    await kadmin.get('ctdalek');
    process.kill(kadmind.pid, 'SIGSTOP');
    try {
      const change = kadmin.createDisabled('seven', PASSWORD);
      process.kill(await theOnly(), 'SIGKILL');
      await expect(change).rejects.toMatchObject(outcomeUnknown);
    } finally {
      process.kill(kadmind.pid, 'SIGCONT');
    }
    expect(await kadmin.get('ctdalek')).toBeDefined();
  });

  test.each(['kadmind', 'kadmin'])(
    '%s stopped: its outcome is unknown, nothing is left',
    async (which) => {
      const kadmin = newKadmin({ timeoutMs: 500 });
      await kadmin.get('ctdalek');
      const pid = which === 'kadmind' ? kadmind.pid : await theOnly();
      process.kill(pid, 'SIGSTOP');
      try {
        await expect(kadmin.enable('nobody1')).rejects.toMatchObject({
          ...outcomeUnknown,
          message: 'kadmin did not end: it is not known what it did.',
        });
        await eventually(async () => (await processes()).length === 0);
      } finally {
        if (which === 'kadmind') process.kill(pid, 'SIGCONT');
      }
      expect(await kadmin.get('ctdalek')).toBeDefined();
    },
  );

  test('stopped, and many ask: those who wait hear that nothing was done', async () => {
    process.kill(kadmind.pid, 'SIGSTOP');
    try {
      const kadmin = newKadmin({ timeoutMs: 500 });
      const changes = Array.from({ length: 6 }, () => kadmin.enable('nobody1'));
      const outcomes = await Promise.allSettled(changes);
      const codes = outcomes.map((each) => (each as { reason: { code: string } }).reason.code);
      expect(codes.slice(0, 4)).toEqual(Array(4).fill('outcome_unknown'));
      for (const code of codes.slice(4)) expect(['unreachable', 'outcome_unknown']).toContain(code);
    } finally {
      process.kill(kadmind.pid, 'SIGCONT');
    }
  });

  test('tells of an error behind its prompt, and of a warning before it', async () => {
    const bin = path.join(sandbox.folder, 'double');
    await mkdir(bin);
    await writeFile(
      path.join(bin, 'kadmin'),
      `#!/bin/sh
printf 'kadmin:  '
read -r query
echo 'WARNING: policy "default" does not exist' >&2
printf 'kadmin:  '
sleep 0.2
echo 'delete_principal: Operation requires \`\`delete'"'' privilege while deleting principal" >&2
read -r query
`,
    );
    await chmod(path.join(bin, 'kadmin'), 0o755);
    const { PATH } = process.env;
    process.env['PATH'] = `${bin}:${PATH}`;
    try {
      await expect(newKadmin().remove('nobody1')).rejects.toMatchObject({ code: 'denied' });
    } finally {
      process.env['PATH'] = PATH;
    }
  });
});

describe('kadmind', () => {
  test('was restarted: a question is put again, a change is not', async () => {
    const kadmin = newKadmin();
    // Two processes: neither is of use any more.
    await Promise.all([kadmin.get('ctdalek'), kadmin.get('ctdalek')]);
    const before = await processes();
    await restartKadmind();
    expect(await kadmin.get('nonesuch')).toBeUndefined();
    await kadmin.createDisabled('eight', PASSWORD);
    const after = await processes();
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);

    await restartKadmind();
    await expect(kadmin.enable('eight')).rejects.toMatchObject(outcomeUnknown);
    await kadmin.enable('eight');
    expect(await kadmin.get('eight')).toMatchObject({ disabled: false });
  });

  test('was restarted a while ago: nobody meets it', async () => {
    const kadmin = newKadmin({ lifetimeMs: 1 });
    await kadmin.get('ctdalek');
    await restartKadmind();
    await kadmin.createDisabled('nine', PASSWORD);
  });

  test('is not there: nothing was done, and nothing is said of what exists', async () => {
    const kadmin = newKadmin();
    await kadmin.get('ctdalek');
    await kadmind.stop();
    await expect(kadmin.get('nonesuch')).rejects.toMatchObject({ code: 'unreachable' });
    await expect(kadmin.createDisabled('ten', PASSWORD)).rejects.toMatchObject({
      code: 'unreachable',
    });
    await restartKadmind();
    expect(await kadmin.get('ten')).toBeUndefined();
  });

  test('does not know who asks: refused', async () => {
    const keytab = path.join(sandbox.folder, 'keytabs', 'none');
    await expect(newKadmin({ keytab }).get('ctdalek')).rejects.toMatchObject({ code: 'failed' });
  });

  test('does not let the one who asks', async () => {
    const kadmin = newKadmin({
      keytab: path.join(sandbox.folder, 'keytabs', 'ceod.keytab'),
      adminPrincipal: 'ceod/ginseng.csclub.test@CSCLUB.TEST',
    });
    await expect(kadmin.get('ctdalek')).rejects.toMatchObject({ code: 'denied' });
    await expect(kadmin.remove('ctdalek')).rejects.toMatchObject({ code: 'denied' });
  });
});
