/** Promise: a book service in Open Library's format is understood, and one that misbehaves does no harm. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { askBookService, detailsOf } from '../../src/library/bookservice.js';
import { parseIsbn } from '../../src/library/isbn.js';
import { startBookService, type BookService } from '../support/library.js';

const isbn = parseIsbn('9780262033848');
let service: BookService;
beforeAll(async () => {
  service = await startBookService();
});
afterAll(() => service.stop());

const ask = (timeoutMs = 5_000) => askBookService({ url: service.url, timeoutMs }, isbn);

test('what Open Library answers', async () => {
  service.answer = JSON.stringify({
    'ISBN:9780262033848': {
      url: 'https://openlibrary.org/books/OL22839435M',
      title: 'Introduction to algorithms',
      subtitle: 'third  edition',
      authors: [{ url: '…', name: 'Thomas H. Cormen' }, { name: 'Charles E. Leiserson' }],
      publishers: [{ name: 'MIT Press' }, { name: 'Another' }],
      publish_date: 'Jul 31, 2009',
      number_of_pages: 1292,
    },
  });
  expect(await ask()).toEqual({
    title: 'Introduction to algorithms: third edition',
    authors: ['Thomas H. Cormen', 'Charles E. Leiserson'],
    publisher: 'MIT Press',
    year: 2009,
  });
  expect(service.asked.at(-1)).toBe(
    '/api/books?bibkeys=ISBN%3A9780262033848&format=json&jscmd=data',
  );
});

test('a book that it does not know', async () => {
  service.answer = '{}';
  expect(await ask()).toBeUndefined();
});

test.each([
  ['2009', 2009],
  ['March 2009', 2009],
  ['c1999', 1999],
  ['1997-02-03', 1997],
  ['12345', null],
  ['', null],
])('published %j: %p', (publish_date, year) => {
  expect(detailsOf({ title: 'x', publish_date })?.year).toBe(year);
});

test('whatever a record is: what is understood is clean', () => {
  fc.assert(
    fc.property(
      fc.record({
        title: fc.string({ unit: 'binary' }),
        authors: fc.anything(),
        publishers: fc.anything(),
        publish_date: fc.anything(),
      }),
      (record) => {
        const details = detailsOf(record);
        for (const text of details ? [details.title, ...details.authors] : [])
          expect(text).toMatch(/^\P{Cc}+$/u);
      },
    ),
  );
  fc.assert(fc.property(fc.anything(), (value) => void detailsOf(value)));
});

describe('unreachable', () => {
  test.each<[string, BookService['answer']]>([
    ['an error', (_request, response) => void response.writeHead(503).end('{}')],
    ['no JSON', '<html>'],
    [
      'half of an answer',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{');
        setTimeout(() => response.destroy(), 20);
      },
    ],
    ['far too much', (_request, response) => void response.end('[' + ' '.repeat(2_000_000) + ']')],
    ['nothing in time', () => undefined],
  ])('%s', async (_what, answer) => {
    service.answer = answer;
    await expect(ask(500)).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('nobody there', async () => {
    const options = { url: 'http://127.0.0.1:1', timeoutMs: 1_000 };
    await expect(askBookService(options, isbn)).rejects.toMatchObject({ code: 'unreachable' });
  });
});
