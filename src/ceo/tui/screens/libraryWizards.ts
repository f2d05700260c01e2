/** Library: books are signed out, come back, and are added. */
import type { Book, Stock } from '../../../library/catalogue.js';
import { parseIsbn } from '../../../library/isbn.js';
import {
  addBook,
  checkoutBook,
  describeBook,
  expectRegistered,
  returnBook,
  searchBooks,
  stockOf,
} from '../../actions/library.js';
import type { Context } from '../../context.js';
import { done, type Line } from '../components/Lines.js';
import type { Field, FormStep, Wizard } from '../wizard/wizard.js';
import { existing } from './fields.js';

interface LoanValues extends Record<string, string> {
  /** An ISBN, or the library's number. */
  readonly book: string;
  readonly title: string;
  readonly username: string;
}

/** What a wizard knows of a book that was chosen before it. */
type ChosenBook = Pick<Book, 'id' | 'title'>;

const initialOf = (book: ChosenBook | undefined, username: string): LoanValues => ({
  book: book === undefined ? '' : String(book.id),
  title: book?.title ?? '',
  username,
});

/** Asks for a book about which there is nothing to object. */
const whichBook = (objection: (stock: Stock) => string | undefined): FormStep<LoanValues> => ({
  heading: 'Which book?',
  fields: [
    {
      name: 'book',
      label: 'Book',
      hint: 'Its ISBN, or its number in the library.',
      check: async (book, _values, context) => objection(await stockOf(context, book.trim())),
    },
  ],
});

const holdersOf = ({ loans }: Stock) => loans.map(({ username }) => username);

function stateOf(stock: Stock): string {
  const { title, authors, copies, available } = stock.book;
  const by = authors.length === 0 ? '' : ` by ${authors.join(', ')}`;
  const holders = holdersOf(stock);
  const out = holders.length === 0 ? '' : `, signed out to ${holders.join(', ')}`;
  return `“${title}”${by}: ${available} of ${copies} here${out}.`;
}

/** @param book left out: it is asked for */
export const checkout = (book?: ChosenBook): Wizard<LoanValues> => ({
  title: 'Check Out',
  initial: initialOf(book, ''),
  changes: true,
  steps: [
    ...(book === undefined ? [whichBook(noneLeft)] : []),
    {
      heading: 'Who takes it?',
      load: {
        what: 'Looking for the book',
        async run(values, context) {
          const stock = await stockOf(context, values.book.trim());
          return { values: { title: stock.book.title }, notes: [stateOf(stock)] };
        },
      },
      fields: [{ ...existing, check: borrowerProblem }],
    },
  ],
  review: ({ title, username }) => ({
    rows: [
      ['Book', title],
      ['Who takes it', username.trim()],
    ],
    confirm: 'Check it out',
  }),
  async run(values, task) {
    task.begin('Signing the book out');
    const loan = await checkoutBook(task.context, values.book.trim(), values.username.trim());
    const { title } = loan.book;
    return { lines: [done(`${loan.username} has “${title}” until ${loan.due ?? '?'}.`)] };
  },
});

const noneLeft = (stock: Stock) =>
  stock.book.available > 0
    ? undefined
    : `No copy of “${stock.book.title}” is left: signed out to ${holdersOf(stock).join(', ')}.`;

async function borrowerProblem(typed: string, values: LoanValues, context: Context) {
  const username = typed.trim();
  const problem = await existing.check(username, values, context);
  if (problem !== undefined) return problem;
  await expectRegistered(context, username);
  const stock = await stockOf(context, values.book.trim());
  return holdersOf(stock).includes(username)
    ? `${username} has “${stock.book.title}” already.`
    : noneLeft(stock);
}

/**
 * @param book left out: it is asked for
 * @param username empty: it is asked for
 */
export const bringBack = (book?: ChosenBook, username = ''): Wizard<LoanValues> => ({
  title: 'Return',
  initial: initialOf(book, username),
  changes: true,
  steps: [
    ...(book === undefined ? [whichBook(nobodyHas)] : []),
    ...(username === '' ? [whoHadIt] : []),
  ],
  review: (values) => ({
    rows: [
      ['Book', values.title],
      ['Who had it', values.username.trim()],
    ],
    confirm: 'Take it back',
  }),
  async run(values, task) {
    task.begin('Taking the book back');
    const loan = await returnBook(task.context, values.book.trim(), values.username.trim());
    return { lines: [done(`${loan.username} has returned “${loan.book.title}”.`)] };
  },
});

const nobodyHas = ({ book, loans }: Stock) =>
  loans.length > 0 ? undefined : `Nobody has “${book.title}”.`;

const whoHadIt: FormStep<LoanValues> = {
  heading: 'Who had it?',
  load: {
    what: 'Looking who has it',
    async run(values, context) {
      const stock = await stockOf(context, values.book.trim());
      const [first = '', ...others] = holdersOf(stock);
      return {
        values: { title: stock.book.title, username: others.length === 0 ? first : '' },
        notes: [stateOf(stock)],
      };
    },
  },
  fields: [
    {
      name: 'username',
      label: 'Username',
      hint: 'Whoever has a book may bring it back, registered or not.',
      async complete(typed, context, values) {
        const holders = holdersOf(await stockOf(context, values.book.trim()));
        return holders.filter((name) => name.startsWith(typed));
      },
      async check(typed, values, context) {
        const stock = await stockOf(context, values.book.trim());
        if (holdersOf(stock).includes(typed.trim())) return undefined;
        return nobodyHas(stock) ?? `${typed.trim()} does not have “${stock.book.title}”.`;
      },
    },
  ],
};

/** `known` is how the library has it; empty: it has not. */
const NEW_BOOK = {
  isbn: '',
  known: '',
  title: '',
  authors: '',
  publisher: '',
  year: '',
  copies: '1',
};

const copies: Field<typeof NEW_BOOK> = { name: 'copies', label: 'Copies', range: [1, 100] };

const description: readonly Field<typeof NEW_BOOK>[] = [
  { name: 'title', label: 'Title' },
  { name: 'authors', label: 'Authors', optional: true, hint: 'With ; between them.' },
  { name: 'publisher', label: 'Publisher', optional: true },
  {
    name: 'year',
    label: 'Year',
    optional: true,
    check: (year) => (/^\d{4}$/.test(year.trim()) ? undefined : 'A year has four digits.'),
  },
];

export const addition: Wizard<typeof NEW_BOOK> = {
  title: 'Add a Book',
  initial: NEW_BOOK,
  changes: true,
  steps: [
    {
      heading: 'Which book?',
      fields: [
        {
          name: 'isbn',
          label: 'ISBN',
          hint: 'The book service is asked for the rest.',
          async check(isbn, _values, context) {
            await searchBooks(context, { isbn: parseIsbn(isbn.trim()) });
            return undefined;
          },
        },
      ],
    },
    {
      heading: 'What is it, and how many are there?',
      load: {
        what: 'Asking about the book',
        async run({ isbn }, context) {
          const { known, details, warning } = await describeBook(context, isbn.trim());
          const { title = '', authors = [], publisher, year } = details ?? {};
          const by = authors.length === 0 ? '' : ` by ${authors.join(', ')}`;
          return {
            values: {
              known: known ? `“${title}”${by}` : '',
              title,
              authors: authors.join('; '),
              publisher: publisher ?? '',
              year: year == null ? '' : String(year),
            },
            notes: known
              ? [`The library has “${title}”${by}: copies are added.`]
              : [warning ?? 'As the book service has it.'],
          };
        },
      },
      fields: ({ known }) => (known === '' ? [...description, copies] : [copies]),
    },
  ],
  review: (values) => ({
    rows: [
      ['ISBN', values.isbn.trim()],
      ...(values.known === ''
        ? ([
            ['Title', values.title.trim()],
            ['Authors', authorsOf(values.authors).join(', ') || 'none'],
            ['Publisher', values.publisher.trim() || 'none'],
            ['Year', values.year.trim() || 'none'],
            ['Copies', values.copies],
          ] as const)
        : ([
            ['Book', values.known],
            ['Further copies', values.copies],
          ] as const)),
    ],
    confirm: 'Add it',
  }),
  async run(values, task) {
    task.begin('Adding the book');
    const byHand = {
      title: values.title.trim(),
      authors: authorsOf(values.authors),
      publisher: values.publisher.trim() || undefined,
      year: values.year.trim() === '' ? undefined : Number(values.year),
    };
    const { book, isNew, warning } = await addBook(
      task.context,
      values.isbn.trim(),
      byHand,
      Number(values.copies),
    );
    const what = isNew ? 'The library has a new book' : 'Copies were added';
    const warnings: Line[] = warning === undefined ? [] : [{ mark: 'warning', text: warning }];
    return {
      lines: [
        done(`${what}: number ${book.id}, “${book.title}”, ${book.copies} in all.`),
        ...warnings,
      ],
    };
  },
};

const authorsOf = (text: string): string[] =>
  text
    .split(';')
    .map((author) => author.trim())
    .filter(Boolean);
