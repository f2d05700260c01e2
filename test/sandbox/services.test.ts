/** The database, the mailing lists and mail: each answers, to those who may ask. */
import { describe, expect, test } from '@jest/globals';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readCf } from '../../src/config/cf.js';
import { eventually } from '../support/eventually.js';
import { folder, run, variable } from './inside.js';

const caffeine = (name: string): string => join(folder, 'hosts', 'caffeine', name);
const mail = (name: string): string => join(folder, 'hosts', 'mail', name);

function setting(file: string, key: string): string {
  return readCf(file).entries.get(key)?.value ?? '';
}

/** Runs a program as another user, with an environment as bare as a hook's. */
function runAs(user: string, command: readonly string[], input = '') {
  const identity = [`--reuid=${user}`, '--regid=nogroup', '--init-groups'];
  return run(['setpriv', ...identity, 'env', '-i', 'PATH=/usr/bin:/bin', ...command], { input });
}

describe.each([
  [caffeine('mysql.cf'), 'mysql', 'list'],
  [mail('mailman.cf'), 'list', 'mysql'],
])('%s', (file, reader, stranger) => {
  test('is read by its op and by nobody else', async () => {
    expect((await stat(file)).mode & 0o7777).toBe(0o640);
    expect((await runAs(reader, ['cat', file])).stdout).toBe(await readFile(file, 'utf8'));
    for (const user of [stranger, 'nobody'])
      expect((await runAs(user, ['cat', file])).stderr).toContain('Permission denied');
  });
});

describe('the database', () => {
  const username = setting(caffeine('mysql.cf'), 'mysql_admin_username');
  const password = setting(caffeine('mysql.cf'), 'mysql_admin_password');

  function query(user: string, password: string, sql: string) {
    const socket = `--socket=${variable('MYSQL_SOCKET')}`;
    return run(['mariadb', '--no-defaults', socket, `--user=${user}`, '--skip-column-names'], {
      env: { MYSQL_PWD: password },
      input: sql,
    });
  }

  test('is where mysql.cf says', () => {
    expect(setting(caffeine('mysql.cf'), 'mysql_socket')).toBe(variable('MYSQL_SOCKET'));
  });

  test('knows ceod by its password', async () => {
    expect((await query(username, password, 'SELECT current_user()')).stdout).toBe(
      `${username}@localhost\n`,
    );
    expect((await query(username, 'guess', 'SELECT 1')).stderr).toContain('Access denied');
    expect((await query('root', '', 'SELECT current_user()')).stdout).toBe('root@localhost\n');
  });

  test('lets ceod make a user with a database, and that user no other', async () => {
    const made = await query(
      username,
      password,
      `CREATE DATABASE sandbox_test;
CREATE USER sandbox_test@localhost IDENTIFIED BY 'theirs';
GRANT ALL PRIVILEGES ON \`sandbox\\_test\`.* TO sandbox_test@localhost;`,
    );
    expect(made).toEqual({ status: 0, stdout: '', stderr: '' });
    const own = 'CREATE TABLE sandbox_test.books (id INT); SHOW TABLES FROM sandbox_test';
    expect((await query('sandbox_test', 'theirs', own)).stdout).toBe('books\n');
    const other = 'CREATE DATABASE sandboxxtest';
    expect((await query('sandbox_test', 'theirs', other)).stderr).toContain('Access denied');
    await query(username, password, 'DROP DATABASE sandbox_test; DROP USER sandbox_test@localhost');
  });

  test('lets nobody in without a password', async () => {
    const socket = `--socket=${variable('MYSQL_SOCKET')}`;
    for (const user of ['root', username]) {
      const args = ['mariadb', '--no-defaults', socket, `--user=${user}`, '-e', 'SELECT 1'];
      expect((await runAs('nobody', args)).stderr).toContain('Access denied');
    }
  });
});

describe("the library's database", () => {
  const cf = join(folder, 'etc', 'library.cf');
  const psql = (...args: string[]) => run(['psql', '--no-align', '--tuples-only', ...args]);
  const who = ['--command', 'SELECT current_user, current_database()'];

  test('is where the environment says, for root', async () => {
    expect((await psql(...who)).stdout).toBe('root|library\n');
    expect(variable('PGHOST').startsWith(`${folder}/`)).toBe(true);
    expect((await psql('--command', 'SHOW listen_addresses')).stdout).toBe('\n');
  });

  test('is where library.cf says, for ceo', async () => {
    expect((await psql(setting(cf, 'library_connect_string'), ...who)).stdout).toBe(
      'ceo|library\n',
    );
    expect((await stat(cf)).mode & 0o7777).toBe(0o640);
  });

  test('lets nobody in without a password', async () => {
    const env = ['PGHOST', 'PGPORT', 'PGDATABASE'].map((name) => `${name}=${variable(name)}`);
    for (const user of ['root', 'ceo', 'postgres']) {
      const outcome = await runAs('nobody', ['env', ...env, 'psql', '-w', '-U', user, ...who]);
      expect(outcome).toMatchObject({ status: 2, stdout: '' });
    }
  });
});

describe('the mailing list', () => {
  const file = mail('mailman.cf');
  const list = `${setting(file, 'members_list')}@${setting(file, 'list_domain')}`;
  const password = setting(file, 'mailman_rest_password');

  function request(path: string, secret: string, fields?: Record<string, string>) {
    const credentials = `${setting(file, 'mailman_rest_user')}:${secret}`;
    return fetch(`${setting(file, 'mailman_url')}/${path}`, {
      headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
      ...(fields && { method: 'POST', body: new URLSearchParams(fields) }),
    });
  }

  test('is where mailman.cf says', () => {
    expect(setting(file, 'mailman_backend')).toBe('mailman3');
    expect(setting(file, 'mailman_url')).toBe(variable('MAILMAN_URL'));
  });

  test('is there, for those who know the password', async () => {
    const response = await request(`lists/${list}`, password);
    expect(await response.json()).toMatchObject({ fqdn_listname: 'csc-members@csclub.test' });
    expect((await request(`lists/${list}`, 'guess')).status).toBe(401);
  });

  test('takes a member once', async () => {
    const member = {
      list_id: list.replace('@', '.'),
      subscriber: 'sandbox-test@csclub.test',
      ...{ pre_verified: 'true', pre_confirmed: 'true', pre_approved: 'true' },
    };
    expect((await request('members', password, member)).status).toBe(201);
    expect((await request('members', password, member)).status).toBe(409);
  });
});

describe('mail', () => {
  const inbox = join(variable('CEO_MAILDIR'), 'new');

  async function received(subject: string): Promise<string[]> {
    const names = await readdir(inbox);
    const messages = await Promise.all(names.map((name) => readFile(join(inbox, name), 'utf8')));
    return messages.filter((message) => message.includes(`Subject: ${subject}\n`));
  }

  test.each(['root', 'nobody', 'list'])('that %s sends arrives', async (user) => {
    const subject = `a message of ${user}`;
    const message = `To: ctdalek@csclub.test\nSubject: ${subject}\n\nline one\n.\nline three\n`;
    const sent = await runAs(user, [variable('CEO_SENDMAIL'), '-t', '-i'], message);
    expect(sent).toEqual({ status: 0, stdout: '', stderr: '' });
    await eventually(async () => (await received(subject)).length > 0);
    const [text] = await received(subject);
    expect(text).toContain(`X-MailFrom: ${user}@csclub.test\n`);
    expect(text).toContain('X-RcptTo: ctdalek@csclub.test\n');
    expect(text).toContain('\n\nline one\n.\nline three\n');
  });

  test('is found on the PATH, and is root’s to read', async () => {
    expect((await run(['sh', '-c', 'command -v sendmail'])).stdout).toBe(
      `${variable('CEO_SENDMAIL')}\n`,
    );
    expect((await stat(variable('CEO_MAILDIR'))).mode & 0o7777).toBe(0o700);
  });
});
