/** Library: its menu, its lists, its wizards. */
import { useCallback, type ReactElement } from 'react';
import type { Book, Loan } from '../../../library/catalogue.js';
import {
  addBook,
  booksOut,
  checkoutBook,
  describeBook,
  findBook,
  holdersOfBook,
  overdueBooks,
  returnBook,
  searchBooks,
} from '../../actions/library.js';
import type { Context } from '../../context.js';
import { done, type Line } from '../components/Lines.js';
import { ListPage } from '../components/ListPage.js';
import { Menu, type MenuItem } from '../components/Menu.js';
import { Page } from '../components/Page.js';
import { Rows } from '../components/Rows.js';
import { useShell } from '../shell.js';
import { FormScreen } from '../wizard/FormScreen.js';
import type { Field, Wizard } from '../wizard/wizard.js';
import { WizardScreen } from '../wizard/WizardScreen.js';
import { existing } from './fields.js';

export function Library(): ReactElement {
  const { open, back } = useShell();
  const page = (name: string, about: string, shown: ReactElement): MenuItem => ({
    name,
    about,
    choose: () => open(shown),
  });
  return (
    <Menu
      heading="Library"
      columns={[
        [
          {
            name: 'Books come and go',
            items: [
              page('Check Out', 'Sign a book out to a member.', <WizardScreen wizard={checkout} />),
              page('Return', 'Take a book back.', <WizardScreen wizard={bringBack} />),
              page('Overdue', 'What should be back by now.', <Loans which="overdue" />),
              page('Signed Out', 'Who has which book.', <Loans which="out" />),
            ],
          },
        ],
        [
          {
            name: 'Catalogue',
            items: [
              page('Search', 'Find books by title, author, ISBN or borrower.', <SearchBooks />),
              page('Add', 'A new book, or more copies of one.', <WizardScreen wizard={addition} />),
            ],
          },
        ],
      ]}
      keys={[
        ['Enter', 'choose'],
        ['↑↓←→', 'move'],
        ['Esc', 'back'],
        ['?', 'help'],
      ]}
      onEscape={back}
    />
  );
}

/** A book of the library. */
const bookField = {
  name: 'book',
  label: 'Book',
  hint: 'Its ISBN, or its number in the library.',
  check: async (book: string, _values: object, context: Context) => {
    await findBook(context, book.trim());
    return undefined;
  },
} as const satisfies Field<{ book: string }>;

async function loadBook({ book }: { readonly book: string }, context: Context) {
  const found = await findBook(context, book.trim());
  const { title, authors, copies, available } = found;
  const by = authors.length === 0 ? '' : ` by ${authors.join(', ')}`;
  return {
    values: { title },
    notes: [`“${title}”${by}: ${available} of ${copies} here.`],
  };
}

const checkout: Wizard<{ book: string; title: string; username: string }> = {
  title: 'Check Out',
  initial: { book: '', title: '', username: '' },
  changes: true,
  steps: [
    { heading: 'Which book?', fields: [bookField] },
    {
      heading: 'Who takes it?',
      load: { what: 'Looking for the book', run: loadBook },
      fields: [existing],
    },
  ],
  review: ({ title, username }) => ({
    rows: [
      ['Book', title],
      ['Who takes it', username.trim()],
    ],
    confirm: 'Check it out',
  }),
  async run({ book, username }, task) {
    task.begin('Signing the book out');
    const loan = await checkoutBook(task.context, book.trim(), username.trim());
    const { title } = loan.book;
    return { lines: [done(`${loan.username} has “${title}” until ${loan.due ?? '?'}.`)] };
  },
};

const bringBack: Wizard<{ book: string; title: string; username: string }> = {
  title: 'Return',
  initial: { book: '', title: '', username: '' },
  changes: true,
  steps: [
    { heading: 'Which book?', fields: [bookField] },
    {
      heading: 'Who had it?',
      load: {
        what: 'Looking who has it',
        async run(values, context) {
          const { values: found, notes } = await loadBook(values, context);
          const holders = await holdersOfBook(context, values.book.trim());
          const [username = ''] = holders;
          return {
            values: { ...found, ...(holders.length === 1 && { username }) },
            notes: [...notes, `Signed out to ${holders.join(', ') || 'nobody'}.`],
          };
        },
      },
      fields: [
        {
          name: 'username',
          label: 'Username',
          hint: 'Whoever has a book may bring it back, registered or not.',
        },
      ],
    },
  ],
  review: ({ title, username }) => ({
    rows: [
      ['Book', title],
      ['Who had it', username.trim()],
    ],
    confirm: 'Take it back',
  }),
  async run({ book, username }, task) {
    task.begin('Taking the book back');
    const loan = await returnBook(task.context, book.trim(), username.trim());
    return { lines: [done(`${loan.username} has returned “${loan.book.title}”.`)] };
  },
};

const NEW_BOOK = { isbn: '', title: '', authors: '', publisher: '', year: '', copies: '1' };

const addition: Wizard<typeof NEW_BOOK> = {
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
          check: async (isbn, _values, context) => {
            await describeBook(context, isbn.trim());
            return undefined;
          },
        },
      ],
    },
    {
      heading: 'Is it described well?',
      load: {
        what: 'Asking about the book',
        async run({ isbn }, context) {
          const { known, details, warning } = await describeBook(context, isbn.trim());
          const note = known
            ? 'The library has this one: it stays as it is described, copies are added.'
            : (warning ?? 'As the book service has it.');
          return {
            values: {
              title: details?.title ?? '',
              authors: details?.authors?.join('; ') ?? '',
              publisher: details?.publisher ?? '',
              year: details?.year == null ? '' : String(details.year),
            },
            notes: [note],
          };
        },
      },
      fields: [
        { name: 'title', label: 'Title' },
        {
          name: 'authors',
          label: 'Authors',
          optional: true,
          hint: 'With ; between them.',
        },
        { name: 'publisher', label: 'Publisher', optional: true },
        {
          name: 'year',
          label: 'Year',
          optional: true,
          check: (year) => (/^\d{4}$/.test(year.trim()) ? undefined : 'A year has four digits.'),
        },
        { name: 'copies', label: 'Copies', range: [1, 100] },
      ],
    },
  ],
  review: (values) => ({
    rows: [
      ['ISBN', values.isbn.trim()],
      ['Title', values.title.trim()],
      ['Authors', authorsOf(values.authors).join(', ') || 'none'],
      ['Publisher', values.publisher.trim() || 'none'],
      ['Year', values.year.trim() || 'none'],
      ['Copies', values.copies],
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
    const copies = Number(values.copies);
    const { book, isNew, warning } = await addBook(
      task.context,
      values.isbn.trim(),
      byHand,
      copies,
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

const NO_CRITERIA = { text: '', borrower: '' };

function SearchBooks(): ReactElement {
  return (
    <FormScreen
      title="Search the Library"
      initial={NO_CRITERIA}
      step={{
        heading: 'What is looked for? Empty: every book.',
        fields: [
          {
            name: 'text',
            label: 'Words',
            optional: true,
            hint: 'Of the title and the authors; or an ISBN.',
          },
          {
            name: 'borrower',
            label: 'Who has it',
            optional: true,
            hint: 'A username.',
          },
        ],
      }}
      answer={(values) => <Books criteria={values} />}
    />
  );
}

function Books({ criteria }: { readonly criteria: typeof NO_CRITERIA }): ReactElement {
  const { context, open } = useShell();
  const load = useCallback(async () => {
    const books = await searchBooks(context, {
      text: criteria.text.trim() || undefined,
      borrower: criteria.borrower.trim() || undefined,
    });
    return books.map((book) => ({
      value: book,
      cells: [
        String(book.id),
        `${book.available} of ${book.copies}`,
        String(book.year ?? ''),
        book.title,
        book.authors.join(', '),
      ],
    }));
  }, [context, criteria]);
  return (
    <ListPage
      heading="Search the Library"
      columns={['No.', 'Here', 'Year', 'Title', 'Authors']}
      load={load}
      empty="No book is like that."
      enter={['show', (book) => open(<ShowBook book={book} />)]}
    />
  );
}

function ShowBook({ book }: { readonly book: Book }): ReactElement {
  const { back } = useShell();
  return (
    <Page
      heading={book.title}
      keys={[['Esc', 'back']]}
      onKey={({ name }) => {
        if (name !== 'escape' && name !== 'return') return 'unused';
        back();
        return 'used';
      }}
    >
      <Rows
        rows={[
          ['Number', String(book.id)],
          ['ISBN', book.isbn ?? 'none'],
          ['Title', book.title],
          ['Authors', book.authors.join(', ') || 'none'],
          ['Publisher', book.publisher ?? 'none'],
          ['Year', String(book.year ?? 'none')],
          ['Here', `${book.available} of ${book.copies}`],
        ]}
      />
    </Page>
  );
}

function Loans({ which }: { readonly which: 'out' | 'overdue' }): ReactElement {
  const { context } = useShell();
  const load = useCallback(async () => {
    const loans = await (which === 'out' ? booksOut(context) : overdueBooks(context));
    return loans.map((loan) => ({ value: loan, cells: cellsOf(loan) }));
  }, [context, which]);
  return (
    <ListPage
      heading={which === 'out' ? 'Signed Out' : 'Overdue'}
      columns={['Who', 'Since', 'Due', 'No.', 'Title']}
      load={load}
      empty={which === 'out' ? 'Nothing is signed out.' : 'Nothing is overdue.'}
    />
  );
}

const cellsOf = ({ username, out, due, book }: Loan) => [
  username,
  out ?? '',
  due ?? '',
  String(book.id),
  book.title,
];
