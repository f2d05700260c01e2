/**
 * The CSV file of an import (docs/import.md). All of it is checked, so that nothing is begun that
 * a typing error would stop half-way.
 */
import { CeoError } from '../../errors.js';
import { printable } from '../../printable.js';
import {
  newAccountProblems,
  type NewAccountFields,
  type NewAccountRules,
} from '../../newAccount.js';
import { detailsOf, FIELDS, NEEDED, PERSON, type FieldName } from '../../person.js';
import { recordOf } from '../../recordOf.js';
import { MAX_TERMS } from '../../directory/terms.js';
import type { NewPerson } from './signUp.js';
import {
  normalizedHeading,
  readSpreadsheet,
  UnreadableSheet,
  type CsvRecord,
  type Format,
  type Spreadsheet,
} from './spreadsheet.js';

/** A person to be signed up. */
export interface ImportRow extends Omit<NewPerson, 'password'> {
  /** Of the file, from 1, where the row begins. */
  readonly line: number;
  /** Undefined: to be generated. */
  readonly password: string | undefined;
}

/** What is wrong in a file, and where. It never quotes a password. */
export interface FileProblem {
  readonly line: number;
  /** Undefined: the line as a whole. */
  readonly column: string | undefined;
  readonly message: string;
}

export class BadImportFile extends CeoError {
  constructor(readonly problems: readonly FileProblem[]) {
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    super('usage', `The file has ${count}: nothing was sent.`, {
      next: 'Correct it and try again.',
    });
  }
}

export interface FileRules extends NewAccountRules {
  /** Whether a row may be without a password. */
  readonly generatePasswords: boolean;
}

const columnOf = (field: FieldName) => PERSON[field].column;

const COLUMNS = ['username', ...FIELDS.map(columnOf), 'password', 'terms', 'club_rep'] as const;
const NEEDED_COLUMNS = ['username', ...NEEDED.map(columnOf)] as const;
type Column = (typeof COLUMNS)[number];

const YES = ['yes', 'y', 'true', '1'];
const NO = ['', 'no', 'n', 'false', '0'];

export interface ImportFile {
  readonly rows: ImportRow[];
  /** How it was read. */
  readonly format: Format;
}

/**
 * @param said of the format, what the file does not have to tell
 * @throws BadImportFile
 */
export function parseImport(
  bytes: Uint8Array,
  rules: FileRules,
  said: Partial<Format> = {},
): ImportFile {
  const { records: all, format } = sheet(bytes, said);
  const [header, ...records] = all;
  if (header === undefined) throw fileProblem(1, 'there is no header line');
  const columns = columnsOf(header);
  if (records.length === 0) throw fileProblem(header.line, 'there is no row below the header');
  const problems: FileProblem[] = [];
  const lineOfUsername = new Map<string, number>();
  const rows = records.map((record) => {
    const { line } = record;
    const fields = withoutEmptyEnd(record.fields, columns.length);
    if (fields.length !== columns.length) {
      const message = `${fields.length} fields, but the header has ${columns.length}`;
      problems.push({ line, column: undefined, message });
      return undefined;
    }
    const row = rowOf(record, columns);
    for (const [column, message] of problemsOf(row, rules))
      problems.push({ line, column, message });
    if (row.username !== '') {
      // The directory does not tell upper from lower case.
      const name = row.username.toLowerCase();
      const first = lineOfUsername.get(name);
      if (first === undefined) lineOfUsername.set(name, line);
      else problems.push({ line, column: 'username', message: `it is in line ${first} already` });
    }
    return toImport(row);
  });
  if (problems.length > 0) throw new BadImportFile(problems);
  return { rows: rows.filter((row) => row !== undefined), format };
}

function sheet(bytes: Uint8Array, said: Partial<Format>): Spreadsheet {
  try {
    return readSpreadsheet(bytes, said, COLUMNS);
  } catch (error) {
    if (error instanceof UnreadableSheet) throw fileProblem(error.line, error.message);
    throw error;
  }
}

/** Without what a spreadsheet writes of empty columns beside the table. */
function withoutEmptyEnd(fields: readonly string[], width: number): readonly string[] {
  const rest = fields.slice(width);
  return rest.every((field) => field.trim() === '') ? fields.slice(0, width) : fields;
}

/** The fields of a row as they stand in the file, without the blanks around them. */
type Row = { readonly line: number } & Readonly<Record<Column, string>>;

function rowOf({ line, fields }: CsvRecord, columns: readonly Column[]): Row {
  const field = (column: Column) => fields[columns.indexOf(column)] ?? '';
  return {
    line,
    ...recordOf(COLUMNS, (column) => field(column).trim()),
    // Blanks may belong to it.
    password: field('password'),
    club_rep: field('club_rep').trim().toLowerCase(),
  };
}

const COLUMN_OF: Readonly<Record<keyof NewAccountFields, Column>> = {
  username: 'username',
  ...recordOf(FIELDS, columnOf),
  password: 'password',
};

function problemsOf(row: Row, rules: FileRules): [Column, string][] {
  const { username, password } = row;
  const isNeeded = password === '' && !rules.generatePasswords;
  const found: [Column, string | undefined][] = [
    ...newAccountProblems(
      { username, ...personIn(row), ...(password !== '' && { password }) },
      rules,
    ).map(([field, problem]): [Column, string] => [COLUMN_OF[field], problem]),
    ['password', isNeeded ? 'it is needed, or --generate-passwords FILE' : undefined],
    ['terms', termsOf(row) === undefined ? `expected a number from 1 to ${MAX_TERMS}` : undefined],
    [
      'club_rep',
      [...YES, ...NO].includes(row.club_rep) ? undefined : 'expected yes or no; empty means no',
    ],
  ];
  return found.filter((each): each is [Column, string] => each[1] !== undefined);
}

function termsOf({ terms }: Row): number | undefined {
  if (terms === '') return 1;
  const count = /^\d{1,2}$/.test(terms) ? Number(terms) : 0;
  return count >= 1 && count <= MAX_TERMS ? count : undefined;
}

const personIn = (row: Row) => detailsOf(FIELDS, (field) => row[columnOf(field)]);

/** Of a row without problems. */
function toImport(row: Row): ImportRow {
  return {
    line: row.line,
    kind: YES.includes(row.club_rep) ? 'club-rep' : 'member',
    username: row.username,
    ...personIn(row),
    password: row.password === '' ? undefined : row.password,
    terms: termsOf(row) ?? 1,
  };
}

function columnsOf({ line, fields }: CsvRecord): Column[] {
  const width = fields.findLastIndex((field) => field.trim() !== '') + 1;
  const names = fields.slice(0, width).map(normalizedHeading);
  const known = (name: string): name is Column => (COLUMNS as readonly string[]).includes(name);
  const unknown = names.filter((name) => !known(name));
  const twice = names.filter((name, index) => known(name) && names.indexOf(name) !== index);
  const missing = NEEDED_COLUMNS.filter((name) => !names.includes(name));
  const problems = [
    ...unknown.map((name) => `"${printable(name, 60)}" is no column: there are ${list(COLUMNS)}`),
    ...twice.map((name) => `the column ${name} is there twice`),
    ...missing.map((name) => `the column ${name} is missing`),
  ];
  if (problems.length > 0) {
    throw new BadImportFile(problems.map((message) => ({ line, column: undefined, message })));
  }
  return names.filter(known);
}

const list = (names: readonly string[]) => names.join(', ');

const fileProblem = (line: number, message: string) =>
  new BadImportFile([{ line, column: undefined, message }]);
