/** Promise: figures of the benchmarks are medians, and ratios compare what ran in the same round. */
import { expect, test } from '@jest/globals';
import { figure, interleave, median, medianAndSpread, ratio } from '../../bench/measure.js';

test('the median of an odd and of an even number', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([1, 9, 4, 6])).toBe(5);
});

test('a ratio stands what changes from round to round', () => {
  // The machine gets slower and slower; twice as much it is in each round.
  expect(ratio([2, 20, 200], [1, 10, 100])).toBe(2);
});

test('contestants take turns, after one turn that does not count', async () => {
  const turns: string[] = [];
  const contestant = (name: string) => () => Promise.resolve(turns.push(name));
  const results = await interleave({ a: contestant('a'), b: contestant('b') }, 2);
  expect(turns.join('')).toBe('ababab');
  expect(results).toEqual({ a: [3, 5], b: [4, 6] });
});

test('figures have three digits', () => {
  expect([0, 0.1234, 44.06, 700, 1234.5].map(figure)).toEqual([
    '0',
    '0.123',
    '44.1',
    '700',
    '1,230',
  ]);
  expect(medianAndSpread([3, 1, 2])).toBe('2.00 (1.00–3.00)');
});
