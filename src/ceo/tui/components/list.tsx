/** A list that scrolls and can be filtered: `/`, then words that a row must contain. */
import { Box } from 'ink';
import { useMemo, useState, type ReactElement } from 'react';
import stringWidth from 'fast-string-width';
import { printable } from '../../../printable.js';
import { editLine, lineOf, type Line } from '../lineEditor.js';
import type { Key } from '../keyboard.js';
import { useStage, type KeyUse } from '../stage.js';
import { ACCENT, POINTER } from '../theme.js';
import { nextWith } from './firstLetter.js';
import type { KeyHint } from './Page.js';
import { Text } from './Text.js';
import { TextField } from './TextField.js';

export interface Item<T> {
  readonly value: T;
  /** One for each heading. */
  readonly cells: readonly string[];
}

export interface List<T> {
  /** What a key would act on; undefined: there is nothing. */
  readonly selected: T | undefined;
  readonly typing: boolean;
  readonly keys: readonly KeyHint[];
  readonly onKey: (key: Key) => KeyUse;
  readonly view: ReactElement;
}

/** What is on a page besides the rows: header, heading, table heading, filter, footer, blank lines. */
const OTHER_ROWS = 10;

/**
 * @param headings of the columns; empty: none are shown
 * @param taken how many rows the page uses for itself
 */
export function useList<T>(
  items: readonly Item<T>[],
  headings: readonly string[] = [],
  { initial = 0, taken = 0 } = {},
): List<T> {
  const { rows, columns } = useStage();
  const [at, setAt] = useState(initial);
  const [filter, setFilter] = useState<Line>(lineOf(''));
  const [typing, setTyping] = useState(false);
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = items.filter(({ cells }) => {
    const text = cells.join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const height = Math.max(3, rows - OTHER_ROWS - taken);
  const selected = Math.min(at, Math.max(0, shown.length - 1));
  const top = Math.max(0, Math.min(selected - Math.floor(height / 2), shown.length - height));

  const move = (to: number): KeyUse => {
    setAt(Math.max(0, Math.min(to, shown.length - 1)));
    return 'used';
  };
  const moveOf = ({ name }: Key) => MOVES[name]?.(height, shown.length);
  const show = (line: Line) => {
    setFilter(line);
    setAt(0);
  };

  function onFilterKey(key: Key): KeyUse {
    if (key.name === 'return') {
      setTyping(false);
      return 'used';
    }
    const step = key.name === 'home' || key.name === 'end' ? undefined : moveOf(key);
    if (step !== undefined) {
      setTyping(false);
      return move(selected + step);
    }
    if (key.name === 'escape') {
      show(lineOf(''));
      setTyping(false);
      return 'used';
    }
    const edited = editLine(filter, key);
    if (edited === undefined) return 'unused';
    show(edited);
    return 'used';
  }

  function onKey(key: Key): KeyUse {
    if (typing) return onFilterKey(key);
    const step = moveOf(key);
    if (step !== undefined) return move(selected + step);
    if (key.text === '/') {
      setTyping(true);
      return 'used';
    }
    if (key.name === 'escape' && filter.text !== '') {
      show(lineOf(''));
      return 'used';
    }
    const firsts = shown.map(({ cells }) => cells[0] ?? '');
    const jump = key.text === '' ? undefined : nextWith(firsts, selected, key.text);
    return jump === undefined ? 'unused' : move(jump);
  }

  const widths = useMemo(
    () => columnWidths(headings, items, columns - 6),
    [headings, items, columns],
  );
  const row = (cells: readonly string[]) =>
    cells.map((cell, column) => (
      <Box key={column} width={widths[column] ?? 0} flexShrink={0}>
        <Text wrap="truncate-end">{cell}</Text>
      </Box>
    ));
  const count =
    shown.length === items.length ? String(items.length) : `${shown.length} of ${items.length}`;
  const view = (
    <Box flexDirection="column">
      {headings.length > 0 && (
        <Box columnGap={2} paddingLeft={2}>
          {headings.map((heading, column) => (
            <Box key={heading} width={widths[column] ?? 0} flexShrink={0}>
              <Text dimColor wrap="truncate-end">
                {heading}
              </Text>
            </Box>
          ))}
        </Box>
      )}
      {shown.slice(top, top + height).map(({ cells }, index) => {
        const isSelected = top + index === selected;
        return (
          <Box key={top + index} columnGap={1}>
            <Text color={ACCENT}>{isSelected ? POINTER : ' '}</Text>
            <Box columnGap={2}>{row(cells)}</Box>
          </Box>
        );
      })}
      <Box paddingTop={1} columnGap={1} paddingLeft={2}>
        {typing || filter.text !== '' ? (
          <>
            <Text color={ACCENT}>/</Text>
            <TextField line={filter} width={40} focused={typing} placeholder="words to look for" />
          </>
        ) : null}
        <Text dimColor>{count}</Text>
      </Box>
    </Box>
  );
  const keys: KeyHint[] = typing
    ? [
        ['Enter', 'keep the filter'],
        ['Esc', 'show all'],
      ]
    : [
        ['↑↓', 'move'],
        ['/', 'filter'],
      ];
  return { selected: shown[selected]?.value, typing, keys, onKey, view };
}

const MOVES: Readonly<Record<string, (height: number, length: number) => number>> = {
  up: () => -1,
  down: () => 1,
  pageup: (height) => -height,
  pagedown: (height) => height,
  home: (_height, length) => -length,
  end: (_height, length) => length,
};

const GAP = 2;

/** As wide as what is in them; what is too much is taken from the widest. */
function columnWidths(
  headings: readonly string[],
  items: readonly Item<unknown>[],
  room: number,
): number[] {
  const length = Math.max(headings.length, items[0]?.cells.length ?? 0);
  const widths = Array.from({ length }, (_, column) =>
    items.reduce(
      (width, { cells }) => Math.max(width, stringWidth(printable(cells[column] ?? '', Infinity))),
      stringWidth(headings[column] ?? ''),
    ),
  );
  const total = () => widths.reduce((sum, width) => sum + width + GAP, -GAP);
  while (total() > room) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = Math.max(1, (widths[widest] ?? 0) - (total() - room > 10 ? 5 : 1));
  }
  return widths;
}
