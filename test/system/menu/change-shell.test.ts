/** Promise: Change Shell offers the shells of shells_file, begins with the present one, and says whether it was changed. */
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { choose, enter, openMenu } from '../../support/menu.js';
import { addPeople } from '../../support/people.js';
import { ldapsearch } from '../../support/realm.js';
import type { Screen } from '../../support/tmux.js';

let screen: Screen;
afterEach(() => screen.close());

beforeAll(() => addPeople([{ username: 'mshell1', realname: 'Shell One', id: 61_001 }]));
const shellOf = async (username: string) =>
  /^loginShell: (.*)$/m.exec(await ldapsearch(`(uid=${username})`, 'loginShell'))?.[1];

test('chosen from the list, filtered, and changed', async () => {
  screen = await openMenu('sysadmin1');
  await choose(screen, 'Change Shell');
  // One's own comes first.
  expect(await screen.shows('❯ Username')).toContain('sysadmin1');
  await enter(screen, 'Username', 'mshell');
  await screen.shows('There is no account mshell.');
  await screen.press('Tab');
  await screen.shows('mshell1');
  await screen.press('Enter');
  const list = await screen.shows('Which one?');
  expect(list.match(/^[ ❯]*\/\S+.*$/gm)?.map((line) => line.replace(/[ ❯]+/, ''))).toEqual([
    '/bin/sh',
    '/bin/bash',
  ]);
  await screen.type('/');
  await screen.type('bash');
  await screen.shows('1 of 2');
  await screen.press('Enter');
  await screen.shows('Enter choose');
  await screen.press('Enter');
  await screen.shows('Is this right?');

  // What was chosen is still chosen on the way back.
  await screen.press('Escape');
  await screen.shows('❯ /bin/bash');
  await screen.press('Enter');
  await screen.shows('Is this right?');
  expect(await shellOf('mshell1')).toBeUndefined();
  await screen.press('Enter');
  await screen.shows('The login shell of mshell1 is /bin/bash now.');
  expect(await shellOf('mshell1')).toBe('/bin/bash');

  await screen.type('a');
  await enter(screen, 'Username', 'mshell1');
  expect(await screen.shows('Which one?')).toMatch(/❯ \/bin\/bash +as it is now/);
  await screen.press('Enter');
  await screen.shows('Is this right?');
  await screen.press('Enter');
  await screen.shows('The login shell of mshell1 is /bin/bash already.');
});

test('somebody else’s is refused, and nothing is changed', async () => {
  const before = await shellOf('mshell1');
  screen = await openMenu('nobody1');
  await choose(screen, 'Change Shell');
  await enter(screen, 'Username', 'mshell1');
  await screen.shows('Which one?');
  await screen.press('Home');
  await screen.shows('❯ /bin/sh');
  await screen.press('Enter');
  await screen.shows('Is this right?');
  await screen.press('Enter');
  const text = await screen.shows('The directory does not allow this.');
  expect(text).toContain('Nothing was changed.');
  expect(await shellOf('mshell1')).toBe(before);
  await screen.type('l');
  await screen.shows('What would you like to do?');
});
