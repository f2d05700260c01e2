/** Books, their copies, and who has them. Days are those of the database server. */
import { CeoError } from '../errors.js';
import { Database, type DatabaseOptions } from './database.js';
import { isbnOf, keyOf, type Isbn } from './isbn.js';
import { migrate } from './schema.js';

/** A day: `2026-05-31`. */
export type Day = string;

export interface Book {
  /** The library's own number for it. */
  readonly id: number;
  /** As 13 digits; as it was written down if that is no ISBN; null: none is known. */
  readonly isbn: string | null;
  readonly title: string;
  readonly authors: readonly string[];
  readonly publisher: string | null;
  readonly year: number | null;
  /** How many the library owns. */
  readonly copies: number;
  /** How many of them are not signed out. */
  readonly available: number;
}

export interface NewBook {
  readonly isbn: Isbn;
  readonly title: string;
  readonly authors: readonly string[];
  readonly publisher: string | null;
  readonly year: number | null;
}

/** A copy that somebody has, or had. */
export interface Loan {
  readonly book: Pick<Book, 'id' | 'isbn' | 'title'>;
  readonly username: string;
  /** Null only in old rows that do not say it. */
  readonly out: Day | null;
  readonly due: Day | null;
  readonly returned: Day | null;
}

/** A book, and who has those of its copies that are not here. */
export interface Stock {
  readonly book: Book;
  readonly loans: readonly Loan[];
}

/** Which book: by ISBN, or by the library's number. */
export type BookRef = { readonly isbn: Isbn } | { readonly id: number };

/** What is looked for; all of it must be true of a book. */
export interface Criteria {
  /** An ISBN, or words of which each is in the title or in an author's name. */
  readonly text?: string | undefined;
  /** A part of the title. */
  readonly title?: string | undefined;
  readonly isbn?: Isbn | undefined;
  /** A part of an author's name. */
  readonly author?: string | undefined;
  /** Who has a copy now. */
  readonly borrower?: string | undefined;
}

export interface CatalogueOptions extends DatabaseOptions {
  /** How many days a book is lent for. */
  readonly loanDays: number;
}

/** Numbers that nobody else uses for an advisory lock in this database. */
const ADD_LOCK = 0x63656f02;

export class Catalogue {
  private constructor(
    private readonly database: Database,
    private readonly loanDays: number,
  ) {}

  /** Connects, and brings the tables up to date. @throws CeoError unreachable, config, denied */
  static async open({ loanDays, ...options }: CatalogueOptions): Promise<Catalogue> {
    const database = await Database.open(options);
    try {
      await migrate(database);
    } catch (error) {
      await database.close();
      throw error;
    }
    return new Catalogue(database, loanDays);
  }

  /** False: the connection was lost. */
  get isOpen(): boolean {
    return this.database.isOpen;
  }

  close(): Promise<void> {
    return this.database.close();
  }

  /** In order of title; without criteria, every book. Case does not count. */
  async search(criteria: Criteria): Promise<Book[]> {
    const { conditions, values } = conditionsOf(criteria);
    return this.books(`WHERE ${['true', ...conditions].join(' AND ')}`, values);
  }

  /** Old tables have some ISBNs twice: these count as one book. @throws CeoError not_found */
  async stock(ref: BookRef): Promise<Stock> {
    const { condition, value } = whereIs(ref);
    const books = await this.books(`WHERE ${condition}`, [value], 'book.id');
    const [first] = books;
    if (first === undefined) throw unknown(ref);
    const sum = (count: (book: Book) => number) =>
      books.reduce((total, book) => total + count(book), 0);
    const copies = sum((book) => book.copies);
    const available = sum((book) => book.available);
    const loans = (await this.openLoans(books)).map(toLoan);
    return { book: { ...first, copies, available }, loans };
  }

  /** @throws CeoError not_found */
  async find(ref: BookRef): Promise<Book> {
    const { condition, value } = whereIs(ref);
    const [book] = await this.books(`WHERE ${condition}`, [value]);
    if (book === undefined) throw unknown(ref);
    return book;
  }

  /** More copies of a book. @returns undefined if the library does not have that ISBN */
  addCopies(isbn: Isbn, copies: number): Promise<Book | undefined> {
    return this.database.transaction(() => this.countCopies(isbn, copies));
  }

  /**
   * A book with its first copies. If somebody else has added that ISBN by now,
   * these are further copies of that book, which stays as it is.
   */
  async add(
    { isbn, title, authors, publisher, year }: NewBook,
    copies: number,
  ): Promise<{ readonly book: Book; readonly isNew: boolean }> {
    return this.database.transaction(async () => {
      await this.database.query('SELECT pg_advisory_xact_lock($1)', [ADD_LOCK]);
      const known = await this.countCopies(isbn, copies);
      if (known !== undefined) return { book: known, isNew: false };
      const id = await this.insert(
        `INSERT INTO book (isbn, title, year, publisher, copies)
          VALUES ($1, $2, $3, $4, $5) RETURNING id::integer`,
        [isbn, title, year, publisher, copies],
      );
      for (const [position, name] of [...new Set(authors)].entries()) {
        await this.database.query(
          'INSERT INTO author_book (author_id, book_id, position) VALUES ($1, $2, $3)',
          [await this.author(name), id, position],
        );
      }
      return { book: await this.find({ id }), isNew: true };
    });
  }

  /**
   * Signs a copy out. Whether the borrower may is for the caller to know.
   * @throws CeoError not_found; exists: they have one already; failed: none is left
   */
  async checkout(ref: BookRef, username: string): Promise<Loan> {
    return this.database.transaction(async () => {
      // Whoever wants the same book waits here: the last copy goes to one of them.
      // What is counted is a statement of its own, which sees what the other one did.
      const { condition, value } = whereIs(ref);
      await this.database.query(`SELECT FROM book WHERE ${condition} ORDER BY id FOR UPDATE`, [
        value,
      ]);
      const books = await this.books(`WHERE ${condition}`, [value], 'book.id');
      const [first] = books;
      if (first === undefined) throw unknown(ref);
      const loans = await this.openLoans(books);
      const theirs = loans.find((loan) => loan.username === username);
      if (theirs !== undefined) {
        throw new CeoError('exists', `${username} has “${first.title}” already.`, {
          next: `It is due on ${theirs.due ?? 'a day that is not known'}.`,
        });
      }
      const free = books.find(({ available }) => available > 0);
      if (free === undefined) {
        throw new CeoError('failed', `No copy of “${first.title}” is left.`, {
          next: holders(loans),
        });
      }
      const id = await this.insert(
        `INSERT INTO signout (username, book_id, outdate)
          VALUES ($1, $2, CURRENT_DATE) RETURNING id::integer`,
        [username, free.id],
      );
      return this.loan(id);
    });
  }

  /**
   * Takes a copy back.
   * @param username whose; needed if several people have one
   * @throws CeoError not_found: there is no such book, or nobody has it; usage: who?
   */
  async return(ref: BookRef, username?: string): Promise<Loan> {
    return this.database.transaction(async () => {
      const { condition, value } = whereIs(ref);
      await this.database.query(`SELECT FROM book WHERE ${condition} ORDER BY id FOR UPDATE`, [
        value,
      ]);
      const books = await this.books(`WHERE ${condition}`, [value]);
      const [first] = books;
      if (first === undefined) throw unknown(ref);
      const all = await this.openLoans(books);
      const loans = all.filter((loan) => username === undefined || loan.username === username);
      const [loan] = loans;
      if (loan === undefined) {
        const who = username ?? 'Nobody';
        throw new CeoError('not_found', `${who} has no copy of “${first.title}”.`, {
          ...(all.length > 0 && { next: holders(all) }),
        });
      }
      if (loans.some((other) => other.username !== loan.username)) {
        throw new CeoError('usage', `Several people have “${first.title}”.`, {
          next: `Say whose it is. ${holders(loans)}`,
        });
      }
      await this.database.query('UPDATE signout SET indate = CURRENT_DATE WHERE id = $1', [
        loan.id,
      ]);
      return this.loan(loan.id);
    });
  }

  /** Everything that is signed out, longest first. */
  async out(): Promise<Loan[]> {
    return (await this.loans('signout.indate IS NULL')).map(toLoan);
  }

  /** What should have been back yesterday or before, longest first. */
  async overdue(): Promise<Loan[]> {
    const late = 'signout.indate IS NULL AND signout.outdate::date + $1::integer < CURRENT_DATE';
    return (await this.loans(late)).map(toLoan);
  }

  private async countCopies(isbn: Isbn, copies: number): Promise<Book | undefined> {
    const [row] = await this.database.query<{ id: number }>(
      `UPDATE book SET copies = copies + $2
        WHERE id = (SELECT min(id) FROM book WHERE isbn_key = $1) RETURNING id::integer`,
      [keyOf(isbn), copies],
    );
    return row && this.find({ id: row.id });
  }

  private async books(
    where: string,
    values: readonly unknown[],
    order = 'lower(book.title), book.id',
  ): Promise<Book[]> {
    const rows = await this.database.query<BookRow>(
      `SELECT book.id::integer AS id, book.isbn::text AS isbn, book.title::text AS title,
        book.publisher::text AS publisher, book.year::text AS year, book.copies,
        (SELECT count(*) FROM signout
          WHERE signout.book_id = book.id AND signout.indate IS NULL)::integer AS out,
        ARRAY(SELECT author.name::text FROM author_book
          JOIN author ON author.id = author_book.author_id
          WHERE author_book.book_id = book.id AND author.name IS NOT NULL
          ORDER BY author_book.position NULLS FIRST, author.id) AS authors
      FROM book ${where} ORDER BY ${order}`,
      values,
    );
    return rows.map(toBook);
  }

  /** @param condition in which $1 is the days of a loan, $2 … the values */
  private loans(condition: string, values: readonly unknown[] = []): Promise<LoanRow[]> {
    return this.database.query<LoanRow>(
      `SELECT signout.id::integer AS id, signout.username::text AS username,
        book.id::integer AS book_id, book.isbn::text AS isbn, book.title::text AS title,
        signout.outdate::date::text AS out,
        (signout.outdate::date + $1::integer)::text AS due,
        signout.indate::date::text AS returned
      FROM signout JOIN book ON book.id = signout.book_id
      WHERE ${condition} ORDER BY signout.outdate, signout.id`,
      [this.loanDays, ...values],
    );
  }

  private openLoans(books: readonly Book[]): Promise<LoanRow[]> {
    return this.loans('signout.indate IS NULL AND book.id = ANY($2)', [books.map(({ id }) => id)]);
  }

  private async loan(id: number): Promise<Loan> {
    const [row] = await this.loans('signout.id = $2', [id]);
    if (row === undefined) throw new CeoError('failed', `The sign-out ${id} is gone.`);
    return toLoan(row);
  }

  /** The author of that name, made if there is none. */
  private async author(name: string): Promise<number> {
    const [author] = await this.database.query<{ id: number }>(
      'SELECT min(id)::integer AS id FROM author WHERE name = $1 HAVING count(*) > 0',
      [name],
    );
    const insert = 'INSERT INTO author (name) VALUES ($1) RETURNING id::integer';
    return author?.id ?? this.insert(insert, [name]);
  }

  private async insert(sql: string, values: readonly unknown[]): Promise<number> {
    const [row] = await this.database.query<{ id: number }>(sql, values);
    if (row === undefined) throw new CeoError('failed', 'The database kept no row.');
    return row.id;
  }
}

interface BookRow {
  readonly id: number;
  readonly isbn: string | null;
  readonly title: string | null;
  readonly publisher: string | null;
  readonly year: string | null;
  readonly copies: number;
  readonly out: number;
  readonly authors: readonly string[];
}

interface LoanRow {
  readonly id: number;
  readonly username: string;
  readonly book_id: number;
  readonly isbn: string | null;
  readonly title: string | null;
  readonly out: Day | null;
  readonly due: Day | null;
  readonly returned: Day | null;
}

/** Old rows have ISBNs as somebody typed them, and years as text. */
const toBook = ({ id, isbn, title, publisher, year, copies, out, authors }: BookRow): Book => ({
  id,
  isbn: isbn && (isbnOf(isbn) ?? isbn),
  title: title ?? '',
  authors: [...new Set(authors)],
  publisher,
  year: year !== null && /^\s*\d+\s*$/.test(year) ? Number(year) : null,
  copies,
  available: Math.max(0, copies - out),
});

const toLoan = ({ book_id, isbn, title, username, out, due, returned }: LoanRow): Loan => ({
  book: { id: book_id, isbn: isbn && (isbnOf(isbn) ?? isbn), title: title ?? '' },
  username,
  out,
  due,
  returned,
});

/** A condition in which $1 is the value. */
function whereIs(ref: BookRef): { condition: string; value: unknown } {
  return 'isbn' in ref
    ? { condition: 'book.isbn_key = $1', value: keyOf(ref.isbn) }
    : { condition: 'book.id = $1', value: ref.id };
}

function unknown(ref: BookRef): CeoError {
  return 'isbn' in ref
    ? new CeoError('not_found', `The library has no book with ISBN ${ref.isbn}.`, {
        next: `If it is on the shelf: ceo library add ${ref.isbn}`,
      })
    : new CeoError('not_found', `The library has no book ${ref.id}.`, {
        next: 'ceo library search shows the number of each book.',
      });
}

function holders(loans: readonly LoanRow[]): string {
  const each = loans.map(({ username, due }) => `${username} (due ${due ?? 'some day'})`);
  return `Signed out to ${each.join(', ')}.`;
}

function conditionsOf({ text, title, isbn, author, borrower }: Criteria) {
  const values: unknown[] = [];
  const value = (each: unknown) => `$${values.push(each)}`;
  // strpos knows no wildcards: whatever was typed stands for itself.
  const contains = (column: string, part: string) =>
    `strpos(lower(${column}), lower(${value(part)}::text)) > 0`;
  const hasTitle = (part: string) => contains('book.title::text', part);
  const hasAuthor = (part: string) =>
    `EXISTS (SELECT FROM author_book JOIN author ON author.id = author_book.author_id
      WHERE author_book.book_id = book.id AND ${contains('author.name::text', part)})`;
  const hasIsbn = (number: Isbn) => `book.isbn_key = ${value(keyOf(number))}`;

  const conditions: string[] = [];
  const textIsbn = text === undefined ? undefined : isbnOf(text);
  if (textIsbn !== undefined) conditions.push(hasIsbn(textIsbn));
  else {
    for (const word of text?.split(/\s+/).filter(Boolean) ?? [])
      conditions.push(`(${hasTitle(word)} OR ${hasAuthor(word)})`);
  }
  if (title !== undefined) conditions.push(hasTitle(title));
  if (isbn !== undefined) conditions.push(hasIsbn(isbn));
  if (author !== undefined) conditions.push(hasAuthor(author));
  if (borrower !== undefined) {
    conditions.push(`EXISTS (SELECT FROM signout WHERE signout.book_id = book.id
      AND signout.indate IS NULL AND signout.username = ${value(borrower)})`);
  }
  return { conditions, values };
}
