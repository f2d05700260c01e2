/** Promise: Manage Club or Group Members lists, adds and removes; long lists, odd names and resizes do it no harm. */
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import stringWidth from 'fast-string-width';
import { choose, enter, fill, openMenu } from '../../support/menu.js';
import { addGroup, addPeople } from '../../support/people.js';
import { ldapsearch } from '../../support/realm.js';
import type { Screen } from '../../support/tmux.js';

const ODD = [
  '山田太郎 Yamada',
  'Esc \u001b[2J\u001b[31mred\u0007',
  'Bidi \u202eabc',
  '한국어 이름',
];
const people = Array.from({ length: 60 }, (_, index) => ({
  username: `zg${String(index).padStart(2, '0')}`,
  realname: ODD[index] ?? `Zed Number ${index}`,
  id: 62_000 + index,
}));

let screen: Screen;
afterEach(() => screen.close());

beforeAll(async () => {
  await addPeople(people);
  await addGroup(
    'zgroup',
    62_100,
    people.slice(0, 55).map(({ username }) => username),
  );
});

async function membersOf(group: string): Promise<string[]> {
  const found = await ldapsearch(`(&(cn=${group})(objectClass=posixGroup))`, 'uniqueMember');
  return [...found.matchAll(/^uniqueMember: uid=([^,]+),/gm)].map(([, name = '']) => name);
}

async function openGroup(group: string): Promise<void> {
  await choose(screen, 'Manage Club or Group Members');
  await screen.shows('Enter members');
  await screen.type('/');
  await screen.type(group);
  await screen.shows('1 of ');
  await screen.press('Enter');
  await screen.shows('Enter members');
  await screen.press('Enter');
  await screen.shows(`Members of ${group}`);
}

test('a long list with odd names scrolls, is filtered and resized', async () => {
  screen = await openMenu('sysadmin1');
  await openGroup('zgroup');
  const text = await screen.shows('zg00');
  expect(text).toContain('Esc \\u{1b}[2J\\u{1b}[31mred\\u{7}');
  expect(text).toContain('Bidi \\u{202e}abc');
  const lines = text.split('\n').filter((line) => / zg\d\d /.test(line));
  const columns = lines.map((line) => stringWidth(/^.* zg\d\d +/.exec(line)?.[0] ?? ''));
  expect(new Set(columns).size).toBe(1);

  await screen.press('End');
  await screen.shows('❯ zg54');
  await screen.press('PPage');
  await screen.shows('❯ zg40');
  await screen.type('/');
  await screen.type('number 2');
  await screen.shows(/❯ zg12[^]*14 of 55/);
  await screen.resize(100, 40);
  await screen.shows(/^─{100}$/m);
  await screen.resize(70, 12);
  await screen.shows('At least 80 columns');
  await screen.resize(80, 24);
  await screen.shows(/❯ zg12[^]*number 2 +14 of 55/);
  await screen.press('Down');
  await screen.shows(/❯ zg20[^]*r remove/);
  await screen.type('r');
  await screen.shows('Is this right?');
  await screen.press('Escape');
  await screen.shows(/❯ zg20[^]*14 of 55/);
  await screen.press('Escape');
  await screen.shows(/❯ zg00[^]* 55$/m);
});

test('several at once, with Tab; the list shows it, and keeps its place', async () => {
  screen = await openMenu('sysadmin1');
  await openGroup('zgroup');
  await screen.type('a');
  await enter(screen, 'Usernames', 'zg56 nosuch,zg57');
  await screen.shows('✗ There is no account nosuch.');
  await fill(screen, 'Usernames', 'zg5');
  await screen.press('Tab');
  await screen.shows(/zg50 +zg51/);
  await screen.type('6,zg57 zg5');
  await screen.press('Tab');
  await screen.shows(/zg50 +zg51/);
  await screen.type('8');
  await screen.press('Enter');
  expect(await screen.shows('Is this right?')).toContain('zg56, zg57, zg58');
  await screen.press('Enter');
  await screen.shows('zg58 is in zgroup now.');
  expect(await membersOf('zgroup')).toEqual(expect.arrayContaining(['zg56', 'zg57', 'zg58']));
  await screen.press('Enter');
  await screen.shows(/ 58$/m);

  await screen.press('End', 'Up');
  await screen.shows('❯ zg57');
  await screen.type('r');
  await screen.shows(/Leaving +zg57/);
  await screen.press('Enter');
  await screen.shows('zg57 is not in zgroup any more.');
  await screen.press('Enter');
  await screen.shows(/❯ zg58[^]* 57$/m);
  expect(await membersOf('zgroup')).not.toContain('zg57');
});

test('groups that go together are told before, and go together', async () => {
  screen = await openMenu('sysadmin1');
  await openGroup('syscom');
  await screen.shows('Whoever joins or leaves joins or leaves office, staff, adm, src as well.');
  await screen.type('a');
  await enter(screen, 'Usernames', 'zg59');
  await screen.shows(/Is this right\?[^]*office, staff, adm, src as well/);
  await screen.press('Enter');
  const text = await screen.shows('zg59 is in office now.');
  expect(text).toContain('There is no group adm.');
  expect(await membersOf('office')).toContain('zg59');
  await screen.press('Enter');
  await screen.shows(/ zg59 +Zed Number 59/);
  await screen.press('End');
  await screen.shows('❯ zg59');
  await screen.type('r');
  await screen.shows('Is this right?');
  await screen.press('Enter');
  await screen.shows('zg59 is not in office any more.');
  expect(await membersOf('syscom')).not.toContain('zg59');
});

test('it is the systems committee’s', async () => {
  screen = await openMenu('ctdalek');
  await screen.shows('Systems Committee · not for you');
  await screen.type('mmm');
  await screen.shows(/❯ Manage/);
  await screen.press('Enter');
  await screen.shows('Only the systems committee may do this.');
});
