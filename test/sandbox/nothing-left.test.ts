/** However a sandbox ends, no process and no file of it remains. */
import { describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { ceodIsBuilt } from '../../sandbox/ceod.js';

const path = (relative: string): string =>
  fileURLToPath(new URL(`../../${relative}`, import.meta.url));

/** A sandbox of this test's own, outside the one that jest runs in. */
function startSandbox(...args: string[]): ChildProcess {
  const env = { ...process.env, CEO_SANDBOX: undefined, NODE_OPTIONS: undefined };
  const loader = path('node_modules/tsx/dist/loader.mjs');
  const command = [
    '--import',
    loader,
    path('sandbox/main.ts'),
    ...(ceodIsBuilt() ? [] : ['--no-ceods']),
    ...args,
  ];
  return spawn(process.execPath, command, { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

/** The folder, once the command inside says it. */
async function folderOf(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (text.includes('\n')) return text.trim();
  }
  throw new Error('the sandbox did not start');
}

/** What /proc has about a process; empty when it is gone. */
function about(pid: string, file: 'cmdline' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

/** Processes that bear the folder's name. */
function processesOf(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) =>
      (['cmdline', 'environ'] as const).some((file) => about(pid, file).includes(folder)),
    );
}

async function nothingLeft(folder: string): Promise<void> {
  expect(folder).toContain(`${tmpdir()}/ceo-sandbox-`);
  const deadline = Date.now() + 5_000;
  while (Date.now() < deadline && (existsSync(folder) || processesOf(folder).length > 0))
    await sleep(20);
  expect(processesOf(folder)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
}

describe('exec', () => {
  test.each([
    [0, ['true']],
    [7, ['sh', '-c', 'exit 7']],
    [143, ['sh', '-c', 'kill -TERM $$']],
    [127, ['no-such-command-at-all']],
  ])('ends with status %i of %j', async (status, command) => {
    expect(await ended(startSandbox('exec', ...command))).toBe(status);
  });

  test('leaves nothing, not even what the command left running', async () => {
    const child = startSandbox(
      'exec',
      'sh',
      '-c',
      'setsid sleep 600 >/dev/null 2>&1 & echo $CEO_SANDBOX',
    );
    const folder = await folderOf(child);
    expect(await ended(child)).toBe(0);
    await nothingLeft(folder);
  });
});

test('leaves nothing of what was mounted in it, whoever would have unmounted it was killed', async () => {
  const mount = 'mkdir $CEO_SANDBOX/mounted && mount -t tmpfs none $CEO_SANDBOX/mounted';
  const child = startSandbox('exec', 'sh', '-c', `${mount}; echo $CEO_SANDBOX; sleep 600; :`);
  const folder = await folderOf(child);
  const mounts = () => readFileSync('/proc/self/mounts', 'utf8');
  if (!mounts().includes(folder)) console.warn('nothing can be mounted here: not tested');
  child.kill('SIGKILL');
  await ended(child);
  await nothingLeft(folder);
  expect(mounts()).not.toContain(folder);
});

describe.each(['SIGKILL', 'SIGTERM', 'SIGHUP'] as const)('%s to the sandbox', (signal) => {
  test('leaves nothing', async () => {
    const child = startSandbox('exec', 'sh', '-c', 'echo $CEO_SANDBOX; sleep 600; :');
    const folder = await folderOf(child);
    const commands = processesOf(folder).map((pid) => about(pid, 'cmdline'));
    for (const server of ['krb5kdc', 'slapd', 'mariadbd', 'postgres', 'mailman', 'aiosmtpd'])
      expect(commands).toContainEqual(expect.stringContaining(server));
    // PostgreSQL has it in no file: the key and the id.
    const [, id = ''] =
      /^ *\d+ +(\d+)$/m.exec(readFileSync(`${folder}/postgresql/data/postmaster.pid`, 'utf8')) ??
      [];
    const segment = new RegExp(`^ *-?\\d+ +${id} `, 'm');
    expect(readFileSync('/proc/sysvipc/shm', 'latin1')).toMatch(segment);
    child.kill(signal);
    await ended(child);
    await nothingLeft(folder);
    expect(readFileSync('/proc/sysvipc/shm', 'latin1')).not.toMatch(segment);
  });
});

test('Ctrl-C while it starts leaves nothing', async () => {
  const before = new Set(readdirSync(tmpdir()));
  const child = startSandbox('exec', 'true');
  let folder: string | undefined;
  while (folder === undefined && child.exitCode === null) {
    folder = readdirSync(tmpdir()).find(
      (name) => name.startsWith('ceo-sandbox-') && !before.has(name),
    );
    await sleep(1);
  }
  child.kill('SIGINT');
  expect(await ended(child)).toBe(130);
  await nothingLeft(`${tmpdir()}/${folder ?? ''}`);
});

test('nothing outside the folder is written', async () => {
  const files = [
    '/etc/krb5.conf',
    '/etc/hosts',
    '/etc/passwd',
    '/etc/group',
    '/etc/ldap/ldap.conf',
    '/etc/krb5.keytab',
  ];
  const folders = [
    '/var/tmp',
    '/var/lib/krb5kdc',
    '/var/lib/ldap',
    '/var/run/slapd',
    '/etc/krb5kdc',
    '/var/lib/mysql',
    '/run/mysqld',
    '/run/postgresql',
    '/var/lib/postgresql',
    '/var/lib/mailman3',
    '/var/lib/mailman3/data',
    '/var/mail',
  ];
  const state = (): unknown[] => [
    ...files.map((file) => (existsSync(file) ? [file, statSync(file).mtimeMs] : file)),
    ...folders.map((folder) =>
      existsSync(folder) ? [folder, readdirSync(folder).sort()] : folder,
    ),
  ];
  const before = state();
  const use = `kinit -R; ldapwhoami -Q -Y GSSAPI -H $LDAP_URI && kvno ceod/ginseng.csclub.test &&
    mariadb --no-defaults --socket=$MYSQL_SOCKET -e 'SHOW DATABASES' && psql -c 'CREATE TABLE t ()' && echo | sendmail root@csclub.test`;
  expect(await ended(startSandbox('exec', 'sh', '-c', use))).toBe(0);
  expect(state()).toEqual(before);
});
