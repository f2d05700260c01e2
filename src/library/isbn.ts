/**
 * ISBNs: of 10 or 13 digits, with a check digit; kept as the 13 of ISO 2108.
 * Both forms of one book have the same twelve digits before the check digit:
 * the key by which the catalogue compares them.
 */
import { CeoError } from '../errors.js';

/** Thirteen digits, of which the last is right. */
export type Isbn = string & { readonly __brand: 'Isbn' };

/** The prefix that an ISBN-10 has left out. */
const BOOKLAND = '978';

/** Blanks and what is printed as a hyphen. */
const SEPARATORS = /[\s\u00ad\u2010-\u2015\u2212-]/gu;

/** `978` or `979`, but not `979-0`: those are the numbers of printed music. */
const ISBN13 = /^97(?:8|9(?!0))\d{10}$/;

/**
 * Reads an ISBN as people write it: hyphens, blanks and the word ISBN do not count.
 * @throws CeoError usage: which is no ISBN, or has a wrong check digit
 */
export function parseIsbn(text: string): Isbn {
  const digits = bare(text);
  if (!/^\d{9}[\dX]$/.test(digits) && !ISBN13.test(digits)) {
    throw new CeoError('usage', `${text} is no ISBN.`, {
      next: 'An ISBN has 10 digits, of which the last may be X, or 13 that begin with 978 or 979.',
    });
  }
  const expected = digits.length === 10 ? checkDigit10(digits) : checkDigit13(digits);
  if (!digits.endsWith(expected)) {
    throw new CeoError('usage', `${text} is no ISBN: its check digit is wrong.`, {
      next: 'Look for a digit that is mistyped, or two that are swapped.',
    });
  }
  return fromKey(digits.length === 10 ? BOOKLAND + digits.slice(0, 9) : digits.slice(0, 12));
}

/** @returns undefined if the text is no ISBN */
export function isbnOf(text: string): Isbn | undefined {
  try {
    return parseIsbn(text);
  } catch {
    return undefined;
  }
}

/** Twelve digits: an ISBN-13 without its check digit. */
export const keyOf = (isbn: Isbn): string => isbn.slice(0, 12);

export const fromKey = (key: string): Isbn => (key + checkDigit13(key)) as Isbn;

/** ISBN-10 form; undefined for those that have none. */
export function toIsbn10(isbn: Isbn): string | undefined {
  if (!isbn.startsWith(BOOKLAND)) return undefined;
  const digits = isbn.slice(3, 12);
  return digits + checkDigit10(digits);
}

function bare(text: string): string {
  return text
    .normalize('NFKC')
    .replace(SEPARATORS, '')
    .replace(/^ISBN(?:1[03](?=:|\d{10}))?:?/i, '')
    .toUpperCase();
}

/** Weights 10, 9, … 2; the sum with the check digit is a multiple of 11. */
function checkDigit10(digits: string): string {
  const sum = weighted(digits.slice(0, 9), (index) => 10 - index);
  const check = (11 - (sum % 11)) % 11;
  return check === 10 ? 'X' : String(check);
}

/** Weights 1, 3, 1, 3, …; the sum with the check digit is a multiple of 10. */
function checkDigit13(digits: string): string {
  const sum = weighted(digits.slice(0, 12), (index) => (index % 2 === 0 ? 1 : 3));
  return String((10 - (sum % 10)) % 10);
}

function weighted(digits: string, weight: (index: number) => number): number {
  return Array.from(digits).reduce((sum, digit, index) => sum + Number(digit) * weight(index), 0);
}
