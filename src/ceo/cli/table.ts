/** Tables for people: columns as wide as what is in them, counted in cells of the terminal. */
import stringWidth from 'fast-string-width';
import { printable } from '../../printable.js';
import type { Terminal } from '../terminal.js';

/** Prints nothing if there are no rows. Characters may be wide or combine. */
export function printTable(
  terminal: Terminal,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  if (rows.length === 0) return;
  // What is made visible takes more room than it did.
  const shown = [headings, ...rows].map((row) => row.map((cell) => printable(cell, Infinity)));
  const widths = headings.map((_heading, column) =>
    Math.max(...shown.map((row) => stringWidth(row[column] ?? ''))),
  );
  for (const row of shown) {
    const cells = widths.map((width, column) => pad(row[column] ?? '', width));
    terminal.print(cells.join('  ').trimEnd());
  }
}

/** Labels and their values, one a line. */
export function printFields(
  terminal: Terminal,
  fields: readonly (readonly [label: string, value: string])[],
): void {
  const width = Math.max(...fields.map(([label]) => stringWidth(label)));
  for (const [label, value] of fields) terminal.print(`${pad(label, width)}  ${value}`.trimEnd());
}

/** As wide as asked for, in cells; what is wider stays so. */
export const pad = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - stringWidth(text)));
