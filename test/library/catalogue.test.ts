/** Promise: books are found, lent, and taken back; the last copy goes to one; no input is SQL. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Catalogue } from '../../src/library/catalogue.js';
import { fromKey, parseIsbn } from '../../src/library/isbn.js';
import { ownDatabase, type OwnDatabase } from '../support/library.js';

const catalogues: Catalogue[] = [];
let own: OwnDatabase;
let catalogue: Catalogue;

async function another(): Promise<Catalogue> {
  const { connectString } = own;
  const opened = await Catalogue.open({ connectString, timeoutMs: 10_000, loanDays: 14 });
  catalogues.push(opened);
  return opened;
}

beforeAll(async () => {
  own = await ownDatabase();
  catalogue = await another();
});
afterAll(() => Promise.all(catalogues.map((each) => each.close())));

let number = 0;
/** A book that no other test knows. */
async function newBook(title: string, copies = 1, authors: string[] = []) {
  number += 1;
  const isbn = fromKey(`97800${String(number).padStart(7, '0')}`);
  await catalogue.add({ isbn, title, authors, publisher: null, year: null }, copies);
  return isbn;
}
const titles = async (criteria: Parameters<Catalogue['search']>[0]) =>
  (await catalogue.search(criteria)).map(({ title }) => title);

describe('search', () => {
  beforeAll(async () => {
    await newBook('Éléments de géométrie', 1, ['Adrien-Marie Legendre']);
    await newBook('The C Programming Language', 2, ['Brian Kernighan', 'Dennis Ritchie']);
    await newBook('100% of C_Sharp \\ things', 1, ["Sinéad O'Connor"]);
  });

  test.each([
    [{ text: 'ritchie programming' }, ['The C Programming Language']],
    [{ text: 'ritchie legendre' }, []],
    [{ title: 'c programming' }, ['The C Programming Language']],
    [{ author: 'KERNIGHAN' }, ['The C Programming Language']],
    [{ title: 'éLÉMENTS' }, ['Éléments de géométrie']],
    [{ author: "o'connor" }, ['100% of C_Sharp \\ things']],
    [{ title: '%' }, ['100% of C_Sharp \\ things']],
    [{ title: '_' }, ['100% of C_Sharp \\ things']],
    [{ title: '\\' }, ['100% of C_Sharp \\ things']],
    [{ title: 'c', author: 'ritchie' }, ['The C Programming Language']],
    [{ borrower: 'stranger' }, []],
  ])('%j', async (criteria, expected) => {
    expect(await titles(criteria)).toEqual(expected);
  });

  test('authors are told in the order in which the book names them', async () => {
    await newBook('In order', 1, ['Zorn', 'Legendre', 'Abel', 'Zorn']);
    expect((await catalogue.search({ title: 'in order' }))[0]?.authors).toEqual([
      'Zorn',
      'Legendre',
      'Abel',
    ]);
  });

  test('by ISBN in any form, and by who has it', async () => {
    const isbn = await newBook('By number');
    expect(await titles({ isbn })).toEqual(['By number']);
    expect(await titles({ text: `ISBN ${isbn}` })).toEqual(['By number']);
    await catalogue.checkout({ isbn }, 'reader1');
    expect(await titles({ borrower: 'reader1' })).toEqual(['By number']);
    await catalogue.return({ isbn });
    expect(await titles({ borrower: 'reader1' })).toEqual([]);
  });
});

describe('copies', () => {
  test('of a known ISBN are counted, and its description stays', async () => {
    const isbn = await newBook('Kept');
    const again = { isbn, title: 'Other', authors: ['X'], publisher: 'Y', year: 1 };
    expect(await catalogue.add(again, 2)).toMatchObject({
      isNew: false,
      book: { title: 'Kept', copies: 3, available: 3, authors: [] },
    });
    expect(await catalogue.addCopies(isbn, 1)).toMatchObject({ copies: 4 });
    expect(await catalogue.addCopies(parseIsbn('9783161484100'), 1)).toBeUndefined();
  });

  test('added by several at the same time: one book, none lost', async () => {
    const others = await Promise.all(Array.from({ length: 6 }, another));
    const isbn = parseIsbn('9780306406157');
    const book = { isbn, title: 'Same', authors: ['Same Author'], publisher: null, year: null };
    const results = await Promise.all(others.map((each) => each.add(book, 1)));
    expect(results.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(await catalogue.search({ isbn })).toMatchObject([{ copies: 6 }]);
    expect(await own.sql("SELECT count(*) FROM author WHERE name = 'Same Author'")).toBe('1');
  });
});

describe('checkout and return', () => {
  test('two weeks, from today on', async () => {
    const isbn = await newBook('Lent');
    const [today, due] = (await own.sql('SELECT CURRENT_DATE, CURRENT_DATE + 14')).split('|');
    const loan = await catalogue.checkout({ isbn }, 'reader2');
    expect(loan).toMatchObject({ username: 'reader2', out: today, due, returned: null });
    expect(await catalogue.find({ isbn })).toMatchObject({ copies: 1, available: 0 });
    expect(await catalogue.return({ isbn })).toMatchObject({
      username: 'reader2',
      returned: today,
    });
    expect(await catalogue.find({ isbn })).toMatchObject({ available: 1 });
    await expect(catalogue.return({ isbn })).rejects.toMatchObject({ code: 'not_found' });
  });

  test('nobody gets two copies of a book, and nobody a copy that is out', async () => {
    const isbn = await newBook('Two copies', 2);
    await catalogue.checkout({ isbn }, 'reader3');
    await expect(catalogue.checkout({ isbn }, 'reader3')).rejects.toMatchObject({ code: 'exists' });
    await catalogue.checkout({ isbn }, 'reader4');
    await expect(catalogue.checkout({ isbn }, 'reader5')).rejects.toMatchObject({
      code: 'failed',
      next: expect.stringMatching(/reader3 .*reader4/),
    });
    await expect(catalogue.return({ isbn })).rejects.toMatchObject({ code: 'usage' });
    await expect(catalogue.return({ isbn }, 'reader5')).rejects.toMatchObject({
      code: 'not_found',
    });
    expect((await catalogue.return({ isbn }, 'reader4')).username).toBe('reader4');
  });

  test('unknown books', async () => {
    const isbn = parseIsbn('9791090636071');
    await expect(catalogue.checkout({ isbn }, 'x')).rejects.toMatchObject({ code: 'not_found' });
    await expect(catalogue.return({ id: 999_999_999 })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('the last copies go to as many as there are, however many want one at once', async () => {
    const readers = await Promise.all(Array.from({ length: 10 }, another));
    for (const copies of [1, 3]) {
      const isbn = await newBook(`Wanted, ${copies}`, copies);
      const outcomes = await Promise.allSettled(
        readers.map((reader, index) => reader.checkout({ isbn }, `wants${index}`)),
      );
      const taken = outcomes.filter(({ status }) => status === 'fulfilled');
      expect(taken).toHaveLength(copies);
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'failed' });
      expect(await catalogue.find({ isbn })).toMatchObject({ copies, available: 0 });

      const back = await Promise.allSettled(
        readers.map((reader, index) => reader.return({ isbn }, `wants${index}`)),
      );
      expect(back.filter(({ status }) => status === 'fulfilled')).toHaveLength(copies);
    }
  });

  test('one person, asking ten times at once, gets one', async () => {
    const readers = await Promise.all(Array.from({ length: 10 }, another));
    const isbn = await newBook('Impatient', 10);
    const outcomes = await Promise.allSettled(
      readers.map((reader) => reader.checkout({ isbn }, 'impatient')),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

test('overdue begins the day after the last', async () => {
  for (const days of [13, 14, 15, 40]) {
    const isbn = await newBook(`Out for ${days} days`);
    await catalogue.checkout({ isbn }, `late${days}`);
    await own.sql(
      `UPDATE signout SET outdate = CURRENT_DATE - ${days} WHERE username = 'late${days}'`,
    );
  }
  expect((await catalogue.overdue()).map(({ username }) => username)).toEqual(['late40', 'late15']);
  const out = (await catalogue.out()).map(({ username }) => username);
  expect(out.filter((name) => name.startsWith('late'))).toEqual([
    'late40',
    'late15',
    'late14',
    'late13',
  ]);
});

describe('no input is SQL', () => {
  test.each([
    "'; DROP TABLE signout; --",
    "' OR '1'='1",
    '$1',
    '%',
    '\\',
    '"',
    '{a,b}',
    '\u{1f4da}',
  ])('%s', async (text) => {
    const isbn = await newBook(text, 1, [text]);
    expect(await catalogue.find({ isbn })).toMatchObject({ title: text, authors: [text] });
    expect(await titles({ title: text })).toContain(text);
    expect(await titles({ borrower: text })).toEqual([]);
    expect((await catalogue.checkout({ isbn }, text)).username).toBe(text);
    expect(await titles({ borrower: text })).toEqual([text]);
    expect((await catalogue.return({ isbn }, text)).username).toBe(text);
  });

  test('whatever is looked for: an answer', async () => {
    const word = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', ''));
    await fc.assert(
      fc.asyncProperty(
        fc.record({ text: word, title: word, author: word, borrower: word }),
        async (criteria) => {
          expect(await titles(criteria)).toEqual([]);
        },
      ),
      { numRuns: 50 },
    );
  });
});
