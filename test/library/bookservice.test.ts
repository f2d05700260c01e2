/** Promise: a book service in Open Library's format is understood, and one that misbehaves does no harm. */
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
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

const JSON_TYPE = 'application/json';
const typed =
  (type: string, body: string): BookService['answer'] =>
  (_request, response) =>
    void response.setHeader('content-type', type).end(body);

/** Until the client has gone. */
function flood(response: ServerResponse): void {
  response.setHeader('content-type', JSON_TYPE);
  const go = () => {
    while (!response.destroyed && response.write(' '.repeat(65_536)));
  };
  response.on('drain', go);
  go();
}

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

test('30,000 authors, and a title without end: as much as anybody reads', () => {
  const details = detailsOf({
    title: 'x'.repeat(900_000),
    authors: Array.from({ length: 30_000 }, (_each, index) => ({ name: `${index}`.repeat(1_000) })),
    publishers: Array.from({ length: 30_000 }, () => ({ name: 'y'.repeat(10_000) })),
  });
  expect(details?.title).toHaveLength(1_000);
  expect(details?.authors).toHaveLength(50);
  expect(JSON.stringify(details).length).toBeLessThan(60_000);
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
    [
      'far too much',
      (_request, response) =>
        void response
          .setHeader('content-type', 'application/json')
          .end('[' + ' '.repeat(2_000_000) + ']'),
    ],
    ['nothing in time', () => undefined],
  ])('%s', async (_what, answer) => {
    service.answer = answer;
    await expect(ask(500)).rejects.toMatchObject({ code: 'unreachable' });
  });

  test.each<[string, BookService['answer'], RegExp]>([
    ['an error', (_request, response) => void response.writeHead(503).end('{}'), /status 503/],
    ['a page for people', typed('text/html; charset=utf-8', '{}'), /with text\/html/],
    ['what has no type', (_request, response) => void response.end('{}'), /nothing that is named/],
    ['no JSON', '<html>', /no JSON/],
    ['without end', (_request, response) => flood(response), /too much/],
    [
      'without end, compressed',
      (_request, response) => {
        response.setHeader('content-encoding', 'gzip').setHeader('content-type', JSON_TYPE);
        response.end(gzipSync(Buffer.alloc(100_000_000, ' ')));
      },
      /too much/,
    ],
  ])('%s: what came is told, and where to look', async (_what, answer, why) => {
    service.answer = answer;
    await expect(ask()).rejects.toMatchObject({
      message: expect.stringMatching(why) as unknown,
      next: expect.stringContaining('book_service_url') as unknown,
    });
  });

  test.each([301, 302, 303, 307, 308])('sent elsewhere by %d: not followed', async (status) => {
    const other = await startBookService();
    for (const location of [`${other.url}/api/books`, '/api/other']) {
      service.answer = ({ url = '' }, response) => {
        if (url === '/api/other') response.setHeader('content-type', JSON_TYPE).end('{}');
        else response.writeHead(status, { location }).end();
      };
      await expect(ask()).rejects.toMatchObject({
        code: 'unreachable',
        message: expect.stringContaining('elsewhere') as unknown,
      });
      expect(service.asked.at(-1)).not.toBe('/api/other');
    }
    expect(other.asked).toEqual([]);
    await other.stop();
  });

  test('a byte at a time', async () => {
    service.answer = (_request, response) => {
      response.setHeader('content-type', JSON_TYPE);
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    };
    await expect(ask(500)).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('nobody there', async () => {
    const options = { url: 'http://127.0.0.1:1', timeoutMs: 1_000 };
    await expect(askBookService(options, isbn)).rejects.toMatchObject({ code: 'unreachable' });
  });
});
