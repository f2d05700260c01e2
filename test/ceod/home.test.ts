/**
 * Promise: nobody gets into a home while root builds it, and root follows and replaces nothing that
 * somebody has put in its way all the same.
 */
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { HomePlan } from '../../src/ceod/accounts/home.js';

/** What is done by somebody else right behind a call of root's. */
const behind: {
  mkdir: (folder: string) => Promise<void>;
  lstat: (file: string) => Promise<void>;
} = { mkdir: () => Promise.resolve(), lstat: () => Promise.resolve() };

jest.unstable_mockModule('node:fs/promises', () => ({
  ...fs,
  async mkdir(folder: string, options?: object) {
    await fs.mkdir(folder, options);
    await behind.mkdir(folder);
  },
  async lstat(file: string, options?: object) {
    const stat = await fs.lstat(file, options as never);
    await behind.lstat(file);
    return stat;
  },
}));
const { buildHome } = await import('../../src/ceod/accounts/home.js');

let dir: string;
let plan: HomePlan;
beforeEach(async () => {
  dir = await fs.mkdtemp(path.join(tmpdir(), 'ceo-home-'));
  await fs.mkdir(path.join(dir, 'skel'));
  await fs.writeFile(path.join(dir, 'skel', '.profile'), 'umask 077\n');
  await fs.writeFile(path.join(dir, 'victim'), 'precious\n');
  plan = {
    home: path.join(dir, 'alice'),
    staging: path.join(dir, '.ceod-alice-0123456789ab'),
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    skeleton: path.join(dir, 'skel'),
    forward: 'a@example.org',
    shared: false,
  };
});
afterEach(async () => {
  behind.mkdir = behind.lstat = () => Promise.resolve();
  await fs.rm(dir, { recursive: true });
});

const victim = () => fs.readFile(path.join(dir, 'victim'), 'utf8');

test('it is built in a folder that nobody else can enter', async () => {
  const modes: number[] = [];
  behind.mkdir = async (folder) => {
    if (folder === plan.staging) modes.push((await fs.lstat(folder)).mode & 0o777);
  };
  await buildHome(plan, 5_000);
  expect(modes).toEqual([0o700]);
  expect((await fs.lstat(plan.staging)).mode & 0o777).toBe(0o700);
});

test.each(['.forward', '.profile'])(
  'a link in the place of %s is not written through',
  async (name) => {
    behind.mkdir = async (folder) => {
      if (path.basename(folder) === 'home')
        await fs.symlink(path.join(dir, 'victim'), path.join(folder, name));
    };
    await expect(buildHome(plan, 5_000)).rejects.toThrow('EEXIST');
    expect(await victim()).toBe('precious\n');
  },
);

test('a file of the skeleton that becomes a link is not read', async () => {
  const file = path.join(plan.skeleton, '.profile');
  behind.lstat = async (looked) => {
    if (looked !== file) return;
    behind.lstat = () => Promise.resolve();
    await fs.rm(file);
    await fs.symlink(path.join(dir, 'victim'), file);
  };
  await expect(buildHome(plan, 5_000)).rejects.toThrow('ELOOP');
});
