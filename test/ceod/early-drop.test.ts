/** Promise: few that come at once are all served; of very many each has a chance, until there is none. */
import { expect, test } from '@jest/globals';
import { dropChance } from '../../src/ceod/master/earlyDrop.js';

test.each([
  [0, 0],
  [9, 0],
  [10, 0.3],
  [55, 0.65],
  [99, 0.65 + (0.35 * 44) / 45],
  [100, 1],
  [1000, 1],
])('10:30:100, and %s are not authenticated: %s', (count, chance) => {
  expect(dropChance({ start: 10, rate: 30, full: 100 }, count)).toBeCloseTo(chance, 10);
});

test('start and full may be the same: a cap', () => {
  const cap = { start: 5, rate: 30, full: 5 };
  expect([4, 5].map((count) => dropChance(cap, count))).toEqual([0, 1]);
});
