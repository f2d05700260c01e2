/** Promise: the cursor of a line is always between two of what people take for characters, and what is typed is never lost. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Key } from '../../../src/ceo/tui/keyboard.js';
import { editLine, graphemes, lineOf, type Line } from '../../../src/ceo/tui/lineEditor.js';

const typed = (text: string): Key => ({ name: '', text, ctrl: false, shift: false });
const key = (name: string): Key => ({ name, text: '', ctrl: false, shift: false });
const ctrl = (name: string): Key => ({ ...key(name), ctrl: true });

const run = (start: Line, keys: readonly Key[]): Line =>
  keys.reduce((line, each) => editLine(line, each) ?? line, start);

/** Letters, wide ones, marks that join, emoji of several parts, flags by halves. */
const piece = fc.constantFrom(
  ...[
    'a',
    'ß',
    '漢',
    '字',
    'e',
    '\u0301',
    '\u200d',
    '👩',
    '💻',
    '🏽',
    '🇨',
    '🇦',
    ' ',
    '한',
    'ᄒ',
    'ᅡ',
  ],
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
const anyKey = fc.oneof(
  piece.map(typed),
  fc.constantFrom('left', 'right', 'home', 'end', 'backspace', 'delete', 'up', 'f5').map(key),
  fc.constantFrom(...Array.from('abdefhkuwxz')).map(ctrl),
  fc.string({ unit: 'grapheme' }).map((pasted) => ({ ...typed(pasted), name: 'paste' })),
);

function boundaries(of: string): number[] {
  let at = 0;
  return [0, ...graphemes(of).map((each) => (at += each.length))];
}

test('the cursor is at a boundary whatever is pressed', () => {
  fc.assert(
    fc.property(text, fc.array(anyKey, { maxLength: 40 }), (start, keys) => {
      const line = run(lineOf(start), keys);
      expect(boundaries(line.text)).toContain(line.cursor);
    }),
  );
});

test('left and right, backspace and what was typed undo each other', () => {
  fc.assert(
    fc.property(text, fc.nat(12), (start, steps) => {
      const line = run(lineOf(start), Array<Key>(steps).fill(key('left')));
      if (line.cursor > 0) expect(run(line, [key('left'), key('right')])).toEqual(line);
      if (line.cursor < line.text.length) {
        expect(run(line, [key('right'), key('left')])).toEqual(line);
      }
      // Unless it joins with what is behind it.
      const longer = run(line, [typed('x')]);
      fc.pre(graphemes(longer.text).includes('x'));
      expect(run(longer, [key('backspace')])).toEqual(line);
    }),
  );
});

test('what is pasted has no control characters, and one line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (pasted) => {
      const { text: result } = run(lineOf(''), [typed(pasted)]);
      expect(result).not.toMatch(/\p{Cc}/u);
    }),
  );
  expect(run(lineOf(''), [typed('two\r\nlines\u001b[2Jand\u0000more')]).text).toBe(
    'two lines[2Jandmore',
  );
});

describe('the keys of readline', () => {
  const line = { text: 'one two three', cursor: 7 };
  test.each([
    ['a', { text: line.text, cursor: 0 }],
    ['e', { text: line.text, cursor: 13 }],
    ['b', { text: line.text, cursor: 6 }],
    ['f', { text: line.text, cursor: 8 }],
    ['d', { text: 'one twothree', cursor: 7 }],
    ['h', { text: 'one tw three', cursor: 6 }],
    ['k', { text: 'one two', cursor: 7 }],
    ['u', { text: ' three', cursor: 0 }],
    ['w', { text: 'one  three', cursor: 4 }],
  ])('Ctrl-%s', (name, expected) => {
    expect(editLine(line, ctrl(name))).toEqual(expected);
  });

  test('others mean nothing', () => {
    for (const other of [key('up'), key('return'), ctrl('x')]) {
      expect(editLine(line, other)).toBeUndefined();
    }
  });
});
