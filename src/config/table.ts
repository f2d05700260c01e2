/**
 * Settings as tables: one row for each key, with its kind, default and meaning.
 * The types of the settings come out of the table, and docs/configuration.md
 * is held against it by a test.
 */
import { readCf, configError, type Entry } from './cf.js';
import { CeoError } from '../errors.js';

/** How the text of a value becomes a typed one. Throws a string: what was expected. */
export interface Kind<T> {
  readonly expected: string;
  /** @returns undefined if the text is not of this kind */
  parse(text: string): T | undefined;
}

export interface Row<T> {
  readonly kind: Kind<T>;
  /** What it means, for the operator. */
  readonly usage: string;
  /** The text of the default, as it would stand in a file; without one the key is required. */
  readonly default?: string;
  /** May be absent: the setting is then undefined. */
  readonly optional?: true;
}

export type Table = Readonly<Record<string, Row<unknown>>>;

type CamelCase<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;

/** Settings of a table: `member_min_id` becomes `memberMinId`. */
export type SettingsOf<T extends Table> = {
  readonly [K in keyof T & string as CamelCase<K>]: T[K] extends {
    optional: true;
    kind: Kind<infer V>;
  }
    ? V | undefined
    : T[K] extends { kind: Kind<infer V> }
      ? V
      : never;
};

export interface Loaded<T extends Table> {
  readonly settings: SettingsOf<T>;
  /** One for each key that nobody knows. */
  readonly warnings: readonly string[];
}

/**
 * Reads a file by its table.
 * @throws CeoError config: file, line, key, and what was expected
 */
export function load<T extends Table>(table: T, file: string): Loaded<T> {
  const entries = readCf(file);
  const settings = Object.fromEntries(
    Object.entries(table).map(([key, row]) => [
      camelCase(key),
      valueOf(key, row, entries.get(key), file),
    ]),
  ) as SettingsOf<T>;
  const warnings = [...entries.values()]
    .filter(({ key }) => !(key in table))
    .map(({ key, file: where, line }) => `${where}:${line}: unknown key ${key}`);
  return { settings, warnings };
}

/** The settings of a table when there is no file: every default. */
export function defaults<T extends Table>(table: T, file: string): SettingsOf<T> {
  return Object.fromEntries(
    Object.entries(table).map(([key, row]) => [camelCase(key), valueOf(key, row, undefined, file)]),
  ) as SettingsOf<T>;
}

function valueOf(key: string, row: Row<unknown>, entry: Entry | undefined, file: string): unknown {
  const text = entry?.value ?? row.default;
  if (text === undefined || (text === '' && row.optional === true)) {
    if (row.optional === true) return undefined;
    throw new CeoError('config', `${file}: ${key} is missing.`, {
      next: `Add a line: ${key} = …   (${row.usage}; expected: ${row.kind.expected})`,
    });
  }
  const value = row.kind.parse(text);
  if (value !== undefined) return value;
  const problem = `${key} = ${text}: expected ${row.kind.expected}`;
  throw entry === undefined ? new Error(problem) : configError(entry.file, entry.line, problem);
}

const camelCase = (key: string) =>
  key.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());

export const string: Kind<string> = { expected: 'some text', parse: (text) => text || undefined };

export const path: Kind<string> = {
  expected: 'an absolute path',
  parse: (text) => (text.startsWith('/') ? text : undefined),
};

export const integer = (min: number, max: number): Kind<number> => ({
  expected: `a whole number from ${min} to ${max}`,
  parse: (text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
    return value >= min && value <= max ? value : undefined;
  },
});

export const seconds: Kind<number> = { ...integer(1, 86_400), expected: 'seconds, 1 to 86400' };

export const words: Kind<readonly string[]> = {
  expected: 'words, separated by blanks or commas',
  parse: (text) => text.split(/[\s,]+/).filter((word) => word !== ''),
};

export const regexp: Kind<RegExp> = {
  expected: 'a regular expression that is anchored: ^…$',
  parse: (text) => {
    if (!text.startsWith('^') || !text.endsWith('$')) return undefined;
    try {
      return new RegExp(text);
    } catch {
      return undefined;
    }
  },
};

export const ldapUrls: Kind<readonly string[]> = {
  expected: 'one or more of ldaps://HOST or ldap://HOST, separated by blanks',
  parse: (text) => {
    const urls = words.parse(text) ?? [];
    const good = urls.every((url) => /^ldaps?:\/\/[^/?\s]+\/?$/.test(url));
    return good && urls.length > 0 ? urls : undefined;
  },
};

export const oneOf = <const V extends string>(...values: readonly V[]): Kind<V> => ({
  expected: `one of ${values.join(', ')}`,
  parse: (text) => values.find((value) => value === text),
});
