/** Promise: Display Member and Search Members find people by what is known of them, in a list that scrolls and can be filtered. */
import { afterEach, expect, test } from '@jest/globals';
import { choose, enter, fill, focusIsOn, leave, openMenu } from '../../support/menu.js';
import { runAs } from '../../support/realm.js';
import type { Screen } from '../../support/tmux.js';

let screen: Screen;
afterEach(() => screen.close());

test('Display Member shows an account, and then another one', async () => {
  screen = await openMenu('nobody1');
  await choose(screen, 'Display Member');
  await fill(screen, 'Username', 'ctd');
  await screen.press('Tab');
  await screen.shows('ctdalek');
  await screen.press('Enter');
  const account = await screen.shows(/Name +Calum T\. Dalek/);
  expect(account).toMatch(/Program +MATH Computer Science/);
  await screen.type('a');
  await enter(screen, 'Username', 'csc');
  await screen.shows(/Kind +club/);
  await screen.press('Escape');
  await screen.shows('What would you like to do?');
});

test('Search Members: by term, name, group; filtered, scrolled, shown', async () => {
  const add = ['ceo', 'members', 'add', 'findme1', '-n', 'Find Më', '--password-stdin'] as const;
  const added = await runAs('ctdalek', add, { input: 'correct-horse\n' });
  expect(added).toMatchObject({ status: 0 });

  screen = await openMenu('nobody1');
  await choose(screen, 'Search Members');
  await enter(screen, 'Term', '2026');
  await screen.shows(/❯ Term {3}2026\n +✗ Terms are w, s or f/);
  await fill(screen, 'Term', '');
  await screen.press('Down');
  await enter(screen, 'Name', 'mail user');
  await focusIsOn(screen, 'Group');
  await screen.press('Enter');
  await screen.shows(/❯ mailu00 +Mail User 0/);
  await screen.press('End');
  await screen.shows(/❯ mailu09 +Mail User 9/);
  await screen.type('/');
  await screen.type('user 4');
  await screen.shows(/❯ mailu04 .*\n\n +\/ user 4 +1 of \d+/);
  await screen.press('Enter');
  await screen.shows('Enter show');
  await screen.press('Enter');
  await screen.shows(/Username +mailu04/);
  await screen.press('Escape');
  await screen.shows('❯ mailu04');
  await screen.press('Escape');
  await screen.shows('mailu05');
  await screen.press('Escape');

  // Back to what was looked for.
  await screen.shows(/Name +mail user/);
  await focusIsOn(screen, 'Group');
  await fill(screen, 'Group', 'off');
  await screen.press('Tab');
  await screen.shows('❯ Group  office');
  await screen.press('Enter');
  await screen.shows('Nobody is like that.');
  await screen.press('Escape');
  await enter(screen, 'Group', 'nosuchgroup');
  await screen.shows('✗');
  await screen.press('Escape');
  await focusIsOn(screen, 'Group');
  await fill(screen, 'Group', '');
  await screen.press('Up');
  await enter(screen, 'Name', 'find me');
  await focusIsOn(screen, 'Group');
  await screen.press('Enter');
  await screen.shows(/❯ findme1 +Find Më/);
  expect(await leave(screen)).toContain('exit status 0');
});
