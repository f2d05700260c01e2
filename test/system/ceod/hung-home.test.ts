/**
 * Promise: a home that never answers (FUSE, NFS) costs its owner alone: every op is answered, those of
 * others are done, and SIGTERM ends the daemon. Its processes cannot be killed, as is looked at first.
 */
import { spawn } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { AddUser_Type as Type } from '../../../src/generated/ceo/ceo_pb.js';
import { eventually } from '../../support/eventually.js';
import { processesWhere } from '../../support/processes.js';
import { send } from '../../support/json.js';
import { startOwnCeod, type OwnCeod } from '../../support/ownCeod.js';
import { homeOf } from '../../support/realm.js';
import { SilentMount, whyNoSilentMount } from '../../support/silentMount.js';

const EHOME = -4;
const ETIMEDOUT = 110;

const whyNot = await whyNoSilentMount();
// hung-program.test.ts shows the same without a mount. Not by console, which jest drops for a file
// of which nothing runs.
if (whyNot !== undefined) process.stderr.write(`hung-home: not tested here: ${whyNot}\n`);
const describeMounted = whyNot === undefined ? describe : describe.skip;

let ceod: OwnCeod;
const mounts: SilentMount[] = [];

async function silence(place: string, silent?: 'all' | 'files'): Promise<SilentMount> {
  const mount = await SilentMount.over(place, silent);
  mounts.push(mount);
  return mount;
}
const release = () => Promise.all(mounts.splice(0).map((mount) => mount.release()));

const addUser = (username: string, { env }: OwnCeod = ceod) =>
  send(
    'ctdalek',
    'adduser',
    { type: Type.MEMBER, username, realname: `Member ${username}`, password: 'a-good-password' },
    env,
  );
const setMail = (username: string, forward = 'x@example.org') =>
  send('ctdalek', 'mail', { username, forward }, ceod.env);
const getForward = (username: string) => send('ctdalek', 'getforward', { username }, ceod.env);

const started = async (settings: string, accounts = '') => {
  ceod = await startOwnCeod(`log_level = info\n${settings}`, { accounts });
};

interface Told {
  readonly pid: number;
  readonly program: string;
  readonly for?: string;
}
const told = (what: 'hanging' | 'gone'): Told[] =>
  ceod.log().flatMap((line) => (line[what] ?? []) as Told[]);

async function stateOf(pid: number): Promise<string | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return /^State:\s+(\S)/m.exec(status)?.[1];
}

/** The processes that have a home as their argument. */
const workingIn = (home: string) =>
  processesWhere(({ command }) => command.startsWith('sh\0') && command.split('\0').includes(home));

describeMounted('a home that does not answer', () => {
  afterEach(async () => {
    await release();
    await ceod.stop();
  });
  // Also when a test did not get that far.
  afterAll(release);

  describe('a member of two has one', () => {
    beforeAll(async () => {
      await started('');
      for (const name of ['hungry', 'thirsty']) expect((await addUser(name)).status).toBe(0);
      await ceod.stop();
    });

    test('its processes cannot be killed: what is tested is what is meant', async () => {
      await started('');
      await silence(homeOf('hungry'));
      const child = spawn('sh', ['-c', 'cd "$1"', 'sh', homeOf('hungry')]);
      await eventually(async () => /[SD]/.test((await stateOf(child.pid ?? 0)) ?? ''));
      child.kill('SIGKILL');
      await eventually(async () => (await stateOf(child.pid ?? 0)) === 'D');
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await release();
      await ended;
    });

    test.each([
      ['nothing in it answers', 'all'],
      ['it answers, and its files do not', 'files'],
    ] as const)(
      '%s: every op is answered, others are served, the log tells',
      async (_what, how) => {
        await started('step_timeout = 1\nmax_sessions = 16');
        await silence(homeOf('hungry'), how);
        const first = await setMail('hungry');
        expect(first.messages).toMatchObject([
          {
            status: ETIMEDOUT,
            message: expect.stringMatching(
              /it took too long: it may or may not have been changed; check with: ceo mail get hungry$/,
            ),
          },
        ]);
        // More than there are sessions, and threads.
        const replies = await Promise.all(
          Array.from({ length: 24 }, (_, i) => (i % 2 ? setMail('hungry') : getForward('hungry'))),
        );
        for (const [i, { messages }] of replies.entries()) {
          expect(messages).toHaveLength(1);
          // One that had a place has begun, and a change then may have been made.
          expect(i % 2 ? [EHOME, ETIMEDOUT] : [EHOME]).toContain(messages[0]?.status);
        }
        const refused = await getForward('hungry');
        expect(refused.messages).toMatchObject([
          {
            status: EHOME,
            message: 'the home of hungry does not answer: nothing was done; try again when it does',
          },
        ]);

        expect((await setMail('thirsty', 'y@example.org')).status).toBe(0);
        expect((await getForward('thirsty'))['forward']).toBe('y@example.org');

        await eventually(() => new Set(told('hanging').map(({ pid }) => pid)).size === 2);
        const hanging = new Map(told('hanging').map((each) => [each.pid, each]));
        for (const [pid, each] of hanging) {
          expect(each).toMatchObject({ program: 'sh', for: 'hungry' });
          // Two, and no more, however many asked.
          if (how === 'all') expect(await stateOf(pid)).toBe('D');
        }

        await release();
        await eventually(() => new Set(told('gone').map(({ pid }) => pid)).size === 2);
        expect((await setMail('hungry', 'z@example.org')).status).toBe(0);
        expect((await getForward('hungry'))['forward']).toBe('z@example.org');
      },
    );

    test('SIGTERM with an op in hand and a process that cannot be killed', async () => {
      await started('step_timeout = 1\ndrain_timeout = 5');
      await silence(homeOf('hungry'));
      await setMail('hungry');
      const inHand = setMail('hungry');
      // The one that was killed, and that of the op in hand.
      await eventually(async () => (await workingIn(homeOf('hungry'))).length === 2);
      await eventually(() => told('hanging').length > 0);
      await ceod.stop();
      expect((await inHand).messages).toMatchObject([{ status: ETIMEDOUT }]);
      expect(ceod.log().at(-1)).toMatchObject({ msg: 'stopped' });
      expect(JSON.stringify(ceod.log())).not.toContain('drain timeout');
      expect(await stateOf(told('hanging')[0]?.pid ?? 0)).toBe('D');
    });
  });

  test('one that somebody left behind: the name is taken, and the next one is not', async () => {
    await started('step_timeout = 2');
    await mkdir(homeOf('leftover'));
    await silence(homeOf('leftover'));
    // More than there are threads.
    for (let i = 0; i < 5; i += 1) {
      const { messages } = await addUser('leftover');
      expect(messages).toMatchObject([
        { status: EHOME, message: expect.stringContaining('already exists') },
      ]);
    }
    expect((await addUser('rightover')).status).toBe(0);
  });

  test('the folder of all homes: adduser is refused, other ops are done, SIGTERM ends it', async () => {
    const homes = path.join(homeOf('..'), 'silent-homes');
    await mkdir(homes);
    await started('step_timeout = 1\ndrain_timeout = 2', `member_home = ${homes}`);
    await silence(homes);
    for (let i = 0; i < 6; i += 1) {
      const { status, messages } = await addUser(`nohome${i}`);
      expect({ status, messages }).toMatchObject({
        status: 1,
        messages: [
          {
            message: expect.stringMatching(
              /unable to begin with \S+: the file system of the homes does/,
            ),
          },
        ],
      });
    }
    expect((await setMail('thirsty', '')).status).toBe(0);
    await ceod.stop();
    expect(ceod.log().at(-1)).toMatchObject({ msg: 'stopped' });
  });
});
