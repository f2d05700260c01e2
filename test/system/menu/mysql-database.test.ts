/** Promise: Create MySQL Database shows a password that works, and says where it is written. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { send } from '../../support/json.js';
import { choose, enter, focusIsOn, openMenu } from '../../support/menu.js';
import { homeOf, run, variable } from '../../support/realm.js';
import type { Screen } from '../../support/tmux.js';

let screen: Screen;
afterEach(() => screen.close());

const passwordOn = (text: string) => /Password +(\S+)/.exec(text)?.[1] ?? '';

async function loginStatus(username: string, password: string): Promise<number | null> {
  const socket = `--socket=${variable('MYSQL_SOCKET')}`;
  const mariadb = ['mariadb', '--no-defaults', socket, `--user=${username}`, username] as const;
  return (await run(mariadb, { env: { MYSQL_PWD: password }, input: 'SELECT 1' })).status;
}

test('a password, the file in the home, and another password the next time', async () => {
  const request = { type: 1, username: 'mmysql1', realname: 'Base', password: 'correct-horse' };
  expect(await send('ctdalek', 'adduser', request)).toMatchObject({ status: 0 });
  screen = await openMenu('sysadmin1', { columns: 120 });
  await choose(screen, 'Create MySQL Database');
  await enter(screen, 'Username', 'mmysql');
  await screen.shows('There is no account mmysql.');
  await screen.type('1');
  await screen.press('Enter');
  await focusIsOn(screen, 'Password lost');
  await screen.press('Enter');
  await screen.shows('Is this right?');
  await screen.press('Escape');
  await focusIsOn(screen, 'Username');
  await screen.press('Enter');
  await focusIsOn(screen, 'Password lost');
  await screen.press('Enter');
  await screen.shows('Is this right?');
  await screen.press('Enter');
  const text = await screen.shows('✓ successfully created database and user mmysql1');
  const password = passwordOn(text);
  expect(await loginStatus('mmysql1', password)).toBe(0);
  const file = path.join(homeOf('mmysql1'), 'ceo-mysql-info');
  expect(text).toContain(`It is in ${file} as well.`);
  expect(await readFile(file, 'utf8')).toContain(`Password: ${password}`);

  // Whoever did not ask for that keeps the password.
  await screen.type('a');
  await enter(screen, 'Username', 'mmysql1');
  await screen.press('Enter');
  await screen.shows('A database that is there is left alone, with its password.');
  await screen.press('Enter');
  await screen.shows('mmysql1 has a database already');
  await screen.shows('Nothing was changed.');
  expect(await loginStatus('mmysql1', password)).toBe(0);

  await screen.press('Escape');
  await focusIsOn(screen, 'Username');
  await screen.press('Enter');
  await enter(screen, 'Password lost', 'yes');
  await screen.shows('its old password stops working');
  await screen.press('Enter');
  const another = passwordOn(await screen.shows('It is in'));
  expect(another).not.toBe(password);
  expect(await loginStatus('mmysql1', another)).toBe(0);
  expect(await loginStatus('mmysql1', password)).toBe(1);
});

test('somebody else’s is refused', async () => {
  screen = await openMenu('nobody1');
  await choose(screen, 'Create MySQL Database');
  await enter(screen, 'Username', 'sysadmin1');
  await enter(screen, 'Password lost', 'no');
  await screen.shows('Is this right?');
  await screen.press('Enter');
  const text = await screen.shows('Nothing was changed.');
  expect(text).not.toContain('Password');
  await screen.press('Escape');
  expect(await screen.shows('❯ Username')).toContain('sysadmin1');
});
