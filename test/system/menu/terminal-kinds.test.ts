/** Promise: the menu is the same in every terminal, at every size from 80×24 on, over slow links, and whatever is pressed. */
import { copyFile, mkdtemp, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { choose, focusIsOn, leave, openMenu } from '../../support/menu.js';
import { ccache, folder } from '../../support/realm.js';
import { expired } from '../../support/tickets.js';
import { Screen } from '../../support/tmux.js';

const MENU = 'What would you like to do?';

let screen: Screen | undefined;
afterEach(async () => {
  await screen?.close();
  screen = undefined;
});

/** @param variables in front of the command: tmux sets TERM itself */
async function start(variables = '', size = {}): Promise<Screen> {
  screen = await Screen.start(`${variables} ceo`, { KRB5CCNAME: ccache('ctdalek') }, size);
  await screen.shows(MENU);
  return screen;
}

/** What is written to the terminal from now on. */
async function recorded(on: Screen): Promise<() => Promise<string>> {
  const file = path.join(await mkdtemp(path.join(folder, 'recorded-')), 'bytes');
  await on.record(file);
  return () => readFile(file, 'utf8').catch(() => '');
}

describe('kinds of terminals', () => {
  test.each([
    ['TERM=xterm'],
    ['TERM=linux'],
    ['TERM=screen'],
    ['LANG=C LC_ALL=C'],
    ['CI=true'],
    ['NO_COLOR=1'],
  ])('%s', async (variables) => {
    const on = await start(variables);
    const lines = (await on.text()).split('\n');
    expect(lines).toHaveLength(24);
    expect(lines[23]).toBe('  Enter choose   ↑↓←→ move   ? help   Ctrl-C leave');
    await on.resize(100, 30);
    await on.shows(/^─{100}$/m);
    expect((await on.text()).split('\n')).toHaveLength(30);
    await choose(on, 'Display Member');
    await on.type('é漢');
    await on.shows(/❯ Username +é漢/);
    expect(await leave(on)).toBe('exit status 0');
  });

  test('no colour is no colour', async () => {
    screen = await Screen.start('sleep 1; NO_COLOR=1 ceo', { KRB5CCNAME: ccache('ctdalek') });
    const bytes = await recorded(screen);
    await screen.shows(MENU);
    await choose(screen, 'Display Member');
    await leave(screen);
    await eventually(async () => (await bytes()).includes('exit status'));
    expect(await bytes()).toContain('\u001b[?1049h');
    // Neither bold nor dim either.
    expect(await bytes()).not.toMatch(/\u001b\[[\d;]*m/);
  });

  // CI is set where no person is; here is one.
  test.each(['', 'CI=true'])('with colour, one accent %s', async (variables) => {
    screen = await Screen.start(`sleep 1; ${variables} ceo`, { KRB5CCNAME: ccache('ctdalek') });
    const bytes = await recorded(screen);
    await screen.shows(MENU);
    await leave(screen);
    await eventually(async () => (await bytes()).includes('exit status'));
    const colours = new Set((await bytes()).match(/\u001b\[(3[0-8]|4[0-8]|9\d)[\d;]*m/g));
    expect([...colours]).toEqual(['\u001b[36m']);
  });
});

describe('a slow link', () => {
  test('a key costs the lines that change', async () => {
    const on = await start();
    // What you may do is known by then, and nothing else is under way.
    await on.shows('not for you');
    const bytes = await recorded(on);
    await on.press('Down');
    await on.shows('❯ New Club Rep');
    await eventually(async () => (await bytes()).includes('pays nothing'));
    const rows = [...(await bytes()).matchAll(/\u001b\[(\d+);1H\u001b\[2K/g)].map(([, row]) => row);
    // The item before, the one now, and the sentence about it.
    expect(rows).toHaveLength(3);
    expect(Buffer.byteLength(await bytes())).toBeLessThan(600);
  });

  test('a key that comes in two parts is one key', async () => {
    const on = await start();
    await on.send('1b');
    await on.send('5b', '42');
    await on.shows('❯ New Club Rep');
    await on.send('1b', '5b');
    await on.send('42');
    await on.shows('❯ Renew Membership');
  });
});

describe('the password, in the menu', () => {
  test('without a ticket it is asked for before; then the keys are the menu’s', async () => {
    screen = await Screen.start('ceo', { KRB5CCNAME: await expired('mailu03') });
    await screen.shows('Kerberos password of mailu03@CSCLUB.TEST:');
    await screen.type('mailu03-pw\r');
    await screen.shows(MENU);
    await choose(screen, 'Display Member');
    expect(await leave(screen)).toContain('exit status 0');
  });

  test('a ticket that expires meanwhile: asked for on a page, and it goes on with what was wanted', async () => {
    const KRB5CCNAME = ccache('ctdalek');
    const gone = await expired('mailu03');
    const cache = gone.replace('expired-', 'mid-session-');
    const [from, to, old] = [KRB5CCNAME, cache, gone].map((name) => name.replace('FILE:', ''));
    // A good ticket to begin with, an expired one in its place afterwards.
    screen = await Screen.start(`cp ${from} ${to}; ceo`, { KRB5CCNAME: cache });
    await screen.shows(MENU);
    await screen.shows('not for you');
    await copyFile(old ?? '', to ?? '');
    await choose(screen, 'Reset Password');
    await screen.type('nobody1\r');
    await focusIsOn(screen, 'New password');
    await screen.press('Down', 'Down', 'Enter');
    await screen.shows('Have you seen their student card?');
    await screen.press('Enter');
    await screen.shows('✗ Your Kerberos ticket has expired.');
    await screen.press('Enter');
    await screen.shows('Kerberos password of mailu03@CSCLUB.TEST:');
    await screen.type('wrong\r');
    await screen.shows('That is not the password of mailu03@CSCLUB.TEST.');
    await screen.type('mailu03-pw\r');
    // Mail User 3 may not do what ctdalek may.
    await screen.shows('✗');
    expect(await leave(screen)).not.toMatch(/mailu03-pw|wrong/);
  });
});

test('errors are printed after leaving, to be copied', async () => {
  screen = await openMenu('nobody1');
  await choose(screen, 'Change Shell');
  await screen.press('C-u');
  await screen.type('ctdalek\r');
  await screen.shows('Which one?');
  await screen.type('/');
  await screen.shows('words to look for');
  await screen.type('bin/sh\r');
  await screen.press('Enter');
  await screen.shows('Is this right?');
  await screen.press('Enter');
  const page = await screen.shows('✗');
  const message = /✗ (.*)/.exec(page)?.[1] ?? '';
  expect(message).not.toBe('');
  expect(page).toContain('Nothing was changed.');
  const text = await leave(screen);
  expect(text).toContain(`ceo: ${message}`);
  expect(text).toContain('Nothing was changed.');
});

/** Numbers that look random, and are the same in every run. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ;) {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    yield state / 2 ** 31;
  }
}

/** None of them confirms a change: somebody who may nothing presses them. */
const KEYS = [
  ...['Up', 'Down', 'Left', 'Right', 'Tab', 'BTab', 'Home', 'End', 'PageUp', 'PageDown'],
  ...['Enter', 'Enter', 'Enter', 'Escape', 'Escape', 'BSpace', 'F1', 'C-l', 'C-u', 'C-w', 'C-k'],
  ...['a', 'l', 'n', 'r', 's', '/', '?', 'é', '漢', '1'],
];

test.each([1, 2])('whatever is pressed, it neither crashes nor hangs (%i)', async (seed) => {
  screen = await openMenu('nobody1');
  const random = numbers(seed);
  const below = (limit: number) => Math.floor((random.next().value as number) * limit);
  for (let burst = 0; burst < 40; burst += 1) {
    if ((await screen.text()).includes('exit status')) {
      // Exit is one of the items.
      expect(await screen.text()).toMatch(/exit status 0$/m);
      await screen.close();
      screen = await openMenu('nobody1');
    }
    await screen.press(...Array.from({ length: 12 }, () => KEYS[below(KEYS.length)] ?? ''));
    if (burst % 4 === 0) await screen.resize(1 + below(120), 1 + below(40));
  }
  await screen.resize(80, 24);
  const last = await screen.shows(/Esc|Enter|any key|exit status/);
  const text = last.includes('exit status') ? last : await leave(screen);
  // Nothing was under way, or it may have been: no crash.
  expect(text).toMatch(/exit status [06]$/m);
  expect(text).not.toMatch(/^ +at |Error:|Warning/m);
});
