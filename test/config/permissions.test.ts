/**
 * Promise: what others could change or read is found, however it is reached,
 * and the commands that are printed mend it.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  claimableByOthers,
  readableByOthers,
  writableByOthers,
} from '../../src/config/permissions.js';
import { privateFolder } from './folder.js';

const folder = privateFolder();
const STRANGER = { uid: 4001, gid: 4001 };
const CEOD = { uid: 4002, gid: 4002, name: 'ceod' };

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(folder.path, 'csc '));
  chmodSync(dir, 0o755);
  file = path.join(dir, "it's.cf");
  writeFileSync(file, '', { mode: 0o644 });
});

const sh = (command: string) => execFileSync('sh', ['-ec', command]);

describe('the configuration', () => {
  const problems = () => writableByOthers([file]).map(({ file, problem }) => [file, problem]);

  test('of root alone, below a sticky /tmp', () => {
    expect(problems()).toEqual([]);
  });

  test.each<[string, () => void, () => string, string]>([
    [
      'a file of others',
      () => chownSync(file, STRANGER.uid, 0),
      () => file,
      'does not belong to root',
    ],
    ['a file for the group', () => chmodSync(file, 0o664), () => file, 'can be written by others'],
    ['a file for all', () => chmodSync(file, 0o646), () => file, 'can be written by others'],
    [
      'its folder of others',
      () => chownSync(dir, STRANGER.uid, 0),
      () => dir,
      'does not belong to root',
    ],
    [
      'its folder for the group',
      () => chmodSync(dir, 0o775),
      () => dir,
      'can be written by others',
    ],
    ['its folder for all', () => chmodSync(dir, 0o757), () => dir, 'can be written by others'],
    [
      'a sticky folder of others',
      () => {
        chmodSync(dir, 0o1777);
        chownSync(dir, STRANGER.uid, 0);
      },
      () => dir,
      'does not belong to root',
    ],
  ])('%s', (_what, spoil, where, problem) => {
    spoil();
    expect(problems()).toEqual([[where(), problem]]);
    for (const { mend } of writableByOthers([file])) sh(mend);
    expect(problems()).toEqual([]);
  });

  test('a sticky folder for all is fine', () => {
    chmodSync(dir, 0o1777);
    expect(problems()).toEqual([]);
  });

  test('a folder high above', () => {
    const deep = path.join(dir, 'a', 'b');
    mkdirSync(deep, { recursive: true });
    chmodSync(path.join(dir, 'a'), 0o777);
    const found = writableByOthers([path.join(deep, 'accounts.cf')]);
    expect(found.map(({ file }) => file)).toEqual([path.join(dir, 'a')]);
  });

  test('where a link leads, and the folders above that', () => {
    const elsewhere = path.join(dir, 'elsewhere');
    mkdirSync(elsewhere);
    writeFileSync(path.join(elsewhere, 'real.cf'), '', { mode: 0o666 });
    chmodSync(path.join(elsewhere, 'real.cf'), 0o666);
    symlinkSync('elsewhere', path.join(dir, 'folder'));
    symlinkSync('folder/real.cf', path.join(dir, 'link.cf'));
    chmodSync(elsewhere, 0o777);
    const found = writableByOthers([path.join(dir, 'link.cf')]);
    expect(found.map(({ file }) => file)).toEqual([elsewhere, path.join(elsewhere, 'real.cf')]);
  });

  test.each(['link/../real.cf', 'by-link.cf'])(
    '%s: `..` is above where a link leads, not above the link',
    (name) => {
      mkdirSync(path.join(dir, 'far'));
      mkdirSync(path.join(dir, 'far', 'inner'));
      const real = path.join(dir, 'far', 'real.cf');
      writeFileSync(real, '');
      chmodSync(real, 0o666);
      symlinkSync('far/inner', path.join(dir, 'link'));
      symlinkSync('link/../real.cf', path.join(dir, 'by-link.cf'));
      expect(writableByOthers([`${dir}/${name}`]).map(({ file }) => file)).toEqual([real]);
    },
  );

  test('below something that is no folder there is nothing', () => {
    expect(writableByOthers([path.join(file, 'inner')])).toEqual([]);
  });

  test('an access list that lets somebody write', () => {
    execFileSync('setfacl', ['-m', `u:${STRANGER.uid}:rw`, '--', file]);
    expect(problems()).toEqual([[file, 'can be written by others']]);
    for (const { mend } of writableByOthers([file])) sh(mend);
    expect(problems()).toEqual([]);
    const tryIt = ['--reuid', String(STRANGER.uid), '--regid', '4001', '--clear-groups'];
    expect(() =>
      execFileSync('setpriv', [...tryIt, '--', 'sh', '-c', 'echo >>"$0"', file], {
        stdio: 'ignore',
      }),
    ).toThrow();
  });

  test('of the one user who runs it, or of that group: for that user alone', () => {
    chownSync(file, CEOD.uid, CEOD.gid);
    chmodSync(file, 0o664);
    expect(writableByOthers([file], CEOD)).toEqual([]);
    expect(writableByOthers([file], { uid: 4003, gid: CEOD.gid })).toHaveLength(1);
    chownSync(file, 0, STRANGER.gid);
    expect(writableByOthers([file], CEOD)).toHaveLength(1);
  });

  test("somebody's link in a sticky folder", () => {
    chmodSync(dir, 0o1777);
    const link = path.join(dir, 'link.cf');
    symlinkSync(file, link);
    lchownSync(link, STRANGER.uid, STRANGER.gid);
    const [problem, ...rest] = writableByOthers([link]);
    expect([problem?.file, problem?.problem, rest]).toEqual([link, 'does not belong to root', []]);
    sh(problem?.mend ?? '');
    expect(writableByOthers([link])).toEqual([]);
  });

  test('links in a circle', () => {
    symlinkSync('two', path.join(dir, 'one'));
    symlinkSync('one', path.join(dir, 'two'));
    expect(writableByOthers([path.join(dir, 'one')])).toEqual([]);
  });

  test('each place once, whatever leads there', () => {
    chmodSync(dir, 0o777);
    const other = path.join(dir, 'absent.cf');
    expect(writableByOthers([file, other, dir]).map(({ file }) => file)).toEqual([dir]);
  });
});

describe('a folder that is to be made', () => {
  const claimed = () => path.join(dir, 'ceod', 'state');

  test('where only root makes any', () => {
    expect(claimableByOthers([claimed()])).toEqual([]);
  });

  test('in a sticky folder for all: root makes it beforehand', () => {
    chmodSync(dir, 0o1777);
    const found = claimableByOthers([claimed()]);
    expect(found.map(({ file, problem }) => [file, problem])).toEqual([
      [claimed(), 'does not exist, and others could make it'],
    ]);
    for (const { mend } of found) sh(mend);
    expect(claimableByOthers([claimed()])).toEqual([]);
    expect(writableByOthers([claimed()])).toEqual([]);
  });
});

describe('a keytab', () => {
  const set = (uid: number, gid: number, mode: number) => {
    chownSync(file, uid, gid);
    chmodSync(file, mode);
  };

  test.each([
    ['root, its group', 0, CEOD.gid, 0o640],
    ['its own', CEOD.uid, CEOD.gid, 0o600],
    ['its own, group root', CEOD.uid, 0, 0o440],
  ])('of the service: %s', (_what, uid, gid, mode) => {
    set(uid, gid, mode);
    expect(readableByOthers(file, CEOD)).toEqual([]);
  });

  test.each([
    ['for all', 0, CEOD.gid, 0o644, 'can be read or changed by others'],
    ['written by its group', 0, CEOD.gid, 0o660, 'can be read or changed by others'],
    ['of a stranger', STRANGER.uid, CEOD.gid, 0o640, 'does not belong to root'],
    ["for a stranger's group", 0, STRANGER.gid, 0o640, 'can be read by the group 4001'],
    [
      "its own, for a stranger's group",
      CEOD.uid,
      STRANGER.gid,
      0o640,
      'can be read by the group 4001',
    ],
    ['for root alone', 0, 0, 0o600, 'cannot be read by ceod'],
    ['its group may not', 0, CEOD.gid, 0o600, 'cannot be read by ceod'],
    ['itself may not', CEOD.uid, CEOD.gid, 0o240, 'cannot be read by ceod'],
  ])('of the service is refused: %s', (_what, uid, gid, mode, problem) => {
    set(uid, gid, mode);
    const found = readableByOthers(file, CEOD);
    expect(found.map(({ problem }) => problem)).toEqual([problem]);
    sh(found[0]?.mend ?? '');
    expect(readableByOthers(file, CEOD)).toEqual([]);
  });

  test.each([
    ['of root alone', 0, 0, 0o600],
    ['of root, for its group', 0, 0, 0o640],
  ])('of the admin: %s', (_what, uid, gid, mode) => {
    set(uid, gid, mode);
    expect(readableByOthers(file, undefined)).toEqual([]);
    expect(readableByOthers(file, { uid: 0, gid: 0, name: 'root' })).toEqual([]);
  });

  test.each([
    ['for all', 0, 0, 0o604, 'can be read or changed by others'],
    ["for the service's group", 0, CEOD.gid, 0o640, 'can be read by the group 4002'],
    ['of the service', CEOD.uid, 0, 0o600, 'does not belong to root'],
  ])('of the admin is refused: %s', (_what, uid, gid, mode, problem) => {
    set(uid, gid, mode);
    const found = readableByOthers(file, undefined);
    expect(found.map(({ problem }) => problem)).toEqual([problem]);
    sh(found[0]?.mend ?? '');
    expect(readableByOthers(file, undefined)).toEqual([]);
  });

  test('that does not exist, or is a folder', () => {
    expect(readableByOthers('/nowhere/k', CEOD)[0]?.problem).toBe('does not exist');
    expect(readableByOthers(dir, CEOD)[0]?.problem).toBe('is not a file');
  });
});
