/**
 * Promise: mysql makes a database with its user on the database's host, for
 * those who may have one; the password works, on that database alone.
 */
import { chown, lstat, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { send } from '../../support/json.js';
import { ccache, homeOf, run, runAs, variable, type Outcome } from '../../support/realm.js';
import { Screen } from '../../support/tmux.js';

const PASSWORD = /^(?:[a-zA-Z2-9]{4}-){3}[a-zA-Z2-9]{4}$/;

const mysql = (user: string, username: string) => send(user, 'mysql', { username });

/** SQL as a database user; through the server's socket. */
function query(user: string, password: string, sql: string): Promise<Outcome> {
  const socket = `--socket=${variable('MYSQL_SOCKET')}`;
  return run(['mariadb', '--no-defaults', socket, `--user=${user}`, '--skip-column-names'], {
    env: { MYSQL_PWD: password },
    input: sql,
  });
}
const asRoot = async (sql: string): Promise<string> => {
  const { status, stdout, stderr } = await query('root', '', sql);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
};

test('for oneself: three lines, and a password that works on that database alone', async () => {
  const reply = await mysql('nobody1', 'nobody1');
  expect(reply.messages).toEqual([
    { status: 0, message: 'mysql create db for nobody1 by nobody1' },
    { status: 0, message: 'nobody1 asks for their own database' },
    { status: 0, message: 'successfully created database and user nobody1' },
  ]);
  const password = String(reply['password']);
  expect(password).toMatch(PASSWORD);
  await mysql('ctdalek', 'ctdalek');

  const work = 'USE nobody1; CREATE TABLE t (x INT); INSERT INTO t VALUES (42); SELECT x FROM t;';
  expect(await query('nobody1', password, work)).toMatchObject({ status: 0, stdout: '42\n' });
  for (const sql of [
    'USE ctdalek',
    'USE mysql',
    'CREATE DATABASE another',
    'SELECT * FROM mysql.user',
  ])
    expect((await query('nobody1', password, sql)).stderr).toContain('denied');
  expect((await query('nobody1', 'guess', 'SELECT 1')).stderr).toContain('denied');
});

test('again: another password; the old one is no good, the data stays', async () => {
  const first = String((await mysql('mailu03', 'mailu03'))['password']);
  await query('mailu03', first, 'USE mailu03; CREATE TABLE kept (x INT)');
  const second = String((await mysql('mailu03', 'mailu03'))['password']);
  expect(second).not.toBe(first);
  expect((await query('mailu03', first, 'SELECT 1')).status).toBe(1);
  expect((await query('mailu03', second, 'SHOW TABLES IN mailu03')).stdout).toBe('kept\n');
});

describe('of one that exists', () => {
  test('only_new: refused, and the password is as before', async () => {
    const request = { username: 'mailu00', onlyNew: true };
    const first = await send('mailu00', 'mysql', request);
    expect(first.status).toBe(0);
    const again = await send('mailu00', 'mysql', request);
    expect(again.status).toBe(9);
    expect(again.messages).toMatchObject([
      { status: 17, message: expect.stringContaining('has a database already') },
    ]);
    expect(again).not.toHaveProperty('password');
    expect((await query('mailu00', String(first['password']), 'SELECT 1')).status).toBe(0);
  });

  const create = (...flags: string[]) =>
    runAs('mailu02', ['ceo', 'mysql', 'create', 'mailu02', '--json', ...flags]);
  const passwordIn = ({ stdout }: Outcome) =>
    String((JSON.parse(stdout) as { password: unknown }).password);

  test('ceo, in a script: exit status 9, and how to set a new password', async () => {
    const first = await create();
    expect(first).toMatchObject({ status: 0, stderr: '' });
    const again = await create();
    expect(again.status).toBe(9);
    expect(again.stderr).toContain('For a new password: ceo mysql create mailu02 --reset');
    expect((await query('mailu02', passwordIn(first), 'SELECT 1')).status).toBe(0);
    const reset = await create('--reset');
    expect(reset).toMatchObject({ status: 0, stderr: '' });
    expect((await query('mailu02', passwordIn(first), 'SELECT 1')).status).toBe(1);
    expect((await query('mailu02', passwordIn(reset), 'SELECT 1')).status).toBe(0);
  });

  test('ceo, on a terminal: a question', async () => {
    const env = { KRB5CCNAME: ccache('mailu02') };
    const ask = async (answer: string) => {
      const screen = await Screen.start('ceo mysql create mailu02', env);
      try {
        await screen.shows('mailu02 has a database already.');
        await screen.shows('Set a new password? (yes or no)');
        await screen.type(answer);
        await screen.press('Enter');
        return await screen.shows('exit status');
      } finally {
        await screen.close();
      }
    };
    expect(await ask('y')).toContain('exit status 9');
    const text = await ask('yes');
    expect(text).toContain('exit status 0');
    expect(text).toContain('successfully set a new password of the database user mailu02');
  });
});

test('a name with _ gives rights on that database, and on none that _ would stand for', async () => {
  const password = 'a-good-password';
  await asRoot('CREATE DATABASE chessXclub');
  const { createUserWithDatabase } = await import('../../../src/mysql/databases.js');
  const { loadMysql } = await import('../../../src/config/settings.js');
  const { settings } = loadMysql(path.join(variable('CEO_SANDBOX'), 'hosts', 'caffeine'));
  const options = {
    socket: settings.mysqlSocket,
    adminUsername: settings.mysqlAdminUsername,
    adminPassword: settings.mysqlAdminPassword,
    userHost: 'localhost',
    timeoutMs: 5_000,
  };
  for (const name of ['chess_club', 'chess.club', 'chess`club', "chess'club", 'chess%']) {
    const owner = { name, uid: 30_002 };
    expect(await createUserWithDatabase(options, owner, password)).toBe('created');
    expect(await createUserWithDatabase(options, owner, password)).toBe('password');
    const quoted = `\`${name.replaceAll('`', '``')}\``;
    expect(await query(name, password, `USE ${quoted}; SELECT 1`)).toMatchObject({ stdout: '1\n' });
    expect((await query(name, password, 'USE chessXclub')).stderr).toContain('denied');
  }
});

describe('who may', () => {
  test.each([
    ['nobody1', 'ctdalek'],
    ['ctdalek', 'nobody1'],
    ['nobody1', 'chessclub'],
    ['ctdalek', 'chessclub'],
    ['nobody1', 'nosuchuser'],
    ['sysadmin1', 'nosuchuser'],
    ['ghost', 'ghost'],
  ])('not %s for %s', async (user, username) => {
    const { status, messages, password } = await mysql(user, username);
    expect({ status, password }).toEqual({ status: 3, password: undefined });
    expect(messages).toEqual([{ status: 1, message: expect.stringContaining('not authorized') }]);
  });

  test('a member of the club, for the club', async () => {
    const { status, messages } = await mysql('mailu01', 'chessclub');
    expect(status).toBe(0);
    expect(messages[1]?.message).toBe('mailu01 is a member of the club chessclub');
  });

  test('the systems committee, for everybody', async () => {
    for (const username of ['mailu04', 'csc']) {
      const { status, messages } = await mysql('sysadmin1', username);
      expect(status).toBe(0);
      expect(messages[1]?.message).toBe('sysadmin1 is on the systems committee');
    }
  });
});

describe('an account that is not a member’s to have', () => {
  beforeAll(async () => {
    await asRoot(`
      CREATE USER mailu05@localhost IDENTIFIED BY 'x';
      GRANT SELECT ON mysql.* TO mailu05@localhost;
      CREATE USER mailu06@'%' IDENTIFIED BY 'x';
      GRANT RELOAD ON *.* TO mailu06@'%';
      CREATE ROLE powerful; CREATE USER mailu07@localhost IDENTIFIED BY 'x';
      GRANT powerful TO mailu07@localhost;
    `);
  });

  test.each(['mailu05', 'mailu06', 'mailu07'])(
    '%s has rights beyond its own database',
    async (name) => {
      const { status, messages, password } = await mysql(name, name);
      expect({ status, password }).toEqual({ status: 3, password: undefined });
      expect(messages[0]?.message).toContain('rights beyond');
      // The password that it had is still the one.
      const host = await query(name, 'x', 'SELECT 1');
      expect(host.stdout).toBe('1\n');
    },
  );

  test.each(['mysql', 'root', 'sys', 'information_schema', 'ceod'])('%s', async (name) => {
    const { createUserWithDatabase } = await import('../../../src/mysql/databases.js');
    const options = { socket: '/nonexistent', adminUsername: 'ceod', adminPassword: '' };
    await expect(
      createUserWithDatabase(
        { ...options, userHost: 'localhost', timeoutMs: 1_000 },
        { name, uid: 20_003 },
        'x',
      ),
    ).rejects.toMatchObject({ code: 'denied' });
  });
});

describe('ceo mysql create', () => {
  const info = (username: string) => path.join(homeOf(username), 'ceo-mysql-info');
  const create = (user: string, username: string) =>
    runAs(user, ['ceo', 'mysql', 'create', username, '--reset', '--json']);

  test('shows the password, and writes it into the home for its owner alone', async () => {
    await rm(info('mailu08'), { force: true });
    const { stdout } = await create('mailu08', 'mailu08');
    const { password, infoFile } = JSON.parse(stdout) as { password: string; infoFile: string };
    expect(infoFile).toBe(info('mailu08'));
    expect(await readFile(infoFile, 'utf8')).toContain(`Password: ${password}\n`);
    const { mode, uid, gid } = await lstat(infoFile);
    const home = await lstat(homeOf('mailu08'));
    expect([mode & 0o777, uid, gid]).toEqual([0o600, home.uid, home.gid]);
    expect((await query('mailu08', password, 'SELECT 1')).stdout).toBe('1\n');
  });

  test('keeps the file before it as .old, and leaves nothing else', async () => {
    await writeFile(info('mailu08'), 'the one before\n', { mode: 0o600 });
    await create('mailu08', 'mailu08');
    expect(await readFile(`${info('mailu08')}.old`, 'utf8')).toBe('the one before\n');
    const files = await readdir(homeOf('mailu08'));
    expect(files.filter((name) => name.startsWith('ceo-mysql-info')).sort()).toEqual([
      'ceo-mysql-info',
      'ceo-mysql-info.old',
    ]);
  });

  test("a club's is for everyone in its group", async () => {
    await create('sysadmin1', 'chessclub');
    const { mode, gid } = await lstat(info('chessclub'));
    expect([mode & 0o777, gid]).toEqual([0o660, (await lstat(homeOf('chessclub'))).gid]);
  });

  test('without a home to write to, it says that the password is shown only now', async () => {
    const home = homeOf('mailu09');
    await run(['mv', home, `${home}.away`]);
    const { status, stdout } = await runAs('mailu09', ['ceo', 'mysql', 'create', 'mailu09']);
    await run(['mv', `${home}.away`, home]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Password: +(?:\w{4}-){3}\w{4}$/m);
    expect(stdout).toContain('It is shown only now');
  });

  test('a symlink in the way is not followed', async () => {
    await rm(info('mailu02'), { force: true });
    const target = path.join(homeOf('mailu02'), 'target');
    await writeFile(target, 'precious\n');
    await chown(target, 0, 0);
    await run(['ln', '-s', target, info('mailu02')]);
    await create('mailu02', 'mailu02');
    expect(await readFile(target, 'utf8')).toBe('precious\n');
    expect((await lstat(info('mailu02'))).isFile()).toBe(true);
  });
});

describe('the database server is down', () => {
  let socket: string;
  beforeAll(async () => {
    socket = variable('MYSQL_SOCKET');
    await run(['mv', socket, `${socket}.away`]);
  });
  afterAll(() => run(['mv', `${socket}.away`, socket]));

  test('status 113, and why; no password', async () => {
    const { status, messages, password } = await mysql('nobody1', 'nobody1');
    expect({ status, password }).toEqual({ status: 5, password: undefined });
    expect(messages).toEqual([
      { status: 113, message: expect.stringContaining('The database server cannot be used') },
    ]);
  });
});
