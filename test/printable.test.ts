/** Promise: text from elsewhere cannot forge a log line or write to a terminal. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { printable } from '../src/printable.js';

test.each([
  ['a\nb', 'a\\u{a}b'],
  ['\u001b[31mred', '\\u{1b}[31mred'],
  ['\u009b31m', '\\u{9b}31m'],
  ['a\u0000b\u007f', 'a\\u{0}b\\u{7f}'],
  ['evil\u202egnp.exe', 'evil\\u{202e}gnp.exe'],
  ['one\u2028two', 'one\\u{2028}two'],
  ['\ud800', '\\u{d800}'],
  ['Jörg 日本 😀', 'Jörg 日本 😀'],
])('%j', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test('whatever the text: one line, nothing that a terminal obeys, and not too long', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
      const shown = printable(text);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      expect(shown.length).toBeLessThanOrEqual(501);
    }),
  );
});
