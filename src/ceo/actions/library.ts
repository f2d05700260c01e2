/** The library: looking for books, adding them, signing them out and in. */
import { formatTerm, termOf } from '../../directory/terms.js';
import { CeoError } from '../../errors.js';
import type { BookDetails } from '../../library/bookservice.js';
import type { Book, BookRef, Criteria, Loan, Stock } from '../../library/catalogue.js';
import { parseIsbn, type Isbn } from '../../library/isbn.js';
import { shellWord } from '../../shellWord.js';
import type { Context } from '../context.js';
import type { UnderWay } from '../underWay.js';

/** What a person says of a book; it counts more than what the book service says. */
export interface ByHand {
  readonly title: string | undefined;
  /** None: as the service says. */
  readonly authors: readonly string[];
  readonly publisher: string | undefined;
  readonly year: number | undefined;
}

export interface AddResult {
  readonly book: Book;
  /** False: further copies of a book that the library had. */
  readonly isNew: boolean;
  /** How many copies came now. */
  readonly added: number;
  /** Why the book service told nothing, although it was asked. */
  readonly warning: string | undefined;
}

/** An ISBN, or the library's own number, which has nine digits at most. @throws CeoError usage */
export function parseBookRef(text: string): BookRef {
  return /^[1-9]\d{0,8}$/.test(text) ? { id: Number(text) } : { isbn: parseIsbn(text) };
}

export async function searchBooks(context: Context, criteria: Criteria): Promise<Book[]> {
  return (await context.library()).catalogue.search(criteria);
}

/**
 * Adds copies of a book. One that is new is described by the book service and by
 * hand; one that the library has stays as it is described.
 * @throws CeoError usage: no ISBN; not_found, unreachable: nobody says its title
 */
export async function addBook(
  context: Context,
  isbnText: string,
  byHand: ByHand,
  copies: number,
): Promise<AddResult> {
  const isbn = parseIsbn(isbnText);
  const { catalogue, askBookService } = await context.library();
  const underWay = {
    what: `the addition of ${isbn}`,
    check: `Check with: ceo library search ${isbn}`,
  };
  const known = await context.change(underWay, () => catalogue.addCopies(isbn, copies));
  if (known !== undefined) {
    return { book: known, isNew: false, added: copies, warning: undefined };
  }
  const { details, problem } = isComplete(byHand)
    ? { details: undefined, problem: undefined }
    : await ask(askBookService, isbn);
  const title = byHand.title ?? details?.title;
  if (title === undefined) {
    throw new CeoError(problem?.code ?? 'not_found', problem?.message ?? NOT_KNOWN, {
      next: `Describe it by hand: ceo library add ${isbn} --title … --author …`,
      cause: problem,
    });
  }
  const described = {
    isbn,
    title,
    authors: byHand.authors.length > 0 ? byHand.authors : (details?.authors ?? []),
    publisher: byHand.publisher ?? details?.publisher ?? null,
    year: byHand.year ?? details?.year ?? null,
  };
  const { book, isNew } = await context.change(underWay, () => catalogue.add(described, copies));
  return { book, isNew, added: copies, warning: problem?.message };
}

const NOT_KNOWN = 'The book service does not know that ISBN.';

const isComplete = ({ title, authors, publisher, year }: ByHand) =>
  title !== undefined && authors.length > 0 && publisher !== undefined && year !== undefined;

async function ask(
  askBookService: (isbn: Isbn) => Promise<BookDetails | undefined>,
  isbn: Isbn,
): Promise<{ details?: BookDetails | undefined; problem?: CeoError }> {
  try {
    const details = await askBookService(isbn);
    return details ? { details } : { problem: new CeoError('not_found', NOT_KNOWN) };
  } catch (error) {
    if (error instanceof CeoError) return { problem: error };
    throw error;
  }
}

/**
 * @throws CeoError usage; not_found: the book, or the account; denied: not
 *   registered this term; exists: they have it; failed: no copy is left
 */
export async function checkoutBook(
  context: Context,
  bookText: string,
  username: string,
): Promise<Loan> {
  const ref = parseBookRef(bookText);
  await expectRegistered(context, username);
  const { catalogue } = await context.library();
  return context.change(loanOf(username), () => catalogue.checkout(ref, username));
}

const loanOf = (username: string | undefined): UnderWay => ({
  what: 'the loan',
  check:
    username === undefined
      ? 'Check with: ceo library out'
      : `Check with: ceo library search --borrower ${shellWord(username)}`,
});

/** How many copies are here, and who has the others. @throws CeoError usage, not_found */
export async function stockOf(context: Context, bookText: string): Promise<Stock> {
  const ref = parseBookRef(bookText);
  return (await context.library()).catalogue.stock(ref);
}

/** What is known of a book that is to be added. */
export interface Description {
  /** Whether the library has it. */
  readonly known: boolean;
  readonly details: Partial<Book> | BookDetails | undefined;
  /** Why the book service told nothing. */
  readonly warning: string | undefined;
}

/** @throws CeoError usage: no ISBN */
export async function describeBook(context: Context, isbnText: string): Promise<Description> {
  const isbn = parseIsbn(isbnText);
  const { catalogue, askBookService } = await context.library();
  const [book] = await catalogue.search({ isbn });
  if (book !== undefined) return { known: true, details: book, warning: undefined };
  const { details, problem } = await ask(askBookService, isbn);
  return { known: false, details, warning: problem?.message };
}

/** Whoever has a book may bring it back, registered or not. @throws CeoError usage, not_found */
export async function returnBook(
  context: Context,
  bookText: string,
  username: string | undefined,
): Promise<Loan> {
  const ref = parseBookRef(bookText);
  const { catalogue } = await context.library();
  return context.change(loanOf(username), () => catalogue.return(ref, username));
}

export async function overdueBooks(context: Context): Promise<Loan[]> {
  return (await context.library()).catalogue.overdue();
}

export async function booksOut(context: Context): Promise<Loan[]> {
  return (await context.library()).catalogue.out();
}

/**
 * As a member or as a club representative: both are registered.
 * @throws CeoError not_found, denied
 */
export async function expectRegistered(context: Context, username: string): Promise<void> {
  const { kind, terms, nonMemberTerms } = await context.account(username);
  if (kind === 'club') {
    throw new CeoError('denied', `${username} is a club: books are lent to people.`);
  }
  const term = formatTerm(termOf(new Date()));
  if (terms.includes(term) || nonMemberTerms.includes(term)) return;
  throw new CeoError('denied', `${username} is not registered for ${term}, and may not borrow.`, {
    next: `To register: ceo members renew ${username}`,
  });
}
