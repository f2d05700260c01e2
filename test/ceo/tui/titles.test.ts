/** Promise: the title's words begin with c, e and o, and are others at each start. */
import { expect, test } from '@jest/globals';
import { randomTitle } from '../../../src/ceo/tui/titles.js';

test('always three words for the three letters', () => {
  for (const number of [0, 0.5, 1 - Number.EPSILON]) {
    expect(randomTitle(() => number)).toMatch(/^C[a-z]+ E[a-z]+ O[a-z]+$/);
  }
  expect(randomTitle(() => 0)).not.toBe(randomTitle(() => 0.5));
});
