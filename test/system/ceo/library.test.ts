/** Promise: ceo library lends books to those who are registered this term, and says why when it does not. */
import { createServer } from 'node:net';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { formatTerm, termOf } from '../../../src/directory/terms.js';
import { send } from '../../support/json.js';
import {
  ownDatabase,
  ownLibrary,
  startBookService,
  type BookService,
  type OwnDatabase,
} from '../../support/library.js';
import { folder, ldapsearch, runAs, variable, type Outcome } from '../../support/realm.js';
import { packagesLoadedBy } from '../../support/packages.js';

const CLRS = '9780262033848';
const term = formatTerm(termOf(new Date()));

let database: OwnDatabase;
let service: BookService;
let dir: string;
beforeAll(async () => {
  [database, service] = await Promise.all([ownDatabase(), startBookService()]);
  dir = await ownLibrary(
    `library_connect_string = "${database.connectString}"\nbook_service_url = ${service.url}`,
  );
});
afterAll(() => service.stop());

const library = (...args: string[]): Promise<Outcome> => libraryIn(dir, ...args);
const libraryIn = (config: string, ...args: string[]): Promise<Outcome> =>
  runAs('ctdalek', ['ceo', 'library', ...args], { env: { CEO_CONFIG_DIR: config } });
const json = async (...args: string[]): Promise<Record<string, unknown>> => {
  const { status, stdout, stderr } = await library(...args, '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>;
};
/** Days are the server's. */
const masked = (text: string) => text.replace(/\d{4}-\d{2}-\d{2}/g, 'YYYY-MM-DD');

describe('add', () => {
  test('what the book service knows', async () => {
    service.answer = JSON.stringify({
      [`ISBN:${CLRS}`]: {
        title: 'Introduction to algorithms',
        authors: [{ name: 'Thomas H. Cormen' }, { name: 'Charles E. Leiserson' }],
        publishers: [{ name: 'MIT Press' }],
        publish_date: 'July 2009',
      },
    });
    expect(await json('add', '0-262-03384-4')).toEqual({
      book: {
        id: 1,
        isbn: CLRS,
        title: 'Introduction to algorithms',
        authors: ['Thomas H. Cormen', 'Charles E. Leiserson'],
        publisher: 'MIT Press',
        year: 2009,
        copies: 1,
        available: 1,
      },
      isNew: true,
      added: 1,
    });
  });

  test('further copies, without asking again', async () => {
    const asked = service.asked.length;
    expect(await json('add', CLRS, '--copies', '2')).toMatchObject({
      isNew: false,
      added: 2,
      book: { copies: 3 },
    });
    expect(service.asked).toHaveLength(asked);
  });

  test('what is said by hand counts more than the service', async () => {
    service.answer = JSON.stringify({
      'ISBN:9783161484100': { title: 'As the service has it', publish_date: '1999' },
    });
    const byHand = ['--title', 'By hand', '--author', '山田太郎', '--author', 'B. Second'];
    expect(await json('add', '9783161484100', ...byHand)).toMatchObject({
      book: { title: 'By hand', authors: ['山田太郎', 'B. Second'], year: 1999 },
    });
  });

  test('by hand alone, when the service does not know it or is down', async () => {
    service.answer = '{}';
    const unknown = await library('add', '9780306406157');
    expect(unknown).toMatchObject({ status: 4, stdout: '' });
    expect(unknown.stderr).toContain('--title');

    service.answer = (_request, response) => void response.writeHead(500).end();
    const down = await library('add', '9780306406157');
    expect(down).toMatchObject({ status: 5, stdout: '' });
    expect(down.stderr).toContain(service.url);
    expect(down.stderr).toContain('--title');

    const byHand = await library('add', '9780306406157', '--title', 'A\u200fB', '--json');
    expect(byHand.status).toBe(0);
    expect(byHand.stderr).toContain('does not answer');
    expect(JSON.parse(byHand.stdout)).toMatchObject({ book: { title: 'A\u200fB' } });

    const asked = service.asked.length;
    const all = ['--title', 'T', '--author', 'A', '--publisher', 'P', '--year', '2001'];
    await json('add', '9781234567897', ...all);
    expect(service.asked).toHaveLength(asked);
  });

  test('a wrong check digit, and other mistakes', async () => {
    for (const wrong of [
      ['add', '978-0-262-03384-9'],
      ['add', 'nonsense'],
      ['add', CLRS, '--copies', '0'],
      ['add', CLRS, '--title', 'A', '--title', 'B'],
      ['checkout', '978-0-262-03384-9', 'ctdalek'],
      ['search', '--isbn', '0262033845'],
      ['checkout', CLRS],
    ]) {
      const outcome = await library(...wrong);
      expect({ wrong, ...outcome }).toMatchObject({ wrong, status: 2, stdout: '' });
    }
    expect((await library('add', '978-0-262-03384-9')).stderr).toContain('check digit');
  });
});

describe('search', () => {
  test('for people', async () => {
    expect((await library('search')).stdout).toMatchInlineSnapshot(`
     "No.  ISBN           Here    Year  Title                       Authors
     3    9780306406157  1 of 1        A\\u{200f}B
     2    9783161484100  1 of 1  1999  By hand                     山田太郎, B. Second
     1    9780262033848  3 of 3  2009  Introduction to algorithms  Thomas H. Cormen, Charles E. Leiserson
     4    9781234567897  1 of 1  2001  T                           A
     "
    `);
    const none = await library('search', 'no such book');
    expect(none).toMatchObject({ status: 0, stdout: '', stderr: 'No book is like that.\n' });
  });

  test('for programs', async () => {
    const found = await json('search', 'cormen ALGO');
    expect(found).toMatchObject({ books: [{ id: 1, isbn: CLRS, available: 3 }] });
    expect(await json('search', '--author', '山田')).toMatchObject({ books: [{ id: 2 }] });
    expect(await json('search', "'; DROP TABLE book; --")).toEqual({ books: [] });
  });
});

describe('checkout and return', () => {
  test('a member, by ISBN and by number', async () => {
    const { stdout, status } = await library('checkout', '0-262-03384-4', 'ctdalek');
    expect({ status, stdout: masked(stdout) }).toEqual({
      status: 0,
      stdout: 'ctdalek has “Introduction to algorithms” until YYYY-MM-DD.\n',
    });
    expect(await json('checkout', '1', 'nobody1')).toMatchObject({
      loan: { book: { id: 1, isbn: CLRS }, username: 'nobody1', returned: null },
    });
    expect(await json('search', '--borrower', 'ctdalek')).toMatchObject({
      books: [{ id: 1, copies: 3, available: 1 }],
    });
    expect(masked((await library('out')).stdout)).toMatchInlineSnapshot(`
     "Who      Since       Due         No.  Title
     ctdalek  YYYY-MM-DD  YYYY-MM-DD  1    Introduction to algorithms
     nobody1  YYYY-MM-DD  YYYY-MM-DD  1    Introduction to algorithms
     "
    `);
    expect((await library('checkout', '1', 'ctdalek')).status).toBe(9);

    const whose = await library('return', '1');
    expect(whose.status).toBe(2);
    expect(whose.stderr).toMatch(/ctdalek .*nobody1/);
    expect((await library('return', '1', 'nobody1')).stdout).toBe(
      'nobody1 has returned “Introduction to algorithms”.\n',
    );
    expect((await library('return', CLRS)).status).toBe(0);
    expect((await library('return', CLRS)).status).toBe(4);
  });

  test('no copy is left', async () => {
    await json('checkout', '9781234567897', 'nobody1');
    const refused = await library('checkout', '9781234567897', 'ctdalek');
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toContain('nobody1');
    await json('return', '9781234567897');
  });

  test('unknown books and people', async () => {
    expect((await library('checkout', '9791090636071', 'ctdalek')).status).toBe(4);
    expect((await library('checkout', '12345', 'ctdalek')).status).toBe(4);
    expect((await library('checkout', CLRS, 'nosuchuser')).status).toBe(4);
    expect((await library('checkout', CLRS, 'chessclub')).status).toBe(3);
    expect(await json('out')).toEqual({ loans: [] });
  });

  test('only who is registered this term borrows; who is not any more may return', async () => {
    // An account without terms, as it is when its first registration failed.
    const request = {
      type: 1,
      username: 'unpaid1',
      realname: 'Not Paid',
      password: 'correct-horse',
    };
    expect(await send('ctdalek', 'adduser', request)).toMatchObject({ status: 0 });
    const refused = await library('checkout', CLRS, 'unpaid1');
    expect(refused).toMatchObject({ status: 3, stdout: '' });
    expect(refused.stderr).toContain(`unpaid1 is not registered for ${term}`);
    expect(refused.stderr).toContain('ceo members renew unpaid1');

    // What the message says is what helps.
    await runAs('ctdalek', ['ceo', 'members', 'renew', 'unpaid1']);
    await json('checkout', CLRS, 'unpaid1');
    const dn = `uid=unpaid1,ou=People,${variable('LDAP_BASE')}`;
    const change = `dn: ${dn}\nchangetype: modify\nreplace: term\nterm: w2001\n`;
    const modify = ['ldapmodify', '-Q', '-Y', 'GSSAPI', '-H', variable('LDAP_URI')] as const;
    expect(await runAs('sysadmin1', modify, { input: change })).toMatchObject({ status: 0 });
    expect(await ldapsearch('(uid=unpaid1)', 'term')).toContain('term: w2001');
    await json('return', CLRS, 'unpaid1');
    expect((await library('checkout', CLRS, 'unpaid1')).status).toBe(3);

    await runAs('ctdalek', ['ceo', 'members', 'renew', 'unpaid1', '--club-rep']);
    await json('checkout', CLRS, 'unpaid1');
    await json('return', CLRS);
  });

  test('overdue, after as many days as library.cf says', async () => {
    await json('checkout', CLRS, 'ctdalek');
    await database.sql("UPDATE signout SET outdate = '2020-02-20' WHERE indate IS NULL");
    expect((await library('overdue')).stdout).toMatchInlineSnapshot(`
     "Who      Since       Due         No.  Title
     ctdalek  2020-02-20  2020-03-05  1    Introduction to algorithms
     "
    `);
    expect(await json('overdue')).toEqual({
      loans: [
        {
          book: { id: 1, isbn: CLRS, title: 'Introduction to algorithms' },
          username: 'ctdalek',
          out: '2020-02-20',
          due: '2020-03-05',
          returned: null,
        },
      ],
    });
    const longer = await ownLibrary(
      `library_connect_string = ${database.connectString}\nlibrary_loan_days = 30`,
    );
    expect((await libraryIn(longer, 'overdue')).stdout).toContain('2020-03-21');
    await json('return', CLRS);
    expect(await library('overdue')).toMatchObject({ status: 0, stderr: 'Nothing is overdue.\n' });
  });
});

describe('without a database', () => {
  const PASSWORD = 'no-secret-shown';

  test('PostgreSQL is down: 5, and what to look at', async () => {
    const away = `postgres://ceo:${PASSWORD}@/library?host=/nonexistent`;
    const outcome = await libraryIn(await ownLibrary(`library_connect_string = ${away}`), 'search');
    expect(outcome).toMatchObject({ status: 5, stdout: '' });
    expect(outcome.stderr).toContain('library.cf');
    expect(outcome.stderr).not.toContain(PASSWORD);
  });

  test('it listens and says nothing: 5, in time', async () => {
    const socket = path.join(folder, 'hosts', `mute-${process.pid}`);
    await mkdir(socket);
    const mute = createServer((connection) => connection.on('error', () => undefined));
    await new Promise<void>((resolve) => mute.listen(path.join(socket, '.s.PGSQL.5432'), resolve));
    const string = `postgres://ceo:${PASSWORD}@/library?host=${socket}`;
    const outcome = await libraryIn(
      await ownLibrary(`library_connect_string = ${string}`),
      'search',
    );
    mute.close();
    expect(outcome).toMatchObject({ status: 5, stdout: '' });
  });

  test('it does not let us in: 10, without the password', async () => {
    const string = database.connectString.replace(/:\w+@/, `:${PASSWORD}@`);
    const outcome = await libraryIn(await ownLibrary(`library_connect_string = ${string}`), 'out');
    expect(outcome).toMatchObject({ status: 10, stdout: '' });
    expect(outcome.stderr).not.toContain(PASSWORD);
  });

  test('library.cf is not there, or wrong: 10, and what to write', async () => {
    const absent = await ownLibrary('');
    const outcome = await libraryIn(absent, 'search');
    expect(outcome).toMatchObject({ status: 10, stdout: '' });
    expect(outcome.stderr).toContain(`${absent}/library.cf`);
    expect(outcome.stderr).toContain('library_connect_string');

    const wrong = await libraryIn(await ownLibrary(`library_connect_string = ${PASSWORD}`), 'out');
    expect(wrong.status).toBe(10);
    expect(wrong.stderr).toContain('library.cf:1: library_connect_string: expected');
    expect(wrong.stderr).not.toContain(PASSWORD);
    const odd = await ownLibrary(`library_connect_string = postgres://a:${PASSWORD}@[/b`);
    const unreadable = await libraryIn(odd, 'out');
    expect(unreadable.status).toBe(10);
    expect(unreadable.stderr).not.toContain(PASSWORD);
  });
});

test('the database client is loaded by those who need it alone', async () => {
  const loaded = (...args: string[]) =>
    packagesLoadedBy('ctdalek', ['ceo', ...args], { CEO_CONFIG_DIR: dir });
  expect(await loaded('--help')).not.toContain('pg');
  expect(await loaded('library', '--help')).not.toContain('pg');
  expect(await loaded('library', 'out')).toContain('pg');
});
