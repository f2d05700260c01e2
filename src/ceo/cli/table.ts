/** Tables for people: columns as wide as what is in them, on the screen. */
import stringWidth from 'string-width';
import { printable } from '../../printable.js';
import type { Terminal } from '../terminal.js';

/** Prints a table, or nothing if there are no rows. Characters may be wide or combine. */
export function printTable(
  terminal: Terminal,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  if (rows.length === 0) return;
  // What is made visible takes more room than it did.
  const lines = [headings, ...rows].map((row) => row.map((cell) => printable(cell, Infinity)));
  const widths = headings.map((_heading, column) =>
    Math.max(...lines.map((line) => stringWidth(line[column] ?? ''))),
  );
  for (const line of lines) {
    const cells = widths.map((width, column) => pad(line[column] ?? '', width));
    terminal.print(cells.join('  ').trimEnd());
  }
}

const pad = (text: string, width: number) => text + ' '.repeat(width - stringWidth(text));
