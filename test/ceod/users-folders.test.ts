/**
 * Promise: whatever those who own a folder do in it meanwhile, what ceod and ceo do there touches
 * nothing of anybody else's.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { installHome, removeHome, type HomePlan } from '../../src/ceod/accounts/home.js';
import { writeInfoFile } from '../../src/ceo/actions/infoFile.js';
import type { ManagedAccount } from '../../src/directory/accounts.js';
import type { OwnId } from '../../src/directory/idNumbers.js';
import { folder, run } from '../support/realm.js';

/** The attacker: a uid that nobody has. */
const MALLORY = 39_999;
const TIMEOUT_MS = 30_000;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(folder, 'users-folders-'));
  await chmod(dir, 0o755);
});

const attackers: ChildProcess[] = [];
afterEach(async () => {
  for (const attacker of attackers.splice(0)) {
    attacker.kill('SIGKILL');
    if (attacker.exitCode === null && attacker.signalCode === null) await once(attacker, 'exit');
  }
});

/** Runs a Python script over and over as a uid, in a folder; resolves when it is at work. */
async function attack(uid: number, gid: number, cwd: string, script: string): Promise<void> {
  const source = `
import ctypes, os, sys
libc = ctypes.CDLL(None)
def exchange(a, b):
    libc.renameat2(-100, a.encode(), -100, b.encode(), 2)
print('at work', flush=True)
while True:
    try:
${script.replace(/^/gm, '        ')}
    except OSError:
        pass
`;
  const attacker = spawn('python3', ['-c', source], {
    cwd,
    uid,
    gid,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  attackers.push(attacker);
  await once(attacker.stdout, 'data');
}

const plan = (): HomePlan => ({
  home: path.join(dir, 'home-of-mallory'),
  staging: path.join(dir, '.ceod-mallory-0123456789ab'),
  uid: MALLORY,
  gid: MALLORY,
  skeleton: '/nonexistent',
  forward: undefined,
  shared: false,
});

test('a home is removed while folders in it become links to foreign ones', async () => {
  const foreign = path.join(dir, 'foreign');
  await mkdir(foreign);
  const precious = Array.from({ length: 200 }, (_, index) => `file${index}`);
  for (const name of precious) await writeFile(path.join(foreign, name), 'precious\n');
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const { home, staging } = plan();
    await mkdir(path.join(home, 'folder', 'deep'), { recursive: true });
    for (const name of precious) await writeFile(path.join(home, 'folder', name), '');
    await run(['ln', '-s', foreign, path.join(home, 'zlink')]);
    await run(['chown', '-Rh', `${MALLORY}:${MALLORY}`, home]);
    const { ino } = await lstat(home, { bigint: true });
    await attack(MALLORY, MALLORY, home, "exchange('folder', 'zlink')");
    // What the attacker moves away is still there at the first look, as after any failed undo.
    for (let again = 0; again < 5; again += 1) {
      await removeHome(plan(), ino, TIMEOUT_MS).catch(() => undefined);
    }
    attackers.at(-1)?.kill('SIGKILL');
    await removeHome(plan(), ino, TIMEOUT_MS);
    expect((await readdir(foreign)).length).toBe(precious.length);
    await expect(lstat(home)).rejects.toThrow('ENOENT');
    await expect(lstat(staging)).rejects.toThrow('ENOENT');
  }
});

test('a home that is there already is replaced by none, not even an empty one', async () => {
  const { home, staging } = plan();
  await mkdir(home);
  await mkdir(path.join(staging, 'home'), { recursive: true });
  const before = await lstat(home);
  await expect(installHome(plan())).rejects.toThrow('exists already');
  expect((await lstat(home)).ino).toBe(before.ino);
  await expect(removeHome(plan(), undefined, TIMEOUT_MS)).resolves.toBe(true);
  expect((await lstat(home)).ino).toBe(before.ino);
});

describe('ceo mysql create', () => {
  const account = (kind: ManagedAccount['kind'], home: string, id: number): ManagedAccount => ({
    dn: '',
    kind,
    username: 'mallory',
    realname: '',
    uidNumber: id as OwnId,
    gidNumber: id as OwnId,
    home,
    shell: '',
    program: undefined,
    terms: [],
    nonMemberTerms: [],
    positions: [],
  });

  async function preciousFile(mode: number, uid = 0): Promise<string> {
    const file = path.join(dir, 'precious');
    await writeFile(file, 'precious\n');
    await chmod(file, mode);
    await chown(file, uid, uid);
    return file;
  }

  const stillPrecious = async (file: string, mode: number, uid = 0) => {
    const stats = await lstat(file);
    expect([stats.mode & 0o777, stats.uid, stats.gid]).toEqual([mode, uid, uid]);
    expect(await readFile(file, 'utf8')).toBe('precious\n');
  };

  /** A link in the place of what is kept, as soon as it is there; what is kept has every right. */
  const linksForOld = (file: string) => `
try: os.chmod('ceo-mysql-info', 0o666)
except OSError: open('ceo-mysql-info', 'a').close()
if not os.path.lexists('mine'): os.symlink('${file}', 'mine')
if not os.path.islink('ceo-mysql-info.old'):
    os.lstat('ceo-mysql-info.old')
    os.rename('mine', 'ceo-mysql-info.old')`;

  test.each(['member', 'club'] as const)(
    'run by root for a %s: no file of root’s is touched',
    async (kind) => {
      const file = await preciousFile(0o600);
      const home = path.join(dir, 'home');
      await mkdir(home);
      await chown(home, MALLORY, MALLORY);
      await attack(MALLORY, MALLORY, home, linksForOld(file));
      for (let attempt = 0; attempt < 40; attempt += 1) {
        await writeInfoFile(account(kind, home, MALLORY), 'secret').catch(() => undefined);
      }
      await stillPrecious(file, 0o600);
    },
  );

  test('run by a member for a club: another member leads it to no file of hers', async () => {
    const alice = 39_998;
    const club = 39_997;
    const file = await preciousFile(0o600, alice);
    const home = path.join(dir, 'club');
    await mkdir(home);
    await chown(home, club, club);
    await chmod(home, 0o775);
    await attack(MALLORY, club, home, linksForOld(file));
    const script = `
      import { writeInfoFile } from './src/ceo/actions/infoFile.ts';
      const account = ${JSON.stringify(account('club', home, club))};
      for (let i = 0; i < 300; i += 1) await writeInfoFile(account, 'secret').catch(() => undefined);`;
    const tsx = ['--import', 'tsx', '--input-type=module', '-e', script];
    const asAlice = ['setpriv', `--reuid=${alice}`, `--regid=${alice}`, `--groups=${club}`, '--'];
    const { status, stderr } = await run([...asAlice, process.execPath, ...tsx] as [string], {
      env: { NODE_OPTIONS: '' },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    await stillPrecious(file, 0o600, alice);
  });

  test('what one that was killed has left is cleaned up', async () => {
    const home = path.join(dir, 'home');
    await mkdir(home);
    await chown(home, MALLORY, MALLORY);
    await writeInfoFile(account('member', home, MALLORY), 'secret');
    await pause(0);
    await writeInfoFile(account('member', home, MALLORY), 'another');
    expect((await readdir(home)).sort()).toEqual(['ceo-mysql-info', 'ceo-mysql-info.old']);
    const { uid, mode } = await lstat(path.join(home, 'ceo-mysql-info'));
    expect([uid, mode & 0o777]).toEqual([MALLORY, 0o600]);
  });
});
