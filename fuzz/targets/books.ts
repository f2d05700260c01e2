/** ISBNs as people type them, and what a book service answers: understood, or passed over. */
import { detailsOf } from '../../src/library/bookservice.js';
import { isbnOf, parseIsbn } from '../../src/library/isbn.js';
import { promise } from '../target.js';

export const seeds = [
  '9780262033848',
  'ISBN 0-262-03384-4',
  '{"title": "Alice", "authors": [{"name": "Lewis Carroll"}], "publish_date": "1865"}',
].map((text) => Buffer.from(text));

export function fuzz(data: Buffer): void {
  const text = data.toString('utf8');
  const isbn = isbnOf(text);
  if (isbn !== undefined) {
    promise(/^97[89]\d{10}$/.test(isbn) && parseIsbn(isbn) === isbn, 'an ISBN stays itself');
  }
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return;
  }
  const details = detailsOf(answer);
  if (details !== undefined) promise(details.title !== '', 'a book has a title');
}
