/** Promise: whoever captures a session process has that process alone: not its siblings, not the log, and no other rights. */
import { spawn } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { SESSION_USER } from '../../../sandbox/configuration.js';
import { unixUser } from '../../../sandbox/users.js';
import { Initiator } from '../../../src/gssapi/context.js';
import { encodeFrame, MSG_AUTH, type Frame } from '../../../src/wire/frame.js';
import { startCapturableCeod, type CapturableCeod } from '../../support/captured.js';
import { ops } from '../../../src/protocol/ops.js';
import { eventually } from '../../support/eventually.js';
import { ownHost, startCeodOn, startOwnCeod, type OwnCeod } from '../../support/ownCeod.js';
import { folder, ginseng, run } from '../../support/realm.js';
import { WireClient } from '../../support/wire.js';

let started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(started.map((each) => each.stop()));
  started = [];
});

async function capturable(settings: string): Promise<CapturableCeod> {
  const ceod = await startCapturableCeod(settings);
  started.push(ceod);
  return ceod;
}

/** Has a process captured that serves a connection meanwhile. @returns what it told */
async function capture(ceod: CapturableCeod, code: string): Promise<unknown> {
  await ceod.capture(code);
  const client = await WireClient.connect(ceod.target);
  const told = await ceod.told();
  client.close();
  return told;
}

/** The pids of the children of a master that run this program. */
async function childrenOf({ server }: OwnCeod, program: string): Promise<number[]> {
  const { stdout } = await run(['ps', '--ppid', String(server.pid), '-o', 'pid=,args=']);
  return stdout
    .split('\n')
    .filter((line) => line.endsWith(program) && !line.includes('setpriv'))
    .map((line) => Number(line.trim().split(' ')[0]));
}

const sessionsOf = (ceod: OwnCeod) => childrenOf(ceod, '/session.js');

/** Once there are so many, and each has done what it does when it starts. */
async function sessions(ceod: OwnCeod, count: number): Promise<number[]> {
  let pids: number[] = [];
  await eventually(async () => {
    pids = await sessionsOf(ceod);
    const limits = await Promise.all(pids.map((pid) => procFile(pid, 'limits').catch(() => '')));
    return pids.length === count && limits.every((text) => /^Max processes +0 /m.test(text));
  });
  return pids;
}

const procFile = (pid: number, name: string) => readFile(`/proc/${pid}/${name}`, 'utf8');

async function statusOf(pid: number): Promise<Record<string, string>> {
  const lines = (await procFile(pid, 'status')).trim().split('\n');
  return Object.fromEntries(lines.map((line) => line.split(/:\s*/, 2) as [string, string]));
}

/** Whether it dumps no core, and only root sees into it. */
async function isConcealed(pid: number): Promise<boolean> {
  const { uid } = await stat(`/proc/${pid}/mem`);
  return uid === 0 && /^Max core file size +0 +0 /m.test(await procFile(pid, 'limits'));
}

/**
 * JavaScript that tries to get into processes in every way there is, and says what it got: the
 * error for each way, or undefined.
 */
const ATTACK = `
const attack = (pid) => {
  const pidfd = libc.func('syscall', 'long', ['long', 'long', 'long', 'long', 'long', 'long', 'long']);
  const result = (call) => {
    try { call(); return 'done'; } catch ({ code, message }) { return code ?? message; }
  };
  const check = (value) => {
    if (value < 0) throw new Error('errno ' + koffi.errno());
    return value;
  };
  const system = (...args) => check(pidfd(...args, ...Array(7 - args.length).fill(0)));
  const open = (name) => result(() => fs.closeSync(fs.openSync('/proc/' + pid + '/' + name, 'r')));
  return {
    mem: open('mem'),
    environ: open('environ'),
    maps: open('maps'),
    fd: result(() => fs.readdirSync('/proc/' + pid + '/fd')),
    getfd: result(() => system(438, system(434, pid), 2)),
    attach: result(() => system(101, 0x4206, pid)),
    signal: result(() => process.kill(pid, 0)),
  };
};
`;

const REFUSED = {
  mem: 'EACCES',
  environ: 'EACCES',
  maps: 'EACCES',
  fd: 'EACCES',
  getfd: 'errno 1',
  attach: 'errno 1',
  signal: 'EPERM',
};

describe('a captured session process', () => {
  test('reaches no sibling, nor the master, nor a runner', async () => {
    const ceod = await capturable('sessions_per_process = 1\nspare_sessions = 3');
    await sessions(ceod, 3);
    const victim = await WireClient.authenticated(ceod.target);
    const siblings = await sessions(ceod, 4);
    const others = [ceod.server.pid, ...(await childrenOf(ceod, '/runner.js'))];
    expect(others).toHaveLength(2);
    const pids = [...siblings, ...others];
    const told = (await capture(
      ceod,
      `${ATTACK} tell(${JSON.stringify(pids)}.filter((pid) => pid !== process.pid).map(attack))`,
    )) as unknown[];
    expect(told).toEqual(Array(5).fill(REFUSED));
    victim.close();
  });

  test('would reach another process of its uid: the attack is one', async () => {
    const program = path.join(folder, `attack-${process.pid}.cjs`);
    const koffi = path.join(import.meta.dirname, '../../../node_modules/koffi');
    await writeFile(
      program,
      `const fs = require('node:fs'); const koffi = require('${koffi}');
       const libc = koffi.load('libc.so.6'); ${ATTACK}
       console.log(JSON.stringify(attack(Number(process.argv[2]))));`,
      { mode: 0o644 },
    );
    const as = ['--reuid', '71999', '--regid', '71999', '--clear-groups', '--'];
    const victim = spawn('setpriv', [...as, 'sleep', '60'], { stdio: 'ignore' });
    await eventually(async () => (await procFile(victim.pid ?? 0, 'comm')).trim() === 'sleep');
    const { stdout } = await run(['setpriv', ...as, process.execPath, program, String(victim.pid)]);
    victim.kill('SIGKILL');
    const { mem, environ, signal } = JSON.parse(stdout) as Record<string, string>;
    expect({ mem, environ, signal }).toEqual({ mem: 'done', environ: 'done', signal: 'done' });
  });

  test('starts no process, and becomes nobody else', async () => {
    const ceod = await capturable('spare_sessions = 2');
    await sessions(ceod, 2);
    const told = await capture(
      ceod,
      `const { spawnSync } = require('node:child_process');
       const failed = (call) => { try { call(); return 'done'; } catch ({ code }) { return code; } };
       tell({
         spawn: spawnSync('/bin/true').error?.code,
         raised: libc.func('int setrlimit(int, const uint64_t *)')(6, [9n, 9n]),
         root: failed(() => process.setuid(0)),
         sibling: failed(() => process.setuid(process.getuid() + 1)),
         group: failed(() => process.setgid(0)),
       })`,
    );
    expect(told).toEqual({
      spawn: 'EAGAIN',
      raised: -1,
      root: 'EPERM',
      sibling: 'EPERM',
      group: 'EPERM',
    });
  });

  test('forges no line of another process, and does not reach the log', async () => {
    const ceod = await capturable('spare_sessions = 1');
    const [pid] = await sessions(ceod, 1);
    const before = ceod.log().length;
    await capture(
      ceod,
      `const line = (fields) => JSON.stringify(fields) + '\\n';
       fs.writeSync(2, line({ process: 'runner', pid: 1, level: 'info', time: 'never', msg: 'forged 1' }));
       fs.writeSync(2, '{"process":"session","process":"runner","msg":"forged 2"}\\n');
       fs.writeSync(2, '{"msg":"forged 3\\\\n{\\\\"process\\\\":\\\\"runner\\\\"}"}\\n');
       fs.writeSync(2, 'forged 4\\u001b[2J\\n{"process":"runner"\\n');
       fs.writeSync(2, '['.repeat(20000) + '\\n' + '{"a":'.repeat(6000) + '1' + '}'.repeat(6000) + '\\n');
       let emptied = 'done';
       try { fs.ftruncateSync(2, 0); } catch ({ code }) { emptied = code; }
       const to = fs.readlinkSync('/proc/self/fd/2');
       tell({ emptied, to });`,
    ).then((told) =>
      expect(told).toEqual({ emptied: 'EINVAL', to: expect.stringMatching(/^(socket|pipe):/) }),
    );
    await eventually(() => JSON.stringify(ceod.log()).includes('forged 4'));
    const lines = ceod.log();
    expect(lines.length).toBeGreaterThan(before);
    const forged = lines.filter((line) => JSON.stringify(line).includes('forged'));
    expect(forged).toHaveLength(4);
    for (const line of forged) {
      expect(line).toMatchObject({ process: 'session', pid });
      expect(line['time']).not.toBe('never');
    }
    const text = await readFile(path.join(ceod.dir, 'ceod.log'), 'utf8');
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(
      text
        .trim()
        .split('\n')
        .every((line) => line.startsWith('{')),
    ).toBe(true);
  });

  test('that logs without an end is ended; its lines are few, and the others serve on', async () => {
    const ceod = await capturable(
      'sessions_per_process = 1\nspare_sessions = 2\nlogin_deadline = 120',
    );
    const [before] = await sessions(ceod, 2);
    expect(before).toBeDefined();
    const other = await WireClient.authenticated(ceod.target);
    await ceod.capture(
      `const line = JSON.stringify({ level: 'info', msg: 'again '.repeat(50) }) + '\\n';
       for (;;) try { fs.writeSync(2, line); } catch {}`,
    );
    const client = await WireClient.connect(ceod.target);
    expect(await client.receive()).toBeUndefined();
    client.close();
    expect(ceod.wasCaptured()).toBe(true);
    (await WireClient.authenticated(ceod.target)).close();
    other.close();
    const lines = ceod.log().filter(({ msg }) => String(msg).startsWith('again'));
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.length).toBeLessThan(2_000);
    await eventually(() => JSON.stringify(ceod.log()).includes('log lines dropped'));
  });
});

describe('session processes', () => {
  test('have uids of their own of session_uids, the group of session_user, and no rights', async () => {
    const ceod = await startOwnCeod('spare_sessions = 3\nsession_uids = 71000-71255');
    started.push(ceod);
    const { gid } = await unixUser(SESSION_USER);
    const statuses = await Promise.all((await sessions(ceod, 3)).map(statusOf));
    const uids = statuses.map((status) => status['Uid']?.split('\t') ?? []);
    for (const four of uids) {
      expect(new Set(four).size).toBe(1);
      expect(Number(four[0])).toBeGreaterThanOrEqual(71000);
      expect(Number(four[0])).toBeLessThanOrEqual(71255);
    }
    expect(new Set(uids.map(([uid]) => uid)).size).toBe(3);
    for (const status of statuses) {
      expect(status).toMatchObject({
        Gid: Array(4).fill(gid).join('\t'),
        NoNewPrivs: '1',
        CapInh: '0000000000000000',
        CapPrm: '0000000000000000',
        CapEff: '0000000000000000',
        CapAmb: '0000000000000000',
      });
    }
  });

  test('get no uid that another has, and each in its turn', async () => {
    const settings = 'sessions_per_process = 1\nspare_sessions = 2\nmax_sessions = 2';
    const ceod = await startOwnCeod(`${settings}\nsession_uids = 71000-71003`);
    started.push(ceod);
    const seen = new Set<string>();
    for (let round = 0; round < 6; round += 1) {
      const pids = await sessions(ceod, 2);
      const uids = await Promise.all(pids.map(async (pid) => (await statusOf(pid))['Uid'] ?? ''));
      expect(new Set(uids).size).toBe(2);
      uids.forEach((uid) => seen.add(uid));
      (await WireClient.authenticated(ceod.target)).close();
      await eventually(async () => {
        const now = await sessionsOf(ceod);
        return pids.some((pid) => !now.includes(pid));
      });
    }
    expect(seen.size).toBe(4);
  });

  test('end with the master, however it ended', async () => {
    const ceod = await startOwnCeod('spare_sessions = 2');
    started.push(ceod);
    const pids = await sessions(ceod, 2);
    // One that does not look at its standard input.
    process.kill(pids[0] ?? 0, 'SIGSTOP');
    process.kill(ceod.server.pid, 'SIGKILL');
    await eventually(async () => {
      const alive = await Promise.all(pids.map((pid) => statusOf(pid).catch(() => undefined)));
      return alive.every((status) => status === undefined || status['State']?.startsWith('Z'));
    });
  });
});

test('master, session processes and runners dump no core, and show their memory to root alone', async () => {
  // Whose runner is not root's: root sees into everything anyway.
  const host = await ownHost('spare_sessions = 1', { host: 'caffeine' });
  await run(['cp', '-p', path.join(folder, 'hosts', 'caffeine', 'mysql.cf'), host.dir]);
  const ceod = await startCeodOn(host);
  started.push(ceod);
  await sessions(ceod, 1);
  await eventually(() => ceod.log().some(({ msg }) => msg === 'listening'));
  const pids = [
    ceod.server.pid,
    ...(await sessionsOf(ceod)),
    ...(await childrenOf(ceod, '/runner.js')),
  ];
  expect(pids).toHaveLength(3);
  for (const pid of pids) expect(await isConcealed(pid)).toBe(true);
});

/** TOK_ID of RFC 4121 §4.1, behind the mechanism. */
const [AP_REP, KRB_ERROR] = ['0200', '0300'];
const MECHANISM = Buffer.from('06092a864886f712010202', 'hex');

function tokenIdOf(frame: Frame | undefined): string | undefined {
  if (frame?.type !== MSG_AUTH) return undefined;
  const at = frame.body.indexOf(MECHANISM) + MECHANISM.length;
  return frame.body.subarray(at, at + 2).toString('hex');
}

/** Whether the server closes the connection, with nothing more. */
const closesThen = (client: WireClient) =>
  Promise.race([client.receive().then((frame) => frame === undefined), sleep(1_000, false)]);

test('the login deadline counts also while the library waits for the replay cache', async () => {
  const cache = path.join(folder, 'replay-blocked');
  const ceod = await startOwnCeod('login_deadline = 1\nspare_sessions = 1', {
    env: { KRB5RCACHENAME: `file2:${cache}` },
  });
  started.push(ceod);
  await sessions(ceod, 1);
  const lock = `
import fcntl, sys, time
with open(sys.argv[1], 'r+b') as cache:
    fcntl.lockf(cache, fcntl.LOCK_EX)
    print('locked', flush=True)
    time.sleep(2)`;
  const holder = spawn('python3', ['-c', lock, cache], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => holder.once('close', resolve));
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  const { token } = await new Initiator(`ceod@${ginseng}`).step(Buffer.alloc(0));
  const client = await WireClient.connect(ceod.target);
  client.send(encodeFrame(MSG_AUTH, token ?? Buffer.alloc(0)));
  // Its ticket was good; but it is too late.
  expect(await client.receive()).toBeUndefined();
  await ended;
});

test('a good token in the frame of an op authenticates nobody', async () => {
  const ceod = await startOwnCeod('spare_sessions = 1');
  started.push(ceod);
  const { token } = await new Initiator(`ceod@${ginseng}`).step(Buffer.alloc(0));
  const client = await WireClient.connect(ceod.target);
  client.send(encodeFrame(ops.updateMail.id, token ?? Buffer.alloc(0)));
  expect(await client.receive()).toBeUndefined();
});

test('a token that was sent before is refused, also by another session process', async () => {
  const ceod = await startOwnCeod('sessions_per_process = 1\nspare_sessions = 2');
  started.push(ceod);
  const { token } = await new Initiator(`ceod@${ginseng}`).step(Buffer.alloc(0));
  const frame = encodeFrame(MSG_AUTH, token ?? Buffer.alloc(0));
  const replies = [];
  for (let i = 0; i < 3; i += 1) {
    await sessions(ceod, 2);
    const client = await WireClient.connect(ceod.target);
    client.send(frame);
    replies.push(tokenIdOf(await client.receive()), await closesThen(client));
    client.close();
  }
  expect(replies).toEqual([AP_REP, false, KRB_ERROR, true, KRB_ERROR, true]);
  await eventually(() => JSON.stringify(ceod.log()).includes('replay'));
});
