/** Promise: an ISBN is known in both its forms and however it is written; a mistyped one is refused. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fromKey, isbnOf, keyOf, parseIsbn, toIsbn10 } from '../../src/library/isbn.js';

const digits = (length: number) =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
    .map((each) => each.join(''));
const isbn = fc
  .oneof(
    digits(9).map((rest) => `978${rest}`),
    fc
      .tuple(fc.integer({ min: 1, max: 9 }), digits(8))
      .map(([group, rest]) => `979${group}${rest}`),
  )
  .map(fromKey);

describe('examples', () => {
  test.each([
    ['0-306-40615-2', '9780306406157'],
    ['978-0-306-40615-7', '9780306406157'],
    ['0-8044-2957-X', '9780804429573'],
    ['080442957x', '9780804429573'],
    ['ISBN 0-262-03384-4', '9780262033848'],
    ['ISBN-13: 978-0-262-03384-8', '9780262033848'],
    ['ISBN-10: 0-262-03384-4', '9780262033848'],
    ['ISBN 978 0 262 03384 8', '9780262033848'],
    ['978\u2011316\u20111484100', '9783161484100'],
    ['１２３４５６７８９Ｘ', '9781234567897'],
    ['979-10-90636-07-1', '9791090636071'],
  ])('%s is %s', (text, expected) => {
    expect(parseIsbn(text)).toBe(expected);
  });

  test.each(['', '123', '0-306-40615', 'X306406152', '9770306406157', '9790060115615', 'a book'])(
    'no ISBN: %j',
    (text) => {
      expect(() => parseIsbn(text)).toThrow(expect.objectContaining({ code: 'usage' }));
    },
  );
});

test('what is parsed is itself, with hyphens anywhere', () => {
  fc.assert(
    fc.property(isbn, fc.array(fc.nat({ max: 12 })), (number, places) => {
      const written = Array.from(number, (digit, at) =>
        places.includes(at) ? `${digit}-` : digit,
      );
      expect(parseIsbn(written.join(''))).toBe(number);
      expect(fromKey(keyOf(number))).toBe(number);
    }),
  );
});

test('ISBN-10 and ISBN-13 of a book are the same one', () => {
  fc.assert(
    fc.property(isbn, (number) => {
      const short = toIsbn10(number);
      expect(short === undefined).toBe(number.startsWith('979'));
      if (short !== undefined) expect(parseIsbn(short)).toBe(number);
    }),
  );
});

test('one wrong digit is always found, in both forms', () => {
  fc.assert(
    fc.property(isbn, fc.nat({ max: 12 }), fc.integer({ min: 1, max: 9 }), (number, at, by) => {
      for (const form of [number, toIsbn10(number)]) {
        const place = at % (form?.length ?? 1);
        const digit = Number(form?.[place]);
        if (form === undefined || Number.isNaN(digit)) continue;
        const wrong = form.slice(0, place) + String((digit + by) % 10) + form.slice(place + 1);
        expect(isbnOf(wrong)).toBeUndefined();
      }
    }),
  );
});

test('two swapped digits are always found in an ISBN-10', () => {
  fc.assert(
    fc.property(isbn, fc.nat({ max: 7 }), (number, at) => {
      const form = toIsbn10(number);
      if (form === undefined || form[at] === form[at + 1]) return;
      const [first = '', second = ''] = form.slice(at);
      expect(isbnOf(form.slice(0, at) + second + first + form.slice(at + 2))).toBeUndefined();
    }),
  );
});

test('whatever is typed: an ISBN or the one error', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(isbnOf(text) ?? '9780000000002').toMatch(/^97[89]\d{10}$/);
    }),
  );
});
