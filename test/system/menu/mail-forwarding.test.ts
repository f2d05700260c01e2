/** Promise: Mail Forwarding shows where mail goes, changes and clears it, and refuses on the spot. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { send } from '../../support/json.js';
import { choose, enter, openMenu } from '../../support/menu.js';
import { homeOf } from '../../support/realm.js';
import type { Screen } from '../../support/tmux.js';

let screen: Screen;
afterEach(() => screen.close());

const file = path.join(homeOf('mforward1'), '.forward');
beforeAll(async () => {
  const request = { type: 1, username: 'mforward1', realname: 'Mail', password: 'correct-horse' };
  expect(await send('ctdalek', 'adduser', request)).toMatchObject({ status: 0 });
});

test('read, changed, cleared', async () => {
  screen = await openMenu('ctdalek');
  await choose(screen, 'Mail Forwarding');
  await enter(screen, 'Username', 'mforward1');
  await screen.shows('It is not forwarded now.');
  for (const wrong of ['a@example.org,b@example.org', '"|/bin/sh"', 'a b@example.org']) {
    await enter(screen, 'Forward to', wrong);
    await screen.shows('✗ Invalid character in forward:');
    await screen.press('C-u');
    await screen.shows(/^(?![^]*Invalid)/);
  }
  await enter(screen, 'Forward to', 'one@example.org');
  expect(await screen.shows('Is this right?')).toMatch(/Now +not forwarded\n.*one@example.org/);
  await screen.press('Enter');
  await screen.shows('Mail of mforward1 is forwarded to one@example.org.');
  expect(await readFile(file, 'utf8')).toBe('one@example.org\n');

  // A file that they wrote themselves.
  await writeFile(file, 'one@example.org\ntwo@example.org\n');
  await screen.type('a');
  await enter(screen, 'Username', 'mforward1');
  await screen.shows('It goes to one@example.org, two@example.org now.');
  await screen.press('Enter');
  await screen.shows('That is where it goes now.');
  await screen.press('C-u', 'Enter');
  expect(await screen.shows('Is this right?')).toMatch(/From now on +not forwarded/);
  await screen.press('Enter');
  await screen.shows('Mail of mforward1 is not forwarded.');
  await expect(readFile(file)).rejects.toThrow('ENOENT');
});

test('somebody else’s mail is refused before anything is typed', async () => {
  screen = await openMenu('nobody1');
  await choose(screen, 'Mail Forwarding');
  await enter(screen, 'Username', 'mforward1');
  await screen.shows('nobody1 not authorized to read the forward of others');
  await enter(screen, 'Username', 'nobody1');
  await screen.shows('Where should it go?');
  await screen.press('Escape');
  await screen.shows('Whose mail?');
  await screen.press('Escape');
  await screen.shows('What would you like to do?');
});
