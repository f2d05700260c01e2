/**
 * Promise: root undoes what the journal says only if ceod could have written it. Whatever else
 * stands there, nothing is deleted; it is told of, and its name stays locked.
 */
import { mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { AddUser_Type as Type } from '../../../src/generated/ceo/ceo_pb.js';
import { ownHost, type OwnHost } from '../../support/ownCeod.js';
import { folder, tracesOf } from '../../support/realm.js';
import { TestRunner } from '../../support/runner.js';

const NOBODY = { pid: 2 ** 22, startTime: '1' };

let host: OwnHost;
let foreign: string;
let users: string;
let runner: TestRunner | undefined;

beforeEach(async () => {
  users = path.join(folder, 'users');
  host = await ownHost('');
  foreign = await mkdtemp(path.join(folder, 'foreign-'));
  await mkdir(path.join(foreign, 'home'));
  await writeFile(path.join(foreign, 'home', 'precious'), 'precious');
});
afterEach(async () => {
  await runner?.end();
  runner = undefined;
});

const good = (name: string) => ({
  ...{ type: Type.MEMBER, username: name, realname: 'Planted', program: '', forward: '' },
  home: path.join(users, name),
  staging: path.join(users, `.ceod-${name}-0123456789ab`),
  startedAt: 0,
});

/** Starts a runner that finds it. @returns what it logs of it */
async function recover(name: string, plan: object, steps = ['home']): Promise<string> {
  const journal = path.join(host.dir, 'state', 'journal');
  await mkdir(journal, { recursive: true, mode: 0o700 });
  const records = [NOBODY, { plan }, ...steps.map((intent) => ({ intent }))];
  const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
  await writeFile(path.join(journal, `${name}.journal`), text, { mode: 0o600 });
  runner = await TestRunner.start(host);
  expect(await readdir(journal)).toEqual([`${name}.journal`]);
  return readFile(path.join(host.dir, 'runner.log'), 'utf8');
}

const inode = async (file: string) => String((await stat(file)).ino);

test.each([
  ['a home elsewhere', async () => ({ home: foreign, homeInode: await inode(foreign) })],
  ['a folder elsewhere in which it is built', () => ({ staging: foreign })],
  ['one above the homes', () => ({ staging: `${users}/../${path.basename(foreign)}` })],
  ['one that is another name’s', () => ({ staging: path.join(users, '.ceod-b-0123456789ab') })],
  [
    'the home of somebody else',
    async () => ({
      home: path.join(users, 'ctdalek'),
      homeInode: await inode(path.join(users, 'ctdalek')),
    }),
  ],
  ['another name', () => good('ctdalek')],
  ['the uid of the system', () => ({ id: 0 })],
  ['a kind that there is none of', () => ({ type: 99 })],
])('%s', async (_, change) => {
  const before = await tracesOf('ctdalek');
  const log = await recover('planted', { ...good('planted'), ...(await change()) });
  expect(log).toContain('a journal that ceod did not write');
  expect(await readFile(path.join(foreign, 'home', 'precious'), 'utf8')).toBe('precious');
  expect(await tracesOf('ctdalek')).toEqual(before);
  const [line] = (await runner?.addUser({ ...good('planted'), password: 'a-good-password' })) ?? [];
  expect(line).toMatchObject({
    status: 17,
    message: expect.stringContaining('cannot be acted upon'),
  });
});

test('a step that there is none of', async () => {
  const log = await recover('planted', good('planted'), ['home', 'everything']);
  expect(log).toContain('a journal that ceod did not write');
});

test('a name that leads elsewhere', async () => {
  const log = await recover('..', { ...good('..'), home: users, staging: foreign });
  expect(log).toContain('a journal that ceod did not write');
  expect(await readdir(users)).toContain('ctdalek');
});
