/**
 * CSV as spreadsheets write it: RFC 4180 in UTF-8, or with semicolons or tabs, in UTF-16 with a mark
 * or in Windows-1252. What it is is told by the file itself; where it does not, it has to be said.
 */
import { CsvError, parse } from 'csv-parse/sync';
import iconv from 'iconv-lite';

const DELIMITERS = { comma: ',', semicolon: ';', tab: '\t' } as const;
export type Delimiter = keyof typeof DELIMITERS;
export const DELIMITER_NAMES = Object.keys(DELIMITERS) as Delimiter[];

/** By their names in the Encoding Standard of the WHATWG. */
export const ENCODINGS = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'windows-1252',
  'iso-8859-15',
  'macintosh',
] as const;
export type Encoding = (typeof ENCODINGS)[number];

export interface Format {
  readonly encoding: Encoding;
  readonly delimiter: Delimiter;
}

export interface CsvRecord {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

export interface Spreadsheet {
  readonly format: Format;
  /** Those that are not all empty, as spreadsheets leave them below the last row. */
  readonly records: readonly CsvRecord[];
}

/** Why a file cannot be read. It quotes nothing of it. */
export class UnreadableSheet extends Error {
  constructor(
    readonly line: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * @param said what the file does not have to tell
 * @param headings what may stand in its first line
 * @throws UnreadableSheet
 */
export function readSpreadsheet(
  bytes: Uint8Array,
  said: Partial<Format>,
  headings: readonly string[],
): Spreadsheet {
  const encoding = said.encoding ?? encodingOf(bytes);
  const { delimiter: announced, text, linesAbove } = withoutAnnouncement(decoded(bytes, encoding));
  const delimiter = said.delimiter ?? announced ?? delimiterOf(text, headings);
  const records = recordsOf(text, DELIMITERS[delimiter]).map(({ line, fields }) => ({
    line: line + linesAbove,
    fields,
  }));
  return { format: { encoding, delimiter }, records };
}

/** A heading as programs know it: `Club Rep` is `club_rep`. */
export const normalizedHeading = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');

// --- Encodings ----------------------------------------------------------------------

const MARKS: readonly (readonly [mark: readonly number[], encoding: Encoding])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
];

const SAY_ENCODING = `say what it is with --encoding (${ENCODINGS.join(', ')})`;

function encodingOf(bytes: Uint8Array): Encoding {
  const marked = MARKS.find(([mark]) => mark.every((byte, index) => bytes[index] === byte));
  if (marked !== undefined) return marked[1];
  if (bytes.includes(0))
    throw new UnreadableSheet(1, `this is UTF-16 without a mark, or no text; ${SAY_ENCODING}`);
  if (isUtf8(bytes)) return 'utf-8';
  if (bytes.every(isCertain)) return 'windows-1252';
  throw new UnreadableSheet(lineOfInvalid(bytes), `this is no UTF-8; ${SAY_ENCODING}`);
}

/**
 * ASCII, or a letter of Western Europe in Windows-1252 and ISO 8859-1 alike. The others are other
 * characters, or other letters, from one encoding to the next.
 */
const isCertain = (byte: number): boolean =>
  byte < 0x80 || (byte >= 0xc0 && byte !== 0xd7 && byte !== 0xf7);

/** A mark at the beginning is none of the text. */
function decoded(bytes: Uint8Array, encoding: Encoding): string {
  // Node takes windows-1252 for ISO 8859-1.
  const text = iconv.decode(Buffer.from(bytes), encoding);
  if (!text.includes(REPLACEMENT)) return text;
  const lineOfReplacement = text.slice(0, text.indexOf(REPLACEMENT)).split('\n').length;
  const written = iconv.encode(text, encoding);
  if (written.equals(Buffer.from(bytes).subarray(-written.length)))
    throw new UnreadableSheet(lineOfReplacement, LOST);
  const line = encoding === 'utf-8' ? lineOfInvalid(bytes) : lineOfReplacement;
  throw new UnreadableSheet(line, `this is no ${encoding}; ${SAY_ENCODING}`);
}

const LOST = 'it contains U+FFFD: a character was lost when the file was converted; type it again';

/** What a decoder puts in the place of bytes that mean nothing. */
const REPLACEMENT = '\ufffd';

function isUtf8(bytes: Uint8Array): boolean {
  return Buffer.from(Buffer.from(bytes).toString('utf8')).equals(bytes);
}

/** The first line that is no UTF-8 by itself: no character's bytes contain a line feed. */
function lineOfInvalid(bytes: Uint8Array): number {
  const lines = Buffer.from(bytes).toString('latin1').split('\n');
  const index = lines.findIndex((line) => !isUtf8(Buffer.from(line, 'latin1')));
  return index < 0 ? 1 : index + 1;
}

// --- Delimiters ---------------------------------------------------------------------

/** `sep=;` in a line of its own is how Excel is told, and tells. */
function withoutAnnouncement(text: string) {
  const [line = '', separator = ''] = /^sep=([,;\t])(?:\r\n|\n|\r)/.exec(text) ?? [];
  const delimiter = DELIMITER_NAMES.find((name) => DELIMITERS[name] === separator);
  return { delimiter, text: text.slice(line.length), linesAbove: line === '' ? 0 : 1 };
}

/** The one with which the first line has most of the headings. */
function delimiterOf(text: string, headings: readonly string[]): Delimiter {
  const [header = ''] = text.split(/\r\n|\n|\r/);
  const known = DELIMITER_NAMES.map((name) => {
    const found = header
      .split(DELIMITERS[name])
      .filter((field) => headings.includes(normalizedHeading(field.replace(/^\s*"|"\s*$/g, ''))));
    return { name, count: found.length };
  });
  const most = Math.max(...known.map(({ count }) => count));
  const best = known.filter(({ count }) => count === most);
  const [only] = best;
  if (best.length === 1 && only !== undefined) return only.name;
  const used = DELIMITER_NAMES.filter((name) => header.includes(DELIMITERS[name]));
  if (used.length <= 1) return used[0] ?? 'comma';
  throw new UnreadableSheet(
    1,
    `it is not clear what separates the fields; say it with --delimiter (${DELIMITER_NAMES.join(', ')})`,
  );
}

// --- Records ------------------------------------------------------------------------

function recordsOf(text: string, delimiter: string): CsvRecord[] {
  let lastLine = 0;
  try {
    const parsed = parse(text, {
      delimiter,
      info: true,
      onRecord: (record: string[], { lines }) => {
        lastLine = lines;
        return record;
      },
      recordDelimiter: ['\r\n', '\n', '\r'],
      relaxColumnCount: true,
      skipEmptyLines: true,
    }) as unknown as { record: string[]; info: { lines: number } }[];
    return parsed
      .map(({ record, info }) => ({ line: info.lines - lineBreaks(record), fields: record }))
      .filter(({ fields }) => fields.some((field) => field.trim() !== ''));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // Its message may quote what may be a password.
    const { lines } = error as { lines?: unknown };
    // It notices at the end of the file that a field did not end.
    const isOpen = error.code === 'CSV_QUOTE_NOT_CLOSED' || typeof lines !== 'number';
    throw new UnreadableSheet(isOpen ? lastLine + 1 : lines, QUOTING[error.code] ?? 'no valid CSV');
  }
}

const QUOTING: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quoted field of the row that begins here does not end',
  CSV_INVALID_CLOSING_QUOTE: 'text behind the end of a quoted field; a quote inside is written ""',
  INVALID_OPENING_QUOTE: 'a quote inside a field; quote the field, and write "" for the quote',
};

/** How many lines a record has besides its last one. */
const lineBreaks = (fields: readonly string[]) =>
  fields.reduce((sum, field) => sum + (field.match(/\r\n|\n|\r/g)?.length ?? 0), 0);
