/** Promise: text from elsewhere cannot forge a log line or write to a terminal. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { printable, printableJson } from '../src/printable.js';

/** What a terminal or a reader is led by. */
const OBEYED =
  /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/u;

test.each([
  ['a\nb', 'a\\u{a}b'],
  ['\u001b[31mred', '\\u{1b}[31mred'],
  ['\u009b31m', '\\u{9b}31m'],
  ['a\u0000b\u007f', 'a\\u{0}b\\u{7f}'],
  ['evil\u202egnp.exe', 'evil\\u{202e}gnp.exe'],
  ['one\u2028two', 'one\\u{2028}two'],
  ['\ud800', '\\u{d800}'],
  ['arabic \u061c letter mark', 'arabic \\u{61c} letter mark'],
  ['hid\u200bden\ufeff\u2060', 'hid\\u{200b}den\\u{feff}\\u{2060}'],
  ['tag\u{e0041}', 'tag\\u{e0041}'],
  ['نامه\u200cای', 'نامه\u200cای'],
  ['👩\u200d🔬', '👩\u200d🔬'],
  ['Jörg 日本 😀', 'Jörg 日本 😀'],
])('%j', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test('whatever the text: one line, nothing that a terminal obeys, and not too long', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
      const shown = printable(text);
      expect(shown).not.toMatch(OBEYED);
      expect(shown.length).toBeLessThanOrEqual(501);
    }),
  );
});

test('as JSON: one line, nothing that a terminal obeys, and the same value', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string({ unit: 'binary' }).filter((key) => key !== '__proto__'),
        fc.string({ unit: 'binary' }),
      ),
      (value) => {
        const json = printableJson(value);
        expect(json).not.toMatch(OBEYED);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
      },
    ),
  );
  const value = { key: 'c1 \u009b del \u007f \ud800 \u{e0041} \u2028 \u202e "\\' };
  expect(printableJson(value)).toMatch(/^[\x20-\x7e]+$/);
  expect(JSON.parse(printableJson(value))).toEqual(value);
});
