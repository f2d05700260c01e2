/** Promise: numbers are read as C reads them, and nothing else is taken for one. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseNumber } from '../../src/config/number.js';

test('decimal, octal and hexadecimal notation of any number', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (number) => {
      expect(parseNumber(String(number))).toBe(number);
      expect(parseNumber(`0${number.toString(8)}`)).toBe(number);
      expect(parseNumber(`0x${number.toString(16)}`)).toBe(number);
      expect(parseNumber(`0X${number.toString(16).toUpperCase()}`)).toBe(number);
    }),
  );
});

test.each([
  '',
  ' 1',
  '1 ',
  '-1',
  '+1',
  '1.5',
  '1e3',
  '08',
  '0x',
  '0xg',
  '0b1',
  '1_000',
  '9007199254740993',
])('no number: "%s"', (text) => {
  expect(parseNumber(text)).toBeUndefined();
});
