/** Promise: Manage Positions gives a position to several people, or to nobody. */
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { choose, enter, openMenu } from '../../support/menu.js';
import { addPeople } from '../../support/people.js';
import { ldapsearch } from '../../support/realm.js';
import type { Screen } from '../../support/tmux.js';

let screen: Screen;
afterEach(() => screen.close());

beforeAll(() =>
  addPeople(
    [1, 2, 3].map((n) => ({ username: `zpos${n}`, realname: `Officer ${n}`, id: 63_000 + n })),
  ),
);

async function holders(position: string): Promise<string[]> {
  const found = await ldapsearch(`(position=${position})`, 'uid');
  return [...found.matchAll(/^uid: (.*)$/gm)].map(([, name = '']) => name).sort();
}

test('several holders, others, nobody', async () => {
  screen = await openMenu('sysadmin1');
  await choose(screen, 'Manage Positions');
  await screen.type('/');
  await screen.type('librarian');
  await screen.shows(/❯ Librarian +nobody/);
  await screen.press('Enter');
  await screen.shows('Enter change');
  await screen.press('Enter');
  await enter(screen, 'Held by', 'zpos1 zpos4');
  await screen.shows('There is no account zpos4.');
  await enter(screen, 'Held by', 'zpos1 zpos2');
  expect(await screen.shows('Is this right?')).toMatch(/Now +nobody\n +From now on +zpos1, zpos2/);
  expect(await holders('librarian')).toEqual([]);
  await screen.press('Enter');
  await screen.shows('zpos2: holds it now');
  expect(await holders('librarian')).toEqual(['zpos1', 'zpos2']);
  await screen.press('Enter');
  await screen.shows(/❯ Librarian +zpos1, zpos2/);

  await screen.press('Enter');
  expect(await screen.shows('❯ Held by')).toContain('zpos1 zpos2');
  await screen.press('C-w');
  await screen.type('zpos3');
  await screen.press('Enter');
  await screen.shows('Is this right?');
  await screen.press('Enter');
  const text = await screen.shows('zpos2: holds it no more');
  expect(text).toContain('zpos1: holds it as before');
  expect(text).toContain('zpos3: holds it now');
  await screen.press('Enter');
  await screen.shows(/❯ Librarian +zpos1, zpos3/);

  await screen.press('Enter');
  await enter(screen, 'Held by', '');
  await screen.shows(/From now on +nobody/);
  await screen.press('Enter');
  await screen.shows('zpos3: holds it no more');
  await screen.press('Enter');
  await screen.shows(/❯ Librarian +nobody/);
  expect(await holders('librarian')).toEqual([]);
});
