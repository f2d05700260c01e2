/** Plots as SVG, on a background of their own so that they can be read in light and dark. */
import type { Line, Plot, Point } from './bench.js';

const WIDTH = 760;
const HEIGHT = 440;
const LEFT = 64;
const RIGHT = 580;
const TOP = 72;
const BOTTOM = 384;
const LABEL_HEIGHT = 16;

const COLOURS: Readonly<Record<Line['of'], string>> = { ours: '#0b62c4', peer: '#c2500a' };

/** From a value to a place on the page. */
type Scale = (value: number) => number;

const linear =
  (from: number, to: number, start: number, end: number): Scale =>
  (value) =>
    start + ((value - from) / (to - from)) * (end - start);

const logarithmic = (from: number, to: number, start: number, end: number): Scale => {
  const scale = linear(Math.log(from), Math.log(to), start, end);
  return (value) => scale(Math.log(value));
};

/** The round numbers 1, 2 and 5 times a power of ten, from one at most `least` on. */
function* roundNumbers(least: number): Generator<number> {
  for (let exponent = Math.floor(Math.log10(least)); ; exponent += 1) {
    for (const digit of [1, 2, 5]) yield Number(`${digit}e${exponent}`);
  }
}

/** From a round number at or below all values to one at or above. */
function logTicks(values: readonly number[]): number[] {
  const least = Math.min(...values);
  const ticks: number[] = [];
  for (const tick of roundNumbers(least)) {
    if (tick <= least) ticks.length = 0;
    ticks.push(tick);
    if (tick >= Math.max(...values) && ticks.length > 1) return ticks;
  }
  return ticks;
}

/** From 0 in at most six round steps to a number at or above all values. */
function linearTicks(values: readonly number[]): number[] {
  const greatest = Math.max(...values);
  let step = 0;
  for (step of roundNumbers(greatest / 10)) if (step * 6 >= greatest) break;
  const steps = Math.ceil(greatest / step);
  return Array.from({ length: steps + 1 }, (_, index) => index * step);
}

/** Heights for labels near those wanted, from the top down, none upon another. */
function apart(wanted: readonly number[]): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  const places: number[] = [];
  let lowest = -Infinity;
  for (const index of order) {
    lowest = Math.max(wanted[index] ?? 0, lowest + LABEL_HEIGHT);
    places[index] = lowest;
  }
  return places;
}

const number = (value: number) => value.toLocaleString('en', { maximumSignificantDigits: 3 });
const at = (value: number) => value.toFixed(1);
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const text = (x: number, y: number, words: string, attributes = '') =>
  `<text x="${at(x)}" y="${at(y)}" ${attributes}>${escaped(words)}</text>`;

export function svg({ title, x, y, lines }: Plot): string {
  const points = lines.flatMap((line) => line.points);
  const xs = [...new Set(points.map((point) => point.x))].sort((a, b) => a - b);
  const ys = points.map((point) => point.y);
  const yTicks = y.scale === 'log' ? logTicks(ys) : linearTicks(ys);
  const scaleX = logarithmic(xs[0] ?? 1, xs.at(-1) ?? 1, LEFT + 16, RIGHT - 16);
  const scaleOf = y.scale === 'log' ? logarithmic : linear;
  const scaleY = scaleOf(yTicks[0] ?? 0, yTicks.at(-1) ?? 1, BOTTOM, TOP);
  const place = (point: Point) => `${at(scaleX(point.x))},${at(scaleY(point.y))}`;
  const labels = apart(lines.map((line) => scaleY(line.points.at(-1)?.y ?? 0)));

  const drawn = lines.flatMap((line, index) => {
    const colour = COLOURS[line.of];
    const dashes = line.dashed === true ? 'stroke-dasharray="6 4"' : '';
    return [
      `<polyline points="${line.points.map(place).join(' ')}" stroke="${colour}" ${dashes} fill="none" stroke-width="2.5" stroke-linejoin="round"/>`,
      ...line.points.map(
        (point) =>
          `<circle cx="${at(scaleX(point.x))}" cy="${at(scaleY(point.y))}" r="3.5" fill="${colour}"/>`,
      ),
      text(RIGHT - 4, (labels[index] ?? 0) + 5, line.label, `fill="${colour}" font-weight="600"`),
    ];
  });
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="13" fill="#444">`,
    `<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="8" fill="#fff" stroke="#ddd"/>`,
    text(20, 30, title, 'font-size="16" font-weight="600" fill="#222"'),
    text(20, 52, y.label),
    ...yTicks.flatMap((tick, index) => [
      `<line x1="${LEFT}" x2="${RIGHT - 12}" y1="${at(scaleY(tick))}" y2="${at(scaleY(tick))}" stroke="${index === 0 ? '#999' : '#e4e4e4'}"/>`,
      text(LEFT - 8, scaleY(tick) + 4.5, number(tick), 'text-anchor="end"'),
    ]),
    ...xs.map((tick) => text(scaleX(tick), BOTTOM + 20, number(tick), 'text-anchor="middle"')),
    text((LEFT + RIGHT) / 2, BOTTOM + 42, x, 'text-anchor="middle"'),
    ...drawn,
    '</svg>',
  ].join('\n')}\n`;
}
