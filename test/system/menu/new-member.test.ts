/** Promise: New Member leads from a username to an account, loses nothing that was typed, and does nothing before it was confirmed. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { formatTerm, termOf, type Term } from '../../../src/directory/terms.js';
import { choose, enter, fill, focusIsOn, leave, openMenu } from '../../support/menu.js';
import { folder, homeOf, ldapsearch, run, tracesOf } from '../../support/realm.js';
import type { Screen } from '../../support/tmux.js';

const PASSWORD = 'correct-horse';
const now = termOf(new Date());
const next = (count: number) =>
  Array.from({ length: count }, (_, index) => formatTerm((now + index) as Term));

let screen: Screen;
afterEach(() => screen.close());

test('every page tells what is wrong on the spot; a member comes of it when it is confirmed', async () => {
  screen = await openMenu('ctdalek');
  await choose(screen, 'New Member');
  await enter(screen, 'Username', 'ctdalek');
  await screen.shows(/❯ Username {2}ctdalek\n +✗ There is an account ctdalek already: Calum/);
  await enter(screen, 'Username', 'Not Allowed');
  await screen.shows(/❯ Username {2}Not Allowed\n +✗ "Not Allowed" is not allowed/);
  await fill(screen, 'Username', 'fro');
  await screen.press('Tab');
  await screen.shows(/❯ Username {2}frosh\n +frosh1 {2}frosh2/);
  await screen.type('1');
  await screen.press('Enter');

  await screen.shows(/❯ Name +Zoë 小明\n +Program +SCI Physics\n/);
  await screen.press('Enter', 'Enter');
  await enter(screen, 'Forward mail to', 'two words');
  await screen.shows(/❯ Forward mail to {2}two words\n +✗ /);
  await enter(screen, 'Forward mail to', 'frosh1@example.com');
  await enter(screen, 'Phone', 'ext. 42');
  await screen.shows(/❯ Phone +ext\. 42\n +✗ Only digits, blanks and \+ \( \) - \. \/ are allowed/);
  await enter(screen, 'Phone', '(519) 555-0102');

  await enter(screen, 'Terms', '0');
  await screen.shows(/❯ Terms {2}0\n +✗ A whole number from 1 to 9 is needed/);
  await fill(screen, 'Terms', '1');
  await screen.press('Right', 'Right');
  await screen.shows(`${next(3).join(', ')}: 6 dollars`);
  await screen.press('Enter');

  await enter(screen, 'Password', 'abc');
  await screen.shows(/❯ Password +•••\n +✗ /);
  await enter(screen, 'Password', PASSWORD);
  await enter(screen, 'Once more', 'another');
  await screen.shows(/❯ Once more {2}•{7}\n +✗ The two passwords differ/);
  await fill(screen, 'Once more', PASSWORD);
  // The last one is one too many.
  await screen.press('Enter', 'Enter');
  const review = await screen.shows('Is this right?');
  expect(review).toContain('Nothing has happened yet.');
  expect(review).toMatch(/Forward mail to +frosh1@example\.com\n +Phone +\(519\) 555-0102\n/);
  expect(review).toMatch(/Fee +6 dollars/);
  expect(review).not.toContain(PASSWORD);

  await screen.press('Escape');
  await screen.shows(/Once more +•{13}$/m);
  expect(await tracesOf('frosh1')).toEqual([]);
  await screen.press('Up', 'Enter');
  await screen.shows(/❯ Terms {2}3$/m);
  await screen.press('Escape');
  await screen.shows(/Forward mail to {2}frosh1@example.com$/m);
  await screen.press('Down', 'Down', 'Down', 'Down');
  await screen.shows('❯ Next ›');
  await screen.press('Enter');
  await focusIsOn(screen, 'Terms');
  await screen.press('Enter');
  await focusIsOn(screen, 'Password');
  await screen.press('Enter', 'Enter');
  await screen.shows('Is this right?');
  await screen.press('Enter');
  const done = await screen.shows('frosh1 is ready.');
  expect(done).toContain(`✓ registered for ${next(3).join(', ')}`);
  expect(done).toContain('✓ mailing list: Subscribed: frosh1@csclub.test');

  const attributes = ['term', 'program', 'telephoneNumber', 'objectClass'];
  const entry = await ldapsearch('(uid=frosh1)', ...attributes);
  expect(entry).toContain('program: SCI Physics\n');
  expect(entry).toContain('telephoneNumber: (519) 555-0102\n');
  expect(entry).toContain('objectClass: member\n');
  for (const term of next(3)) expect(entry).toContain(`term: ${term}\n`);
  expect(await readFile(path.join(homeOf('frosh1'), '.forward'), 'utf8')).toBe(
    'frosh1@example.com\n',
  );
  const kinit = ['kinit', '-c', path.join(folder, 'ccaches', 'frosh1'), 'frosh1'] as const;
  expect((await run(kinit, { input: `${PASSWORD}\n` })).status).toBe(0);

  await screen.type('a');
  const anew = await screen.shows('1 of 5');
  expect(anew).toMatch(/❯ Username$/m);
  const left = await leave(screen);
  expect(left).toContain('exit status 0');
  expect(left).not.toContain(PASSWORD);
});

test('what is typed ahead arrives where it belongs; a resize loses none of it', async () => {
  screen = await openMenu('ctdalek');
  await screen.press(
    ...['n', 'n', 'Home', 'Enter', 'ahead1', 'Enter', 'Ahead One', 'Enter', 'ENG', 'Enter'],
    ...['Enter', 'Enter', 'Enter', PASSWORD, 'Enter', PASSWORD, 'Enter', 'Enter'],
  );
  const review = await screen.shows('Is this right?');
  expect(review).toMatch(
    /Username +ahead1\n +Name +Ahead One\n +Program +ENG\n.* nowhere\n +Phone +none\n/,
  );
  await screen.press('Escape');
  await focusIsOn(screen, 'Password');
  await screen.press('Escape');
  await focusIsOn(screen, 'Terms');
  await screen.press('Escape');
  await focusIsOn(screen, 'Name');
  await screen.resize(120, 40);
  await screen.shows(/^─{120}$/m);
  await screen.type(' 小');
  await screen.resize(70, 20);
  await screen.shows('At least 80 columns and 24 rows are needed');
  // Nobody sees what is typed now.
  await screen.type('x');
  await screen.resize(80, 24);
  await screen.shows(/❯ Name +Ahead One 小$/m);
  await screen.type('明');
  await screen.shows(/❯ Name +Ahead One 小明\n +Program +ENG\n/);
  expect(await leave(screen)).toContain('exit status 0');
  expect(await tracesOf('ahead1')).toEqual([]);
});

test('what was found out about somebody else goes, what was typed stays', async () => {
  screen = await openMenu('ctdalek');
  await choose(screen, 'New Member');
  await enter(screen, 'Username', 'frosh2');
  await screen.shows(/❯ Name +Second Frosh\n +Program +AHS Kinesiology\n/);
  await screen.press('Enter');
  await fill(screen, 'Program', 'AHS Health');
  await screen.shows('AHS Health');
  await screen.press('Escape');
  await enter(screen, 'Username', 'nobodyknows1');
  await screen.shows(/❯ Name\n +Program +AHS Health\n/);
  await screen.press('Enter');
  await screen.shows('✗ This is needed.');
});
