/** A terminal's screen as SVG: each word where its cells are, whatever font there is. */
import stringWidth from 'fast-string-width';
import { graphemes } from '../src/ceo/tui/lineEditor.js';
import type { Capture } from '../test/support/tmux.js';

// In pixels.
const CELL = { width: 8.4, height: 18 };
const FONT_SIZE = 14;
const PADDING = 16;
const BAR = 28;
/** From the top of a cell. */
const BASELINE = 13;

const FONTS = 'ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace';
const FOREGROUND = '#d5dae3';
const BACKGROUND = '#1b1f27';
const FRAME = '#4b5261';

interface Style {
  readonly bold: boolean;
  readonly dim: boolean;
  readonly inverse: boolean;
  readonly colour: string;
  readonly background: string;
}

const PLAIN: Style = {
  bold: false,
  dim: false,
  inverse: false,
  colour: FOREGROUND,
  background: BACKGROUND,
};

interface Cell {
  readonly column: number;
  /** In columns. */
  readonly width: number;
  readonly text: string;
  readonly style: Style;
}

/**
 * @param title what the picture shows, for those who cannot see it
 * @param size of the terminal, in cells
 * @throws Error for control sequences that are not drawn
 */
export function drawTerminal(
  { text, cursor }: Capture,
  title: string,
  size: { readonly columns: number; readonly rows: number },
): string {
  const width = size.columns * CELL.width + 2 * PADDING;
  const height = size.rows * CELL.height + 2 * PADDING + BAR;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="${BACKGROUND}" stroke="${FRAME}"/>`,
    ...[0, 1, 2].map(
      (index) => `<circle cx="${PADDING + 4 + index * 18}" cy="18" r="5" fill="${FRAME}"/>`,
    ),
    `<g transform="translate(${PADDING} ${PADDING + BAR})" font-family='${FONTS}' font-size="${FONT_SIZE}" fill="${FOREGROUND}">`,
    ...cellsOf(text).flatMap((cells, row) => [
      ...runsOf(cells, sameBackground).flatMap((run) => drawBackground(run, row)),
      ...runsOf(cells, sameWord).flatMap((run) => drawText(run, row)),
    ]),
    ...(cursor === undefined ? [] : [drawCursor(cursor)]),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** The cells of each line; a style holds beyond the end of its line. */
function cellsOf(text: string): Cell[][] {
  let style = PLAIN;
  return text.split('\n').map((line) => {
    const cells: Cell[] = [];
    let column = 0;
    for (const [all, codes, written] of line.matchAll(/\u001b\[([\d;]*)m|(\P{Cc}+)|\p{Cc}/gu)) {
      if (codes !== undefined) style = restyled(style, codes.split(';').map(Number));
      else if (written === undefined) throw new Error(`${JSON.stringify(all)} is not drawn`);
      else {
        for (const character of graphemes(written)) {
          const width = stringWidth(character);
          cells.push({ column, width, text: character, style });
          column += width;
        }
      }
    }
    return cells;
  });
}

/** Select graphic rendition, ECMA-48 8.3.117, with the colours of xterm. */
function restyled(style: Style, codes: number[]): Style {
  const [code = 0, ...rest] = codes;
  if (codes.length === 0) return style;
  if (code === 38 || code === 48) {
    const [kind, index = 0, ...others] = rest;
    if (kind !== 5) throw new Error(`SGR ${codes.join(';')} is not drawn`);
    const colour = colourOf(index);
    return restyled({ ...style, [code === 38 ? 'colour' : 'background']: colour }, others);
  }
  const change = ATTRIBUTES[code] ?? namedColour(code);
  if (change === undefined) throw new Error(`SGR ${code} is not drawn`);
  return restyled({ ...style, ...change }, rest);
}

const ATTRIBUTES: Readonly<Record<number, Partial<Style>>> = {
  0: PLAIN,
  1: { bold: true },
  2: { dim: true },
  7: { inverse: true },
  22: { bold: false, dim: false },
  27: { inverse: false },
  39: { colour: FOREGROUND },
  49: { background: BACKGROUND },
};

function namedColour(code: number): Partial<Style> | undefined {
  if (code >= 30 && code <= 37) return { colour: colourOf(code - 30) };
  if (code >= 40 && code <= 47) return { background: colourOf(code - 40) };
  if (code >= 90 && code <= 97) return { colour: colourOf(code - 90 + 8) };
  if (code >= 100 && code <= 107) return { background: colourOf(code - 100 + 8) };
  return undefined;
}

const NAMED = [
  ...['#3b4252', '#f07178', '#9ccc65', '#e6c07b', '#6fa8f5', '#c792ea', '#4fc3d9', '#c8cdd6'],
  ...['#667085', '#ff8b92', '#b9e38a', '#f5d99a', '#93c1ff', '#dbb2f5', '#7fdcec', '#ffffff'],
];

/** One of 256: 16 with names, a cube of 6×6×6, 24 greys. */
function colourOf(index: number): string {
  const named = NAMED[index];
  if (named !== undefined) return named;
  if (index >= 232) return rgb([0, 1, 2].map(() => 8 + (index - 232) * 10));
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
  return rgb([36, 6, 1].map((weight) => level(Math.floor((index - 16) / weight) % 6)));
}

const rgb = (levels: readonly number[]): string =>
  `#${levels.map((level) => level.toString(16).padStart(2, '0')).join('')}`;

function runsOf(cells: readonly Cell[], together: (one: Cell, next: Cell) => boolean): Cell[][] {
  const runs: Cell[][] = [];
  for (const cell of cells) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (last !== undefined && together(last, cell)) run?.push(cell);
    else runs.push([cell]);
  }
  return runs;
}

const backgroundOf = ({ style }: Cell) => (style.inverse ? style.colour : style.background);

const sameBackground = (one: Cell, next: Cell) => backgroundOf(one) === backgroundOf(next);

/** Symbols and wide characters come from other fonts, of another width: each stands for itself. */
const sameWord = (one: Cell, next: Cell) =>
  looks(one) === looks(next) &&
  ((one.text === LINE && next.text === LINE) || (isOrdinary(one) && isOrdinary(next)));

const isOrdinary = ({ text, width }: Cell) => width === 1 && /^[\p{L}\p{N}\p{P}]/u.test(text);

const LINE = '─';

/** How the text of a cell looks, as attributes. */
function looks({ style: { bold, dim, inverse, colour, background } }: Cell): string {
  const fill = inverse ? background : colour;
  return [
    fill === FOREGROUND ? '' : ` fill="${fill}"`,
    bold ? ' font-weight="bold"' : '',
    dim ? ' opacity="0.6"' : '',
  ].join('');
}

function drawBackground(run: readonly Cell[], row: number): string[] {
  const [first] = run;
  if (first === undefined || backgroundOf(first) === BACKGROUND) return [];
  const { x, y, width } = boxOf(run, row);
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${CELL.height}" fill="${backgroundOf(first)}"/>`,
  ];
}

function drawText(run: readonly Cell[], row: number): string[] {
  const [first] = run;
  const text = run.map((cell) => cell.text).join('');
  if (first === undefined || text.trim() === '') return [];
  const { x, y, width } = boxOf(run, row);
  // Fonts leave gaps in lines.
  if (first.text === LINE) {
    return [
      `<rect x="${x}" y="${y + CELL.height / 2}" width="${width}" height="1"${looks(first)}/>`,
    ];
  }
  const length = run.length === 1 ? '' : ` textLength="${width}"`;
  return [`<text x="${x}" y="${y + BASELINE}"${length}${looks(first)}>${escaped(text)}</text>`];
}

/** A block that what is under it shines through. */
function drawCursor({ column, row }: NonNullable<Capture['cursor']>): string {
  const x = rounded(column * CELL.width);
  return `<rect x="${x}" y="${row * CELL.height}" width="${CELL.width}" height="${CELL.height}" opacity="0.5"/>`;
}

/** In pixels. */
function boxOf(run: readonly Cell[], row: number) {
  const columns = run.reduce((sum, { width }) => sum + width, 0);
  return {
    x: rounded((run[0]?.column ?? 0) * CELL.width),
    y: row * CELL.height,
    width: rounded(columns * CELL.width),
  };
}

const rounded = (pixels: number) => Math.round(pixels * 10) / 10;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

const escaped = (text: string) => text.replace(/[&<>]/g, (character) => ENTITIES[character] ?? '');
