/** Promise: a plot stays on its page, its ticks are round, and its labels can be read. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Plot } from '../../bench/bench.js';
import { svg } from '../../bench/plot.js';

const X = [1, 2, 4, 8];

function plotOf(scale: Plot['y']['scale'], lines: readonly (readonly number[])[]): string {
  return svg({
    title: 'a & b',
    x: 'x',
    y: { label: 'ms', scale },
    lines: lines.map((ys, index) => ({
      label: `line ${index}`,
      of: 'ours',
      points: X.map((x, at) => ({ x, y: ys[at] ?? 0 })),
    })),
  });
}

const texts = (image: string) =>
  [...image.matchAll(/<text x="([^"]+)" y="([^"]+)" ([^>]*)>([^<]*)</g)].map(
    ([, x, y, attributes, words]) => ({ x: Number(x), y: Number(y), attributes, words }),
  );
const yTicks = (image: string) =>
  texts(image)
    .filter(({ attributes }) => attributes === 'text-anchor="end"')
    .map(({ words }) => words);

test('ticks are round numbers around all values', () => {
  expect(yTicks(plotOf('linear', [[61, 63, 64, 66]]))).toEqual(['0', '20', '40', '60', '80']);
  expect(yTicks(plotOf('log', [[0.6, 3, 14, 14]]))).toEqual(['0.5', '1', '2', '5', '10', '20']);
  expect(yTicks(plotOf('log', [[1, 1, 1, 1]]))).toEqual(['1', '2']);
});

test('whatever the values are', () => {
  const line = fc.array(fc.double({ min: 0.01, max: 1e5, noNaN: true }), {
    minLength: X.length,
    maxLength: X.length,
  });
  fc.assert(
    fc.property(
      fc.constantFrom('linear' as const, 'log' as const),
      fc.array(line, { minLength: 1, maxLength: 4 }),
      (scale, lines) => {
        const image = plotOf(scale, lines);
        const numbers = [...image.matchAll(/ (?:c?[xy][12]?)="([^"]+)"/g)].map(([, n]) =>
          Number(n),
        );
        const polylines = [...image.matchAll(/points="([^"]+)"/g)].flatMap(([, points]) =>
          (points ?? '').split(/[ ,]/).map(Number),
        );
        expect([...numbers, ...polylines].every((n) => n >= 0 && n <= 760)).toBe(true);
        expect(yTicks(image).length).toBeGreaterThan(1);

        const labels = texts(image).filter(({ words }) => words?.startsWith('line') === true);
        const heights = labels.map(({ y }) => y).sort((a, b) => a - b);
        heights.slice(1).forEach((y, index) => {
          expect(y - (heights[index] ?? 0)).toBeGreaterThan(15.8);
        });
        expect(heights.at(-1)).toBeLessThan(440);
      },
    ),
  );
});
