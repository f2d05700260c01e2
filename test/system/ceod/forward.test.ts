/** Promise: getforward reads ~/.forward as the user whose home it is, for those who may. */
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { send } from '../../support/json.js';
import { homeOf, run, runAs } from '../../support/realm.js';

const file = path.join(homeOf('mailu04'), '.forward');
const get = (user: string, username = 'mailu04') => send(user, 'getforward', { username });

beforeEach(() => rm(file, { recursive: true, force: true }));

test.each([
  ['an address', 'a@example.com\n', 'a@example.com'],
  ['without a newline', 'a@example.com', 'a@example.com'],
  ['several lines', 'a@example.com\nb@example.com\n', 'a@example.com\nb@example.com'],
  ['nothing', '', ''],
  ['beyond ASCII', 'å@example.com\n', 'å@example.com'],
  ['NUL', 'a\0b\n', 'ab'],
])('%s', async (_what, content, forward) => {
  await writeFile(file, content);
  const reply = await get('mailu04');
  expect(reply.status).toBe(0);
  expect(reply['forward'] ?? '').toBe(forward);
});

test('no file: a success without a forward', async () => {
  const { status, messages, forward } = await get('mailu04');
  expect({ status, forward }).toEqual({ status: 0, forward: undefined });
  expect(messages[0]?.message).toBe('mailu04 has no forward');
});

test('a long one is cut, and said to be', async () => {
  await writeFile(file, 'x'.repeat(10_000));
  const { messages, forward } = await get('mailu04');
  expect(String(forward)).toHaveLength(4096);
  expect(messages.at(-1)?.message).toContain('4096');
});

describe('who may', () => {
  beforeEach(() => writeFile(file, 'a@example.com\n'));

  test.each(['mailu04', 'ctdalek', 'sysadmin1'])('%s', async (user) => {
    expect((await get(user))['forward']).toBe('a@example.com');
  });

  test('not others', async () => {
    const { status, messages, forward } = await get('nobody1');
    expect({ status, forward }).toEqual({ status: 3, forward: undefined });
    expect(messages[0]?.status).toBe(1);
  });

  test('unknown users, and those that ceod does not manage', async () => {
    expect((await get('ctdalek', 'nosuchuser')).status).toBe(4);
    expect((await get('ctdalek', 'root')).status).toBe(4);
    expect((await get('ghost', 'ghost')).status).toBe(4);
  });
});

describe('what the user cannot read, neither can we', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['a symlink to a file of root’s', () => symlink('/etc/shadow', file)],
    ['a folder', () => mkdir(file)],
    ['a pipe', () => run(['mkfifo', file])],
  ])('%s', async (_what, make) => {
    await make();
    const { status, messages, forward } = await get('sysadmin1');
    expect({ status, forward }).toEqual({ status: 1, forward: undefined });
    expect(messages[0]?.status).toBe(-4);
  });
});

test('ceo mail get, set, clear', async () => {
  const mail = (...args: string[]) => runAs('ctdalek', ['ceo', 'mail', ...args]);
  expect((await mail('set', 'mailu04', 'new@example.com')).stdout).toBe(
    'Mail of mailu04 is forwarded to new@example.com.\n',
  );
  expect((await mail('get', 'mailu04')).stdout).toBe(
    'Mail of mailu04 is forwarded to new@example.com.\n',
  );
  expect((await mail('clear', 'mailu04')).stdout).toBe('Mail of mailu04 is not forwarded.\n');
  const json = JSON.parse((await mail('get', 'mailu04', '--json')).stdout) as object;
  expect(json).toMatchObject({ username: 'mailu04' });
  expect(json).not.toHaveProperty('forward');
  expect(await mail('set', 'mailu04', '|program')).toMatchObject({ status: 2, stdout: '' });
  expect(await mail('get', 'nosuchuser')).toMatchObject({ status: 4, stdout: '' });
});
