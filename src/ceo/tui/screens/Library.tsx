/** Library: its menu and its lists. */
import { useCallback, type ReactElement } from 'react';
import type { Book, Loan } from '../../../library/catalogue.js';
import { booksOut, overdueBooks, searchBooks, stockOf } from '../../actions/library.js';
import { ListPage, useWhenBackOnTop } from '../components/ListPage.js';
import { Menu, usePageItem } from '../components/Menu.js';
import { Page, type KeyHint } from '../components/Page.js';
import { Rows, type Row } from '../components/Rows.js';
import { WorkPage } from '../components/WorkPage.js';
import { act, useStage } from '../stage.js';
import { useWork } from '../useWork.js';
import { FormScreen } from '../wizard/FormScreen.js';
import { WizardScreen } from '../wizard/WizardScreen.js';
import { accountNames } from './fields.js';
import { addition, bringBack, checkout } from './libraryWizards.js';

export function Library(): ReactElement {
  const { back } = useStage();
  const page = usePageItem();
  return (
    <Menu
      heading="Library"
      columns={[
        [
          {
            name: 'Books come and go',
            items: [
              page(
                'Check Out',
                'Sign a book out to a member.',
                <WizardScreen wizard={checkout()} />,
              ),
              page('Return', 'Take a book back.', <WizardScreen wizard={bringBack()} />),
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
            complete: accountNames,
          },
        ],
      }}
      answer={(values) => <Books criteria={values} />}
    />
  );
}

function Books({ criteria }: { readonly criteria: typeof NO_CRITERIA }): ReactElement {
  const { context, open } = useStage();
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
      letters={[
        {
          letter: 'c',
          does: 'check out',
          act: (book) => open(<WizardScreen wizard={checkout(book)} />),
        },
        {
          letter: 'r',
          does: 'return',
          act: (book) => open(<WizardScreen wizard={bringBack(book)} />),
        },
      ]}
    />
  );
}

function ShowBook({ book: { id, title } }: { readonly book: Book }): ReactElement {
  const { context, open, back } = useStage();
  const [work, again] = useWork(useCallback(() => stockOf(context, String(id)), [context, id]));
  useWhenBackOnTop(again);
  if (work.state === 'failed' || work.value === undefined) {
    return <WorkPage heading={title} work={work} onAgain={again} onBack={back} />;
  }
  const { book, loans } = work.value;
  const isHere = book.available > 0;
  const isOut = loans.length > 0;
  const keys: KeyHint[] = [
    ...(isHere ? [['c', 'check out'] as const] : []),
    ...(isOut ? [['r', 'return'] as const] : []),
    ['Esc', 'back'],
  ];
  return (
    <Page
      heading={title}
      keys={keys}
      onKey={({ name, text }) => {
        if (name === 'escape') return act(back);
        if (isHere && text === 'c') {
          return act(() => open(<WizardScreen wizard={checkout(book)} />));
        }
        if (isOut && text === 'r') {
          return act(() => open(<WizardScreen wizard={bringBack(book)} />));
        }
        return 'unused';
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
          ...borrowersOf(loans),
        ]}
      />
    </Page>
  );
}

const borrowersOf = (loans: readonly Loan[]): Row[] =>
  loans.length === 0
    ? []
    : [
        [
          'Signed out to',
          loans.map(({ username, due }) => `${username} (due ${due ?? 'some day'})`).join(', '),
        ],
      ];

function Loans({ which }: { readonly which: 'out' | 'overdue' }): ReactElement {
  const { context, open } = useStage();
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
      enter={[
        'take it back',
        ({ book, username }) => open(<WizardScreen wizard={bringBack(book, username)} />),
      ]}
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
