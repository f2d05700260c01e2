/** Promise: terms are parsed, ordered, and counted on from as the calendar has them. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  formatTerm,
  missingTerms,
  nextUnregistered,
  parseTerm,
  termOf,
  type Registration,
  type Term,
} from '../../src/directory/terms.js';
import type { Account } from '../../src/directory/accounts.js';

const term = fc.integer({ min: 3 * 1000, max: 3 * 9999 + 2 }).map((number) => number as Term);
const parsed = (text: string): Term => {
  const result = parseTerm(text);
  if (result === undefined) throw new Error(`${text} is no term`);
  return result;
};

test('what is formatted is what is parsed', () => {
  fc.assert(
    fc.property(term, (each) => {
      expect(parseTerm(formatTerm(each))).toBe(each);
    }),
  );
});

test.each(['', 'f26', 'x2026', 'F2026', 'f2026 ', 'f20266', 'fall 2026'])('no term: %j', (text) => {
  expect(parseTerm(text)).toBeUndefined();
});

test('winter, spring, fall, winter', () => {
  const year = ['w2026', 's2026', 'f2026', 'w2027'].map(parsed);
  expect(year).toEqual([0, 1, 2, 3].map((offset) => (year[0] ?? 0) + offset));
});

test.each([
  [new Date(2026, 0, 1), 'w2026'],
  [new Date(2026, 3, 30, 23, 59), 'w2026'],
  [new Date(2026, 4, 1), 's2026'],
  [new Date(2026, 7, 31, 23, 59), 's2026'],
  [new Date(2026, 8, 1), 'f2026'],
  [new Date(2026, 11, 31, 23, 59), 'f2026'],
])('%s is in %s', (date, text) => {
  expect(formatTerm(termOf(date))).toBe(text);
});

describe('the next unregistered terms', () => {
  test('skip what is paid for', () => {
    const registered = ['f2026', 's2027', 'w2020'].map(parsed);
    expect(nextUnregistered(registered, parsed('f2026'), 3).map(formatTerm)).toEqual([
      'w2027',
      'f2027',
      'w2028',
    ]);
  });

  test('are as many as asked for, in order, none before the first, none registered, none left out', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 6000, max: 6030 })),
        fc.integer({ min: 6000, max: 6020 }),
        fc.integer({ min: 0, max: 12 }),
        (registered, from, count) => {
          const next = nextUnregistered(registered as Term[], from as Term, count);
          expect(next).toHaveLength(count);
          expect([...next].sort((a, b) => a - b)).toEqual(next);
          const last = next.at(-1) ?? from - 1;
          const all = Array.from({ length: last - from + 1 }, (_, index) => from + index);
          expect(all.filter((each) => !registered.includes(each))).toEqual(next);
        },
      ),
    );
  });
});

describe('missing terms', () => {
  const account = (terms: string[], nonMemberTerms: string[]) =>
    ({ terms, nonMemberTerms }) as unknown as Account;
  const missing = (who: Account, registration: Registration) =>
    missingTerms(who, registration, 3, parsed('f2026'));

  test('are those of a span, not the next free ones', () => {
    expect(missing(account([], []), 'member')).toEqual(['f2026', 'w2027', 's2027']);
    expect(missing(account(['w2027', 's2026'], []), 'member')).toEqual(['f2026', 's2027']);
    expect(missing(account(['f2026', 'w2027', 's2027'], []), 'member')).toEqual([]);
  });

  test('a term as a representative is none paid as a member, but the other way round', () => {
    expect(missing(account(['f2026'], ['w2027']), 'member')).toEqual(['w2027', 's2027']);
    expect(missing(account(['f2026'], ['w2027']), 'club-rep')).toEqual(['s2027']);
  });
});
