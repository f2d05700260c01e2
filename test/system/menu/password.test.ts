/** Promise: Reset Password takes a typed password or shows a generated one once, and leaves neither behind. */
import path from 'node:path';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { choose, enter, focusIsOn, leave, openMenu } from '../../support/menu.js';
import { folder, principal, run, runAs } from '../../support/realm.js';
import type { Screen } from '../../support/tmux.js';

const TYPED = 'typed-by-hand';
const BEFORE = 'forgotten-one';

const kinit = (username: string, ...answers: string[]) =>
  run(['kinit', '-c', path.join(folder, 'ccaches', 'menu-reset'), username], {
    input: answers.map((answer) => `${answer}\n`).join(''),
  });

beforeAll(async () => {
  for (const username of ['menureset1', 'menureset2']) {
    const add = ['ceo', 'members', 'add', username, '-n', 'Reset Me', '--password-stdin'] as const;
    expect((await runAs('ctdalek', add, { input: `${BEFORE}\n` })).status).toBe(0);
  }
});

let screen: Screen;
afterEach(() => screen.close());

async function toPasswordOf(username: string): Promise<void> {
  screen = await openMenu('ctdalek');
  await choose(screen, 'Reset Password');
  await enter(screen, 'Username', username);
  await focusIsOn(screen, 'New password');
}

test('a generated one is shown once', async () => {
  await toPasswordOf('menureset1');
  await screen.shows('It is the account of Reset Me.');
  await screen.press('Enter');
  await focusIsOn(screen, 'Once more');
  await screen.press('Enter');
  await screen.shows('generated, and shown once');
  expect((await kinit('menureset1', BEFORE)).status).toBe(0);
  await screen.press('Enter');
  const shown = await screen.shows('It is shown only now.');
  const password = /New password +(\S+)/.exec(shown)?.[1] ?? '';
  expect(await principal('menureset1')).toMatch(/^Attributes:.*REQUIRES_PWCHANGE/m);
  expect((await kinit('menureset1', password, 'my-own-one', 'my-own-one')).status).toBe(0);
  await screen.press('Enter');
  expect(await screen.shows('What would you like to do?')).not.toContain(password);
  expect(await leave(screen)).not.toContain(password);
});

test('a typed one must be typed twice, and is not shown', async () => {
  await toPasswordOf('menureset2');
  await enter(screen, 'New password', TYPED);
  await focusIsOn(screen, 'Once more');
  await screen.press('Enter');
  await screen.shows(/❯ Once more\n +✗ This is needed/);
  await enter(screen, 'Once more', TYPED);
  await screen.shows('as it was typed');
  await screen.press('Enter');
  const done = await screen.shows('✓');
  expect(done).not.toContain(TYPED);
  expect((await kinit('menureset2', TYPED, 'my-own-one', 'my-own-one')).status).toBe(0);
  expect(await leave(screen)).not.toContain(TYPED);
});

test('denied: the password of the committee is not the office’s to set', async () => {
  const before = await principal('sysadmin1');
  await toPasswordOf('sysadmin1');
  await screen.press('Enter');
  await focusIsOn(screen, 'Once more');
  await screen.press('Enter');
  await screen.shows('Is this right?');
  await screen.press('Enter');
  const refused = await screen.shows('Nothing was changed.');
  const reason = /✗ (.*)/.exec(refused)?.[1] ?? '';
  expect(reason).toContain('systems committee');
  expect(await principal('sysadmin1')).toBe(before);
  // To be copied.
  expect(await leave(screen)).toContain(`ceo: ${reason}`);
});
