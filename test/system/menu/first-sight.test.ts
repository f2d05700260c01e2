/** Promise: the menu begins with what you may do, and what fails is told once. */
import { afterEach, expect, test } from '@jest/globals';
import { choose, enter, openMenu } from '../../support/menu.js';
import type { Screen } from '../../support/tmux.js';

let screen: Screen | undefined;
afterEach(async () => {
  await screen?.close();
  screen = undefined;
});

test.each([
  ['ctdalek', 'Systems Committee · not for you', 'New Member'],
  ['nobody1', 'Office Staff · not for you', 'Display Member'],
])('%s', async (user, locked, first) => {
  screen = await openMenu(user);
  expect(await screen.shows(locked)).toContain(`❯ ${first}`);
});

test('a refused change', async () => {
  screen = await openMenu('nobody1');
  await choose(screen, 'Create MySQL Database');
  await enter(screen, 'Username', 'ctdalek');
  await enter(screen, 'Password lost', 'no');
  await screen.shows('Nothing has happened yet.');
  await screen.press('Enter');
  const text = await screen.shows('Nothing was changed.');
  expect(text.match(/not authorized/g)).toHaveLength(1);
});
