/** Promise: a picture of a terminal has each word where its cells are, in its colours. */
import { expect, test } from '@jest/globals';
import { drawTerminal } from '../../pictures/svg.js';

const SIZE = { columns: 20, rows: 2 };

/** The elements that are drawn for some lines, without the frame. */
const drawn = (text: string, cursor?: { column: number; row: number }): string[] =>
  drawTerminal({ text, cursor }, 'A title', SIZE)
    .split('\n')
    .filter((line) => /^<(?:text|rect) x="(?!0\.5)/.test(line));

test('words stand where their cells are', () => {
  expect(drawn('ab  c\n d')).toEqual([
    '<text x="0" y="13" textLength="16.8">ab</text>',
    '<text x="33.6" y="13">c</text>',
    '<text x="8.4" y="31">d</text>',
  ]);
});

test('wide characters take two cells, combined ones the cell of their letter', () => {
  expect(drawn('王e\u0301x')).toEqual([
    '<text x="0" y="13">王</text>',
    '<text x="16.8" y="13" textLength="16.8">e\u0301x</text>',
  ]);
});

test.each([
  ['bold, dim', '\u001b[1;2mx', '<text x="0" y="13" font-weight="bold" opacity="0.6">x</text>'],
  ['neither any more', '\u001b[1;2m\u001b[22mx', '<text x="0" y="13">x</text>'],
  ['plain by an empty code', '\u001b[1m\u001b[mx', '<text x="0" y="13">x</text>'],
  ['a colour with a name', '\u001b[36mx', '<text x="0" y="13" fill="#4fc3d9">x</text>'],
  ['a bright one', '\u001b[97mx', '<text x="0" y="13" fill="#ffffff">x</text>'],
  ['one of the cube', '\u001b[38;5;208mx', '<text x="0" y="13" fill="#ff8700">x</text>'],
  ['a grey', '\u001b[1;38;5;255;22mx', '<text x="0" y="13" fill="#eeeeee">x</text>'],
  ['the default again', '\u001b[31m\u001b[39mx', '<text x="0" y="13">x</text>'],
])('%s', (_what, text, element) => {
  expect(drawn(text)).toEqual([element]);
});

test('a style holds beyond the end of its line', () => {
  expect(drawn('\u001b[1ma\nb')[1]).toBe('<text x="0" y="31" font-weight="bold">b</text>');
});

test('backgrounds, and inverse, are behind the text', () => {
  expect(drawn('\u001b[41mx y')).toEqual([
    '<rect x="0" y="0" width="25.2" height="18" fill="#f07178"/>',
    '<text x="0" y="13">x</text>',
    '<text x="16.8" y="13">y</text>',
  ]);
  expect(drawn('\u001b[7mx\u001b[27my')).toEqual([
    '<rect x="0" y="0" width="8.4" height="18" fill="#d5dae3"/>',
    '<text x="0" y="13" fill="#1b1f27">x</text>',
    '<text x="8.4" y="13">y</text>',
  ]);
});

test('lines have no gaps', () => {
  expect(drawn('───')).toEqual(['<rect x="0" y="9" width="25.2" height="1"/>']);
});

test('the text cursor, where nothing is written as well', () => {
  expect(drawn('', { column: 2, row: 1 })).toEqual([
    '<rect x="16.8" y="18" width="8.4" height="18" opacity="0.5"/>',
  ]);
});

test('text is text', () => {
  expect(drawn('<&>').join('')).toMatch(/>&lt;<.*>&amp;<.*>&gt;</);
});

test.each(['\u001b[4mx', '\u001b[38;2;1;2;3mx', '\u001b[2Kx', '\u0007'])(
  'what it cannot draw it refuses: %j',
  (text) => {
    expect(() => drawn(text)).toThrow('is not drawn');
  },
);
