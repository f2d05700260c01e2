/**
 * Promise: whatever a process that made an account left of it is undone without a restart, however
 * little of its journal is left; what cannot be told is kept, and told.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import {
  appendFile,
  mkdir,
  readdir,
  readFile,
  rename,
  truncate,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AddUser_Type } from '../../../src/generated/ceo/ceo_pb.js';
import { eventually } from '../../support/eventually.js';
import { ownHost, type OwnHost } from '../../support/ownCeod.js';
import { folder, homeOf, kadmin, ldapsearch, run, tracesOf } from '../../support/realm.js';
import { TestRunner } from '../../support/runner.js';

const EEXIST = 17;
const EBUSY = 16;

let host: OwnHost;
let runners: TestRunner[] = [];
beforeEach(async () => {
  host = await ownHost('');
});
afterEach(async () => {
  for (const runner of runners) await runner.end();
  runners = [];
});

async function start(): Promise<TestRunner> {
  const runner = await TestRunner.start(host);
  runners.push(runner);
  return runner;
}

const request = (username: string) => ({
  type: AddUser_Type.MEMBER,
  username,
  password: 'a-good-password',
  realname: 'Half Made',
});

const journal = () => path.join(host.dir, 'state', 'journal');
const fileOf = (username: string) => path.join(journal(), `${username}.journal`);
const log = () => readFile(path.join(host.dir, 'runner.log'), 'utf8');
const files = async () => (await readdir(journal())).sort();

/** An account that is complete but for its commit, and whose runner is no more. */
async function leaveHalfMade(username: string, runner: TestRunner): Promise<void> {
  await runner.arm('enable', 'after', 'kill');
  await expect(runner.addUser(request(username))).rejects.toThrow();
  await runner.ended();
  expect(await tracesOf(username)).toHaveLength(4);
}

test('one that was alive when another began, and ends later: undone by the other', async () => {
  const first = await start();
  await first.arm('account', 'after', 'pause-and-fail');
  const adding = first.addUser(request('reclater')).catch(() => undefined);
  await first.said('paused');
  const second = await start();
  expect(await files()).toEqual(['reclater.journal']);
  expect((await second.addUser(request('reclater')))[0]).toMatchObject({ status: EBUSY });
  await first.end();
  await adding;
  await eventually(async () => (await tracesOf('reclater')).length === 0);
  await eventually(async () => (await files()).length === 0);
  expect((await second.addUser(request('reclater'))).every(({ status }) => status === 0)).toBe(
    true,
  );
});

describe('one that is not reaped yet', () => {
  let parent: ChildProcess | undefined;
  afterEach(() => {
    parent?.kill('SIGKILL');
  });

  test('counts as gone', async () => {
    const script = `
import os, time
pid = os.fork()
if pid == 0:
    time.sleep(0.2)
    os._exit(0)
stat = open(f'/proc/{pid}/stat').read()
print(pid, stat.rsplit(')', 1)[1].split()[19], flush=True)
time.sleep(600)`;
    parent = spawn('python3', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const stdout = parent.stdout;
    if (stdout === null) throw new Error('no output');
    const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
    const [pid = '', startTime = ''] = String((await lines.next()).value).split(' ');
    await eventually(async () => / Z /.test(await readFile(`/proc/${pid}/stat`, 'utf8')));

    await leaveHalfMade('reczombie', await start());
    const [, ...records] = (await readFile(fileOf('reczombie'), 'utf8')).split('\n');
    const writer = JSON.stringify({ pid: Number(pid), startTime });
    await writeFile(fileOf('reczombie'), [writer, ...records].join('\n'));
    await start();
    await eventually(async () => (await tracesOf('reczombie')).length === 0);
    expect(await files()).toEqual([]);
  });
});

describe('a journal that is cut short', () => {
  test('behind the plan: all of the account is undone, wherever it is cut', async () => {
    let runner = await start();
    const probe = 'reccut';
    await leaveHalfMade(probe, runner);
    const lines = (await readFile(fileOf(probe), 'utf8')).split('\n').length - 1;
    runner = await start();
    expect(await tracesOf(probe)).toEqual([]);

    // After each record, and in the middle of the next one.
    for (let kept = 2; kept < lines; kept += 1) {
      const username = `reccut${kept}`;
      await leaveHalfMade(username, runner);
      const text = await readFile(fileOf(username), 'utf8');
      const end = text.split('\n').slice(0, kept).join('\n').length + 1;
      await truncate(fileOf(username), kept % 2 === 0 ? end : end + 5);
      runner = await start();
      expect({ kept, traces: await tracesOf(username) }).toEqual({ kept, traces: [] });
      expect(await files()).toEqual([]);
    }
  }, 120_000);

  test.each([
    ['in the plan', 1],
    ['in its first line', 0],
  ])('%s: it is kept, and told, and nobody is to try again in a moment', async (_what, kept) => {
    const username = `reckept${kept}`;
    await leaveHalfMade(username, await start());
    const text = await readFile(fileOf(username), 'utf8');
    await truncate(fileOf(username), text.split('\n').slice(0, kept).join('\n').length + 4);
    const runner = await start();
    expect(await tracesOf(username)).toHaveLength(4);
    expect(await files()).toEqual([`${username}.journal`]);
    expect(await log()).toContain(fileOf(username));
    const [line] = await runner.addUser(request(username));
    expect(line).toMatchObject({
      status: EEXIST,
      message: expect.stringContaining(`${fileOf(username)} cannot be acted upon`),
    });
    expect(line?.message).not.toContain('moment');
  });

  test('before anything was planned, of a name that is free: it is removed', async () => {
    await mkdir(journal(), { recursive: true, mode: 0o700 });
    const writer = JSON.stringify({ pid: 2 ** 22 + 1, startTime: '1' });
    await writeFile(fileOf('recfree'), `${writer}\n{"plan": {"type"`);
    await start();
    expect(await files()).toEqual([]);
  });

  test('what somebody else has made of that name since is kept, and told', async () => {
    await leaveHalfMade('recother', await start());
    const text = await readFile(fileOf('recother'), 'utf8');
    // As it was planned years ago, when nothing of today was there.
    const old = text.replace(/"startedAt":\d+/, '"startedAt":1000000000000');
    await writeFile(fileOf('recother'), old.split('\n').slice(0, 2).join('\n') + '\n');
    const runner = await start();
    expect(await ldapsearch('(uid=recother)', 'uid')).toContain('uid: recother');
    expect(await files()).toEqual(['recother.journal']);
    expect(await log()).toContain('it cannot be told whether its entry was made by it');
    expect((await runner.addUser(request('recother')))[0]).toMatchObject({ status: EEXIST });
  });
});

describe('what is not provably its own', () => {
  /** As the owner of the realm. */
  async function kadminLocal(query: string): Promise<void> {
    const env = { KRB5_KDC_PROFILE: path.join(folder, 'kdc', 'kdc.conf') };
    expect((await run(['kadmin.local', '-q', query], { env })).status).toBe(0);
  }

  test('a principal that somebody else has changed since stays', async () => {
    const runner = await start();
    await runner.arm('principal', 'after', 'kill');
    await expect(runner.addUser(request('recprinc'))).rejects.toThrow();
    await runner.ended();
    await kadminLocal('modprinc -maxlife 1h recprinc');
    await start();
    const kept = await kadmin('getprinc', 'recprinc');
    expect(kept).toContain('Maximum ticket life: 0 days 01:00:00');
    expect(kept).not.toContain('(ceod/admin@');
    expect(await files()).toEqual([]);
  });

  test('a home that has taken the place of the one that was made stays', async () => {
    await leaveHalfMade('rechome', await start());
    await rename(homeOf('rechome'), `${homeOf('rechome')}.aside`);
    await mkdir(homeOf('rechome'));
    await writeFile(path.join(homeOf('rechome'), 'precious'), 'precious');
    await start();
    expect(await readFile(path.join(homeOf('rechome'), 'precious'), 'utf8')).toBe('precious');
    expect(await ldapsearch('(uid=rechome)', '1.1')).toBe('');
  });
});

test('what was never given its name is removed, once its process is gone', async () => {
  await mkdir(journal(), { recursive: true, mode: 0o700 });
  const names = [`recleft.new-${2 ** 22 + 1}-12.5`, `recalive.new-${process.pid}-3`];
  for (const name of names) await appendFile(path.join(journal(), name), '{}\n');
  await start();
  expect(await files()).toEqual([names[1]]);
});

test('another boot: its process is gone, whatever has its number now', async () => {
  await leaveHalfMade('recboot', await start());
  const [, ...records] = (await readFile(fileOf('recboot'), 'utf8')).split('\n');
  const stat = await readFile('/proc/self/stat', 'utf8').then(() =>
    readFile(`/proc/${process.pid}/stat`, 'utf8'),
  );
  const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  const writer = JSON.stringify({ pid: process.pid, startTime, boot: 'another' });
  await writeFile(fileOf('recboot'), [writer, ...records].join('\n'));
  await start();
  expect(await tracesOf('recboot')).toEqual([]);
  await expect(kadmin('getprinc', 'recboot')).rejects.toThrow('does not exist');
});
