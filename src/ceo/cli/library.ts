/** `ceo library`. */
import type { Book, Loan } from '../../library/catalogue.js';
import type { Terminal } from '../terminal.js';
import { command } from './command.js';
import { jsonFlag } from './flags.js';
import { report } from './result.js';
import { printTable } from './table.js';

const load = () => import('../actions/library.js');

const MAX_COPIES = 100;

const book = { usage: 'its ISBN, or its number in the library' };

const librarySearch = command({
  name: 'search',
  usage: 'find books; every book, if nothing is said',
  arguments: { text: { usage: 'an ISBN, or words of the title and the authors', optional: true } },
  flags: {
    title: { type: 'string', usage: 'a part of the title' },
    isbn: { type: 'string', usage: 'an ISBN' },
    author: { type: 'string', usage: 'a part of the name of an author' },
    borrower: { type: 'string', usage: 'the username of who has it now' },
    ...jsonFlag,
  },
  examples: [
    { command: "ceo library search 'knuth programming'", usage: 'words, in any order' },
    { command: 'ceo library search --borrower alice', usage: 'what she has' },
  ],
  async action({ text, title, isbn, author, borrower }, context) {
    const { terminal } = context;
    const [{ searchBooks }, { parseIsbn }] = await Promise.all([
      load(),
      import('../../library/isbn.js'),
    ]);
    const number = isbn === undefined ? undefined : parseIsbn(isbn);
    const books = await searchBooks(context, { text, title, isbn: number, author, borrower });
    return report({ books }, () => {
      if (books.length === 0) terminal.note('No book is like that.');
      printBooks(terminal, books);
    });
  },
});

const libraryAdd = command({
  name: 'add',
  usage: 'add a book, or further copies of one',
  arguments: { isbn: { usage: 'the ISBN; the book service knows the rest, or the flags say it' } },
  flags: {
    title: { type: 'string', usage: 'the title' },
    author: { type: 'strings', usage: 'an author; may be given several times' },
    publisher: { type: 'string', usage: 'the publisher' },
    year: { type: 'integer', usage: 'the year of publication', min: 1000, max: 9999 },
    copies: { type: 'integer', usage: 'how many copies', default: 1, min: 1, max: MAX_COPIES },
    ...jsonFlag,
  },
  examples: [
    { command: 'ceo library add 978-0-262-03384-8', usage: 'described by the book service' },
    {
      command: "ceo library add 0-262-03384-4 --title 'Introduction to Algorithms'",
      usage: 'described by hand',
    },
  ],
  changes: true,
  load,
  async action({ isbn, title, author: authors, publisher, year, copies }, context, { addBook }) {
    const { terminal } = context;
    const byHand = { title, authors, publisher, year };
    const { warning, ...result } = await addBook(context, isbn, byHand, copies);
    if (warning !== undefined) terminal.note(`Described by hand alone: ${warning}`);
    return report(result, () => {
      terminal.print(result.isNew ? 'Added:' : 'The library has this one: copies added.');
      printBooks(terminal, [result.book]);
    });
  },
});

const libraryCheckout = command({
  name: 'checkout',
  usage: 'sign a book out to somebody who is registered this term',
  arguments: { book, username: { usage: 'who takes it' } },
  flags: jsonFlag,
  examples: [{ command: 'ceo library checkout 9780262033848 alice', usage: 'for two weeks' }],
  changes: true,
  load,
  async action({ book, username }, context, { checkoutBook }) {
    const loan = await checkoutBook(context, book, username);
    return report({ loan }, () => {
      context.terminal.print(`${username} has “${loan.book.title}” until ${loan.due ?? '?'}.`);
    });
  },
});

const libraryReturn = command({
  name: 'return',
  usage: 'take a book back',
  arguments: {
    book,
    username: { usage: 'who had it; needed if several people have one', optional: true },
  },
  flags: jsonFlag,
  changes: true,
  load,
  async action({ book, username }, context, { returnBook }) {
    const loan = await returnBook(context, book, username);
    return report({ loan }, () => {
      context.terminal.print(`${loan.username} has returned “${loan.book.title}”.`);
    });
  },
});

const libraryOverdue = command({
  name: 'overdue',
  usage: 'list what should be back by now, and is not',
  flags: jsonFlag,
  load,
  async action(_values, context, { overdueBooks }) {
    const loans = await overdueBooks(context);
    return report({ loans }, () => {
      if (loans.length === 0) context.terminal.note('Nothing is overdue.');
      printLoans(context.terminal, loans);
    });
  },
});

const libraryOut = command({
  name: 'out',
  usage: 'list what is signed out, and to whom',
  flags: jsonFlag,
  load,
  async action(_values, context, { booksOut }) {
    const loans = await booksOut(context);
    return report({ loans }, () => {
      if (loans.length === 0) context.terminal.note('Nothing is signed out.');
      printLoans(context.terminal, loans);
    });
  },
});

export const library = command({
  name: 'library',
  usage: "the library's books and who has them",
  subcommands: [
    librarySearch,
    libraryAdd,
    libraryCheckout,
    libraryReturn,
    libraryOverdue,
    libraryOut,
  ],
});

function printBooks(terminal: Terminal, books: readonly Book[]): void {
  printTable(
    terminal,
    ['No.', 'ISBN', 'Here', 'Year', 'Title', 'Authors'],
    books.map(({ id, isbn, title, authors, year, copies, available }) => [
      String(id),
      isbn ?? '',
      `${available} of ${copies}`,
      String(year ?? ''),
      title,
      authors.join(', '),
    ]),
  );
}

function printLoans(terminal: Terminal, loans: readonly Loan[]): void {
  printTable(
    terminal,
    ['Who', 'Since', 'Due', 'No.', 'Title'],
    loans.map(({ username, out, due, book }) => [
      username,
      out ?? '',
      due ?? '',
      String(book.id),
      book.title,
    ]),
  );
}
