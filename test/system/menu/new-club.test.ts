/** Promise: New Club and New Club Rep make the accounts of clubs and of those who speak for them. */
import { afterEach, expect, test } from '@jest/globals';
import { formatTerm, termOf } from '../../../src/directory/terms.js';
import { choose, enter, focusIsOn, leave, openMenu } from '../../support/menu.js';
import { ldapsearch, principalExists, tracesOf } from '../../support/realm.js';
import type { Screen } from '../../support/tmux.js';

const PASSWORD = 'correct-horse';

let screen: Screen;
afterEach(() => screen.close());

test('a club: no password, no terms', async () => {
  screen = await openMenu('ctdalek');
  await choose(screen, 'New Club');
  await enter(screen, 'Username', 'goclub');
  await enter(screen, 'Name of the club', 'Go: Club');
  await screen.shows(/❯ Name of the club {2}Go: Club\n +✗ ":" is not allowed\./);
  await enter(screen, 'Name of the club', '囲碁 Club');
  const review = await screen.shows('Is this right?');
  expect(review).toMatch(/Username +goclub\n +Name +囲碁 Club\n/);
  expect(await tracesOf('goclub')).toEqual([]);
  await screen.press('Enter');
  await screen.shows('goclub is ready.');
  expect(await ldapsearch('(uid=goclub)', 'objectClass')).toContain('objectClass: club\n');
  expect(await ldapsearch('(&(cn=goclub)(objectClass=posixGroup))', 'cn')).toContain('cn: goclub');
  await screen.press('Enter');
  await screen.shows('What would you like to do?');
  expect(await leave(screen)).toContain('exit status 0');
});

test('a club rep: pays nothing, and is on no list of members', async () => {
  screen = await openMenu('sysadmin1');
  await choose(screen, 'New Club Rep');
  await enter(screen, 'Username', 'menurep1');
  await enter(screen, 'Name', 'Menu Rep');
  await focusIsOn(screen, 'Program');
  await screen.press('Enter');
  await focusIsOn(screen, 'Forward mail to');
  await screen.press('Enter');
  await focusIsOn(screen, 'Phone');
  await screen.press('Enter');
  await focusIsOn(screen, 'Terms');
  await screen.shows(': no fee');
  await screen.press('Enter');
  await enter(screen, 'Password', PASSWORD);
  await enter(screen, 'Once more', PASSWORD);
  const review = await screen.shows('Is this right?');
  expect(review).toMatch(/Fee +none/);
  await screen.press('Enter');
  const done = await screen.shows('menurep1 is ready.');
  expect(done).not.toContain('mailing list');
  const entry = await ldapsearch('(uid=menurep1)', 'term', 'nonMemberTerm', 'objectClass');
  expect(entry).toContain(`nonMemberTerm: ${formatTerm(termOf(new Date()))}\n`);
  expect(entry).not.toMatch(/^term: /m);
  expect(await principalExists('menurep1')).toBe(true);
  expect(await leave(screen)).not.toContain(PASSWORD);
});
