/** Promise: each process has the identity and the surroundings that docs/architecture.md says, and no more. */
import {
  mkdir,
  open as openFile,
  readdir,
  readFile,
  readlink,
  stat,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { SESSION_USER } from '../../../sandbox/configuration.js';
import { unixUser } from '../../../sandbox/users.js';
import { run as runChild } from '../../../src/process/run.js';
import { encodeBody } from '../../../src/protocol/body.js';
import { ops } from '../../../src/protocol/ops.js';
import { eventually } from '../../support/eventually.js';
import { startOwnCeod, type OwnCeod } from '../../support/ownCeod.js';
import { folder, homeOf, run, runAs } from '../../support/realm.js';
import { WireClient } from '../../support/wire.js';

const { id, input, encoding } = ops.updateMail;
const mail = Buffer.from(encodeBody(input, encoding, { username: 'mailu00' }));

let ceod: OwnCeod | undefined;
afterEach(async () => {
  await ceod?.stop();
  ceod = undefined;
});

interface Process {
  readonly pid: number;
  /** In clock ticks since boot. */
  readonly startTime: number;
  readonly program: string;
  readonly uids: string;
  readonly gids: string;
  readonly groups: string;
  readonly environment: readonly string[];
}

/** The master and everything below it. */
async function processTree(master: number): Promise<Process[]> {
  const { stdout } = await run(['ps', '-e', '-o', 'pid=,ppid=']);
  const pairs = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const pids = [master];
  for (const pid of pids) {
    pids.push(...pairs.filter(([, parent]) => parent === pid).map(([child = 0]) => child));
  }
  return (await Promise.all(pids.map(describeProcess))).flat();
}

/** Nothing if it has ended meanwhile. */
async function describeProcess(pid: number): Promise<Process[]> {
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => undefined);
  const [stat, status, cmdline, environ] = [
    await read('stat'),
    await read('status'),
    await read('cmdline'),
    await read('environ'),
  ];
  if (stat === undefined || status === undefined || cmdline === undefined || environ === undefined)
    return [];
  const field = (name: string) =>
    new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.trim() ?? '';
  const words = cmdline.split('\0');
  // It becomes the program that it names, when it has become whom that is to run as.
  const isOnItsWay = path.basename(words[0] ?? '') === 'setpriv';
  const script = isOnItsWay ? 'setpriv' : (words.find((word) => word.endsWith('.js')) ?? '');
  return [
    {
      pid,
      startTime: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]),
      program: path.basename(script),
      uids: field('Uid'),
      gids: field('Gid'),
      groups: field('Groups'),
      environment: environ.split('\0').filter((entry) => entry !== ''),
    },
  ];
}

const ROOT = '0\t0\t0\t0';

test('session processes have no groups but that of the session user; master and runner are root', async () => {
  ceod = await startOwnCeod('spare_sessions = 2');
  let tree: Process[] = [];
  await eventually(async () => {
    tree = await processTree(ceod?.server.pid ?? 0);
    return tree.length === 4 && tree.every(({ program }) => program !== 'setpriv');
  });
  const of = (program: string) => tree.filter((each) => each.program === program);
  const { gid } = await unixUser(SESSION_USER);
  const four = Array(4).fill(gid).join('\t');
  expect(of('session.js').map(({ gids }) => gids)).toEqual([four, four]);
  expect(of('session.js').map(({ uids }) => uids)).not.toContain(ROOT);
  expect(of('session.js').map(({ groups }) => groups)).toEqual(['', '']);
  expect([...of('main.js'), ...of('runner.js')].map(({ uids }) => uids)).toEqual([ROOT, ROOT]);
});

test('the environment of children is made from empty; the admin keytab is named to the runner alone', async () => {
  ceod = await startOwnCeod('', { env: { LEAKED: 'from the environment of whoever started it' } });
  let children: Awaited<ReturnType<typeof processTree>> = [];
  await eventually(async () => {
    [, ...children] = await processTree(ceod?.server.pid ?? 0);
    // One that was forked, and has not executed its program yet, is still its parent.
    const isNotYet = ({ program }: Process) => program === 'main.js' || program === 'setpriv';
    return children.length >= 2 && !children.some(isNotYet);
  });
  for (const { environment, program } of children) {
    expect(environment.join('\n')).not.toContain('LEAKED');
    expect(environment.join('\n').includes('admin.keytab')).toBe(program === 'runner.js');
  }
});

test("a session process cannot read the admin keytab, the journal, or change the runner's folder", async () => {
  ceod = await startOwnCeod();
  const identity = ['--reuid', '70000', '--regid', SESSION_USER, '--clear-groups'];
  const tryAs = (...command: string[]) => run(['setpriv', ...identity, '--', ...command]);
  expect((await tryAs('cat', path.join(folder, 'keytabs', 'ceod.keytab'))).status).toBe(0);
  expect((await tryAs('cat', path.join(folder, 'keytabs', 'admin.keytab'))).status).not.toBe(0);
  expect((await tryAs('ls', path.join(folder, 'hosts', 'ginseng', 'state'))).status).not.toBe(0);
  expect((await tryAs('touch', path.join(ceod.dir, 'run', 'root', 'x'))).status).not.toBe(0);
  // And nobody but the session processes reaches the runner.
  const socket = await stat(path.join(ceod.dir, 'run', 'root', String(ceod.server.pid)));
  expect(`${(socket.mode & 0o777).toString(8)} ${socket.uid}:${socket.gid}`).toBe(
    `750 0:${(await unixUser(SESSION_USER)).gid}`,
  );
});

describe('sessions_per_process', () => {
  const pidsOfSessions = async () =>
    (await processTree(ceod?.server.pid ?? 0))
      .filter(({ program }) => program === 'session.js')
      .map(({ pid }) => pid);
  const session = async () => {
    const client = await WireClient.authenticated(ceod?.target ?? '');
    client.send(client.op(id, mail));
    expect(await client.reply()).toBeDefined();
    client.socket.end();
    expect(await client.receive()).toBeUndefined();
    client.close();
  };

  test('1: a process serves one connection, whatever became of it, and ends', async () => {
    ceod = await startOwnCeod('sessions_per_process = 1\nspare_sessions = 1');
    await eventually(async () => (await pidsOfSessions()).length === 1);
    const [first] = await pidsOfSessions();
    await session();
    await eventually(async () => !(await pidsOfSessions()).includes(first ?? 0));
    await session();
  });

  test('more: a process serves on, but not after a protocol error', async () => {
    ceod = await startOwnCeod('sessions_per_process = 100\nspare_sessions = 1\nmax_sessions = 1');
    await eventually(async () => (await pidsOfSessions()).length === 1);
    const before = await pidsOfSessions();
    for (let i = 0; i < 5; i += 1) await session();
    expect(await pidsOfSessions()).toEqual(before);
    const hostile = await WireClient.authenticated(ceod.target);
    hostile.send(Buffer.alloc(8));
    expect(await hostile.receive()).toBeUndefined();
    await session();
    expect(await pidsOfSessions()).not.toEqual(before);
  });
});

test('a session process that crashes costs one connection', async () => {
  ceod = await startOwnCeod('spare_sessions = 1');
  const victim = await WireClient.authenticated(ceod.target);
  const other = await WireClient.authenticated(ceod.target);
  const sessions = (await processTree(ceod.server.pid)).filter(
    ({ program }) => program === 'session.js',
  );
  // The one that serves the victim is the oldest; pids begin anew once they are used up.
  const [oldest] = sessions.sort((a, b) => a.startTime - b.startTime);
  if (oldest === undefined) throw new Error('no session');
  process.kill(oldest.pid, 'SIGKILL');
  expect(await victim.receive()).toBeUndefined();
  other.send(other.op(id, mail));
  expect(await other.reply()).toBeDefined();
  other.close();
});

test('a runner that is killed is started again, and open connections go on', async () => {
  ceod = await startOwnCeod();
  const client = await WireClient.authenticated(ceod.target);
  const [runner] = (await processTree(ceod.server.pid)).filter(
    ({ program }) => program === 'runner.js',
  );
  if (runner === undefined) throw new Error('no runner');
  process.kill(runner.pid, 'SIGKILL');
  await eventually(() => JSON.stringify(ceod?.log()).includes('the runner ended'));
  client.send(client.op(id, mail));
  expect(await client.reply()).toBeDefined();
  client.close();
});

describe('a child that works as a user', () => {
  test('has that uid, gid and groups, and an environment from empty', async () => {
    const { stdout } = await runChild('sh', ['-c', 'id -u; id -g; id -G; env'], {
      env: { PATH: '/usr/bin:/bin' },
      timeoutMs: 5_000,
      as: { uid: 20_010, gid: 20_010, groups: [30_002, 30_001] },
    });
    const [uid, gid, groups, ...rest] = stdout.trim().split('\n');
    expect([uid, gid]).toEqual(['20010', '20010']);
    expect(groups?.split(' ').sort()).toEqual(['20010', '30001', '30002']);
    expect(rest.filter((line) => !/^(PATH|PWD|SHLVL|_|OLDPWD)=/.test(line))).toEqual([]);
  });

  test('has no descriptor of ours besides its standard ones', async () => {
    const open = await openFile(path.join(folder, 'keytabs', 'admin.keytab'));
    const { stdout } = await runChild('ls', ['-l', '/proc/self/fd'], {
      env: { PATH: '/usr/bin:/bin' },
      timeoutMs: 5_000,
    });
    await open.close();
    const others = [...stdout.matchAll(/(\d+) -> (.*)$/gm)]
      .map(([, number = '', target = '']) => ({ number, target }))
      // The last is the folder that ls reads.
      .filter(({ number, target }) => Number(number) > 2 && !target.startsWith('/proc/'));
    // What whoever started the tests left open goes through Node to every child.
    const inherited = await Promise.all(
      others.map(
        async ({ number, target }) =>
          target === (await readlink(`/proc/${process.ppid}/fd/${number}`).catch(() => '')),
      ),
    );
    expect(others.filter((_, index) => !inherited[index])).toEqual([]);
  });

  test('is ended with everything it started when its time is up', async () => {
    const mark = `4${process.pid}.5`;
    const { timedOut } = await runChild('sh', ['-c', `sleep ${mark} & sleep ${mark}`], {
      env: { PATH: '/usr/bin:/bin' },
      timeoutMs: 200,
    });
    expect(timedOut).toBe(true);
    const { stdout } = await run(['ps', '-e', '-o', 'args=']);
    expect(stdout).not.toContain(`sleep ${mark}`);
  });

  test('never follows a symlink that the user put in the way', async () => {
    const home = homeOf('mailu05');
    const target = path.join(folder, 'etc', 'precious');
    await writeFile(target, 'precious\n', { mode: 0o600 });
    await run(['ln', '-sfn', target, path.join(home, '.forward')]);
    const { status } = await runAs('ctdalek', ['ceoc', 'mail', '--json'], {
      input: '{"username": "mailu05", "forward": "m5@example.com"}',
    });
    expect(status).toBe(0);
    expect(await readFile(target, 'utf8')).toBe('precious\n');
    expect(await readFile(path.join(home, '.forward'), 'utf8')).toBe('m5@example.com\n');
    // A home that leads elsewhere: the user may not write there, and so neither do we.
    await run(['rm', '-rf', homeOf('mailu06')]);
    await run(['ln', '-s', path.join(folder, 'etc'), homeOf('mailu06')]);
    const second = await runAs('ctdalek', ['ceoc', 'mail', '--json'], {
      input: '{"username": "mailu06", "forward": "m6@example.com"}',
    });
    expect(second.status).toBe(1);
    expect(await readdir(path.join(folder, 'etc'))).not.toContain('.forward');
    await run(['rm', homeOf('mailu06')]);
    await mkdir(homeOf('mailu06'));
    await run(['chown', '20016:20016', homeOf('mailu06')]);
  });
});
