/** Promise: Renew begins with the first unregistered term, refuses paid ones, and has the forward address reviewed. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { formatTerm, termOf, type Term } from '../../../src/directory/terms.js';
import { choose, enter, fill, focusIsOn, leave, openMenu } from '../../support/menu.js';
import { homeOf, ldapsearch, runAs } from '../../support/realm.js';
import type { Screen } from '../../support/tmux.js';

const now = termOf(new Date());
const term = (from: number) => formatTerm((now + from) as Term);
const forwardOf = (username: string) => readFile(path.join(homeOf(username), '.forward'), 'utf8');
const termsOf = async (username: string, attribute = 'term') =>
  [...(await ldapsearch(`(uid=${username})`, attribute)).matchAll(/^\w*[tT]erm: (.*)$/gm)].map(
    ([, value]) => value,
  );

beforeAll(async () => {
  const add = ['ceo', 'members', 'add', '--password-stdin', '-n', 'Renew Me'] as const;
  for (const more of [
    ['renewed1', '--terms', '2', '--email', 'old@example.com'],
    ['renewed2', '--club-rep'],
  ]) {
    const added = await runAs('ctdalek', [...add, ...more], { input: 'correct-horse\n' });
    expect(added).toMatchObject({ status: 0 });
  }
});

let screen: Screen;
afterEach(() => screen.close());

test('a member: two further terms, and another address', async () => {
  screen = await openMenu('ctdalek');
  await choose(screen, 'Renew Membership');
  await enter(screen, 'Username', 'nosuchuser');
  await screen.shows(/❯ Username {2}nosuchuser\n +✗ There is no account nosuchuser\./);
  await fill(screen, 'Username', 'renewed');
  await screen.press('Tab');
  await screen.shows('renewed1  renewed2');
  await screen.type('1');
  await screen.press('Enter');

  const page = await focusIsOn(screen, 'First term');
  expect(page).toContain(`First term  ${term(2)}`);
  expect(page).toContain(`Renew Me has paid for ${term(0)}, ${term(1)}.`);
  await enter(screen, 'First term', 'fall');
  await screen.shows('✗ Terms are w, s or f');
  await enter(screen, 'First term', term(1));
  await screen.shows(`✗ Registered already: ${term(1)}.`);
  await enter(screen, 'First term', term(2));
  await focusIsOn(screen, 'Terms');
  await screen.press('Right');
  await screen.shows(`${term(2)}, ${term(3)}: 4 dollars`);
  await screen.press('Enter');

  await screen.shows('❯ Forward mail to  old@example.com');
  await enter(screen, 'Forward mail to', 'new@example.com');
  const review = await screen.shows('Is this right?');
  expect(review).toMatch(/Name +Renew Me\n/);
  expect(review).toContain('new@example.com');
  expect(review).not.toContain('as it is');
  expect(await termsOf('renewed1')).toEqual([term(0), term(1)]);
  expect(await forwardOf('renewed1')).toBe('old@example.com\n');
  await screen.press('Enter');
  const done = await screen.shows('✓ Mail goes to new@example.com.');
  expect(done).toContain(`✓ renewed1 is registered for ${term(2)}, ${term(3)}.`);
  expect(await termsOf('renewed1')).toEqual([0, 1, 2, 3].map(term));
  expect(await forwardOf('renewed1')).toBe('new@example.com\n');
  expect(await leave(screen)).toContain('exit status 0');
});

test('a club rep pays nothing; an address that is right stays', async () => {
  screen = await openMenu('ctdalek');
  await choose(screen, 'Renew Club Rep');
  await enter(screen, 'Username', 'renewed2');
  const page = await screen.shows(`First term  ${term(1)}`);
  expect(page).toContain(`As a club rep: ${term(0)}.`);
  await screen.press('Enter');
  await focusIsOn(screen, 'Terms');
  await screen.press('Enter');
  await focusIsOn(screen, 'Forward mail to');
  await screen.press('Enter');
  const review = await screen.shows('Is this right?');
  expect(review).toMatch(/Fee +none\n +Forward mail to +as it is/);
  await screen.press('Enter');
  await screen.shows(`✓ renewed2 is registered for ${term(1)}.`);
  expect(await termsOf('renewed2', 'nonMemberTerm')).toEqual([term(0), term(1)]);
  expect(await termsOf('renewed2')).toEqual([]);
});
