/** A line of text that is being edited: pure, in units of what a person takes for one character. */
import type { Key } from './keyboard.js';

export interface Line {
  readonly text: string;
  /** Where the next character goes: an index into the text. */
  readonly cursor: number;
}

export const lineOf = (text: string): Line => ({ text, cursor: text.length });

/** @returns the line after a key; undefined if the key means nothing to it */
export function editLine(line: Line, { name, text, ctrl }: Key): Line | undefined {
  if (text !== '') return atBoundary(insert(line, text));
  const edit = ctrl ? CTRL[name] : PLAIN[name];
  return edit && atBoundary(edit(line));
}

/** What is left or added may join with what is behind it: the cursor is never within a character. */
function atBoundary({ text, cursor }: Line): Line {
  let end = 0;
  for (const each of graphemes(text)) {
    if (end >= cursor) break;
    end += each.length;
  }
  return { text, cursor: end };
}

/** A line has one line: what would break it becomes a space, other control characters go. */
function insert({ text, cursor }: Line, typed: string): Line {
  const added = typed.replace(/[\t\n\r]+/g, ' ').replace(/\p{Cc}/gu, '');
  return {
    text: text.slice(0, cursor) + added + text.slice(cursor),
    cursor: cursor + added.length,
  };
}

const backspace = ({ text, cursor }: Line): Line => {
  const from = previous(text, cursor);
  return { text: text.slice(0, from) + text.slice(cursor), cursor: from };
};
const deleteNext = ({ text, cursor }: Line): Line => ({
  text: text.slice(0, cursor) + text.slice(next(text, cursor)),
  cursor,
});
const toStart = ({ text }: Line): Line => ({ text, cursor: 0 });
const toEnd = ({ text }: Line): Line => lineOf(text);
const left = ({ text, cursor }: Line): Line => ({ text, cursor: previous(text, cursor) });
const right = ({ text, cursor }: Line): Line => ({ text, cursor: next(text, cursor) });

const PLAIN: Readonly<Record<string, (line: Line) => Line>> = {
  backspace,
  delete: deleteNext,
  left,
  right,
  home: toStart,
  end: toEnd,
};

/** The keys of readline(3). */
const CTRL: Readonly<Record<string, (line: Line) => Line>> = {
  a: toStart,
  e: toEnd,
  b: left,
  f: right,
  d: deleteNext,
  h: backspace,
  k: ({ text, cursor }) => ({ text: text.slice(0, cursor), cursor }),
  u: ({ text, cursor }) => ({ text: text.slice(cursor), cursor: 0 }),
  w: ({ text, cursor }) => {
    const kept = text.slice(0, cursor).replace(/\S*\s*$/, '');
    return { text: kept + text.slice(cursor), cursor: kept.length };
  },
};

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** A text in what people take for characters. */
export const graphemes = (text: string): string[] =>
  Array.from(segmenter.segment(text), ({ segment }) => segment);

const previous = (text: string, cursor: number): number =>
  cursor - (graphemes(text.slice(0, cursor)).at(-1)?.length ?? 0);

const next = (text: string, cursor: number): number =>
  cursor + (graphemes(text.slice(cursor))[0]?.length ?? 0);
