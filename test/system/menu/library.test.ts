/** Promise: Library in the menu lends, takes back, finds and adds books, and says on the spot what cannot be. */
import { randomBytes } from 'node:crypto';
import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import stringWidth from 'fast-string-width';
import {
  ownDatabase,
  ownLibrary,
  startBookService,
  type BookService,
  type OwnDatabase,
} from '../../support/library.js';
import { choose, enter, focusIsOn, openMenu } from '../../support/menu.js';
import { addPeople } from '../../support/people.js';
import { folder, runAs } from '../../support/realm.js';
import type { Screen } from '../../support/tmux.js';

const CLRS = '9780262033848';

let database: OwnDatabase;
let service: BookService;
let screen: Screen;
let CEO_CONFIG_DIR: string;

beforeAll(async () => {
  [database, service] = await Promise.all([ownDatabase(), startBookService()]);
  CEO_CONFIG_DIR = await ownLibrary(
    `library_connect_string = "${database.connectString}"\nbook_service_url = ${service.url}`,
  );
  await addPeople([{ username: 'zlib1', realname: 'Not Registered', id: 64_001 }]);
  // The tables are made by whoever comes first.
  await runAs('ctdalek', ['ceo', 'library', 'search'], { env: { CEO_CONFIG_DIR } });
});
afterAll(() => service.stop());
afterEach(() => screen.close());

async function openLibrary(item: string, env = { CEO_CONFIG_DIR }): Promise<void> {
  screen = await openMenu('ctdalek', { env });
  await choose(screen, 'Library');
  await go(item);
}

/** In the library's menu; one at a time, for several begin with the same letter. */
async function go(item: string): Promise<void> {
  await screen.shows('Books come and go');
  await screen.press('Home');
  await screen.shows('❯ Check Out');
  for (const each of ITEMS.slice(1, ITEMS.indexOf(item) + 1)) {
    await screen.press('Down');
    await screen.shows(`❯ ${each}`);
  }
  await screen.press('Enter');
  await screen.shows(/^(?![^]*Books come and go)/);
}
const ITEMS = ['Check Out', 'Return', 'Overdue', 'Signed Out', 'Search', 'Add'];

/** Through the review of a wizard to what it came to. */
async function confirm(outcome: string | RegExp): Promise<string> {
  await screen.shows('Is this right?');
  await screen.press('Enter');
  return screen.shows(outcome);
}

async function restart(): Promise<void> {
  await database.sql('TRUNCATE signout, author_book, author, book RESTART IDENTITY CASCADE');
}

async function addBook(title: string, copies = 1): Promise<void> {
  await database.sql(`INSERT INTO book (title, copies) VALUES ($$${title}$$, ${copies})`);
}

test('a new book as the book service has it, further copies, one by hand', async () => {
  await restart();
  service.answer = JSON.stringify({
    [`ISBN:${CLRS}`]: {
      title: 'Introduction to algorithms',
      authors: [{ name: 'Thomas H. Cormen' }, { name: 'Charles E. Leiserson' }],
      publishers: [{ name: 'MIT Press' }],
      publish_date: 'July 2009',
    },
  });
  await openLibrary('Add');
  await enter(screen, 'ISBN', '978-0-262-03384-9');
  await screen.shows('✗');
  await screen.shows('check digit');
  await enter(screen, 'ISBN', '978-0-262-03384-8');
  const form = await screen.shows('As the book service has it.');
  expect(form).toMatch(/Title +Introduction to algorithms\n.*Thomas H. Cormen; Charles E. Leis/);
  await screen.press('Enter', 'Enter', 'Enter');
  await focusIsOn(screen, 'Year');
  await screen.press('C-u');
  await screen.type('09');
  await screen.press('Enter');
  await screen.shows('A year has four digits.');
  await enter(screen, 'Year', '2009');
  await focusIsOn(screen, 'Copies');
  await screen.press('Enter');
  await confirm(/new book: number 1, “Introduction to algorithms”, 1 in\s+all\./);

  // Nothing but the number is asked for what the library has.
  await screen.type('a');
  await enter(screen, 'ISBN', '0262033844');
  const known = await screen.shows('copies are added');
  expect(known).not.toMatch(/^ *❯? *Title/m);
  await focusIsOn(screen, 'Copies');
  await screen.press('Right');
  await screen.shows(/❯ Copies +2/);
  await screen.press('Enter');
  await screen.shows(/Further copies +2/);
  await confirm(/3 in\s+all/);

  service.answer = '{}';
  await screen.type('a');
  await enter(screen, 'ISBN', '9780306406157');
  await screen.shows('The book service does not know that ISBN.');
  await screen.press('Enter');
  await screen.shows('This is needed.');
  await enter(screen, 'Title', '山田の本');
  await enter(screen, 'Authors', '山田太郎; B. Second');
  await enter(screen, 'Publisher', '');
  await enter(screen, 'Year', '');
  await focusIsOn(screen, 'Copies');
  await screen.press('Enter');
  await screen.shows(/Authors +山田太郎, B. Second/);
  await confirm(/number 2, “山田の本”, 1 in\s+all\./);
  expect(await database.sql('SELECT title, copies FROM book ORDER BY id')).toBe(
    'Introduction to algorithms|3\n山田の本|1',
  );
});

test('checked out to those who may, and returned', async () => {
  await restart();
  await addBook('Once', 1);
  await addBook('Twice', 2);
  await openLibrary('Check Out');
  for (const [book, problem] of [
    ['77', 'The library has no book 77.'],
    [CLRS, `The library has no book with ISBN ${CLRS}.`],
    ['nonsense', 'nonsense is no ISBN.'],
  ] as const) {
    await enter(screen, 'Book', book);
    await screen.shows(`✗ ${problem}`);
  }
  await enter(screen, 'Book', '1');
  await screen.shows('“Once”: 1 of 1 here.');
  for (const [username, problem] of [
    ['nosuch', 'There is no account nosuch.'],
    ['zlib1', 'zlib1 is not registered for'],
    ['chessclub', 'chessclub is a club: books are lent to people.'],
  ] as const) {
    await enter(screen, 'Username', username);
    await screen.shows(`✗ ${problem}`);
  }
  await enter(screen, 'Username', 'nobody1');
  await screen.shows('Is this right?');
  await screen.press('Escape');
  expect(await focusIsOn(screen, 'Username')).toContain('nobody1');
  await screen.press('Enter');
  await confirm(/nobody1 has “Once” until \d{4}-\d\d-\d\d\./);

  await screen.type('a');
  await enter(screen, 'Book', '1');
  await screen.shows('No copy of “Once” is left: signed out to nobody1.');
  await enter(screen, 'Book', '2');
  await enter(screen, 'Username', 'nobody1');
  await confirm('nobody1 has “Twice”');
  await screen.type('a');
  await enter(screen, 'Book', '2');
  await enter(screen, 'Username', 'nobody1');
  await screen.shows('✗ nobody1 has “Twice” already.');
  await enter(screen, 'Username', 'ctdalek');
  await confirm('ctdalek has “Twice”');
  await screen.press('Enter');

  await go('Return');
  await enter(screen, 'Book', '1');
  await screen.shows(/❯ Username +nobody1[^]*signed out to nobody1/);
  await screen.press('Enter');
  await confirm('nobody1 has returned “Once”.');
  await screen.type('a');
  await enter(screen, 'Book', '1');
  await screen.shows('✗ Nobody has “Once”.');
  // Several people have it: one is asked for, and what was suggested before is gone.
  await enter(screen, 'Book', '2');
  await screen.shows(/❯ Username *\n[^]*signed out to nobody1, ctdalek/);
  await enter(screen, 'Username', 'sysadmin1');
  await screen.shows('✗ sysadmin1 does not have “Twice”.');
  await enter(screen, 'Username', 'c');
  await focusIsOn(screen, 'Username');
  await screen.press('Tab');
  await screen.shows(/❯ Username +ctdalek/);
  await screen.press('Enter');
  await confirm('ctdalek has returned “Twice”.');
  expect(await database.sql('SELECT book_id, username FROM signout WHERE indate IS NULL')).toBe(
    '2|nobody1',
  );
});

test('found, shown, checked out and taken back from the list', async () => {
  await restart();
  await addBook('Esc \u001b[2J\u001b[31mred');
  await addBook('日本語の本');
  await addBook('plain');
  await database.sql(
    "INSERT INTO book (title, copies) SELECT 'Volume ' || number, 1 FROM generate_series(1, 60) number",
  );
  await database.sql(
    "INSERT INTO author (name) VALUES ('AUTHOR'); INSERT INTO author_book (author_id, book_id, position) SELECT 1, id, 1 FROM book",
  );
  await openLibrary('Search');
  await focusIsOn(screen, 'Words');
  await screen.press('Enter', 'Enter');
  const list = await screen.shows('Esc \\u{1b}[2J\\u{1b}[31mred');
  const starts = list
    .split('\n')
    .filter((line) => line.includes('AUTHOR'))
    .map((line) => stringWidth(line.slice(0, line.indexOf('AUTHOR'))));
  expect(new Set(starts).size).toBe(1);
  await screen.press('End');
  const end = await screen.shows(/❯ 2 +1 of 1 +日本語の本 +AUTHOR/);
  expect(end).toContain('Volume 9');

  await screen.type('/');
  await screen.type('volume 15');
  await screen.shows('2 of 63');
  await screen.press('Down');
  await screen.shows(/❯ 18 .*Volume 15/);
  await screen.type('c');
  await enter(screen, 'Username', 'nobody1');
  await confirm('nobody1 has “Volume 15”');
  await screen.press('Enter');
  await screen.shows(/❯ 18 +0 of 1 [^]*2 of 63/);
  await screen.press('Enter');
  await screen.shows(/Signed out to +nobody1 \(due /);
  await screen.type('r');
  await screen.shows(/❯ Username +nobody1/);
  await screen.press('Enter');
  await confirm('nobody1 has returned “Volume 15”.');
  await screen.press('Enter');
  const shown = await screen.shows(/Here +1 of 1/);
  expect(shown).not.toContain('r return');
  await screen.press('Escape');
  await screen.shows(/❯ 18 +1 of 1 /);
  await screen.press('Escape');
  await screen.shows(/^ +63$/m);
  await screen.press('Escape');
  await focusIsOn(screen, 'Who has it');
  await screen.press('Up');
  await enter(screen, 'Words', 'no such book');
  await focusIsOn(screen, 'Who has it');
  await screen.press('Enter');
  await screen.shows('No book is like that.');
});

test('overdue, signed out, and taken back from there', async () => {
  await restart();
  await addBook('Late');
  await addBook('Fresh');
  await database.sql(
    "INSERT INTO signout (username, book_id, outdate) VALUES ('gone1', 1, '2020-02-20'), ('nobody1', 2, CURRENT_DATE)",
  );
  await openLibrary('Overdue');
  const overdue = await screen.shows(/❯ gone1 +2020-02-20 +2020-03-05 +1 +Late/);
  expect(overdue).not.toContain('Fresh');
  await screen.press('Escape');
  await go('Signed Out');
  await screen.shows(/❯ gone1[^]* nobody1 .*Fresh/);
  await screen.press('Enter');
  await screen.shows(/Book +Late\n +Who had it +gone1/);
  // What has been returned is not returned again.
  const text = await confirm('gone1 has returned “Late”.');
  expect(text).not.toContain('another one');
  await screen.press('Enter');
  await screen.shows(/❯ nobody1/);
  await screen.press('Escape');
  await go('Overdue');
  await screen.shows('Nothing is overdue.');
});

test('PostgreSQL is down, and comes back', async () => {
  await restart();
  await addBook('Once');
  const link = path.join(folder, 'hosts', `pg-${randomBytes(4).toString('hex')}`);
  const [, sockets = ''] = /host=([^&]*)/.exec(database.connectString) ?? [];
  const away = database.connectString.replace(`host=${sockets}`, `host=${link}`);
  await openLibrary('Signed Out', {
    CEO_CONFIG_DIR: await ownLibrary(`library_connect_string = "${away}"`),
  });
  const text = await screen.shows("The library's database does not answer");
  expect(text).toContain('Is PostgreSQL running');
  await screen.press('Escape');
  await go('Return');
  await enter(screen, 'Book', '1');
  await screen.shows("✗ The library's database does not answer");
  await screen.press('Escape');
  await go('Signed Out');
  await screen.shows('Enter try again');
  await symlink(sockets, link);
  await screen.press('Enter');
  await screen.shows('Nothing is signed out.');

  // A connection that was lost meanwhile is no trouble.
  await database.sql(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );
  await screen.press('Escape');
  await go('Return');
  await enter(screen, 'Book', '1');
  await screen.shows('✗ Nobody has “Once”.');
});
