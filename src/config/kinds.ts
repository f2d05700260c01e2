/**
 * Settings as tables: one row for each key, with its kind, default and meaning.
 * The types of the settings come out of the table, and docs/configuration.md
 * is held against it by a test.
 */
import { isIP, SocketAddress } from 'node:net';
import nodePath from 'node:path';
import { CeoError } from '../errors.js';
import { readCf, type Cf, type Entry } from './cf.js';
import { parseNumber } from './number.js';

/** How the text of a value becomes a typed one. */
export interface Kind<T> {
  /** Completes the sentence "expected …". */
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
  /** Never shown, not even when it is wrong. */
  readonly secret?: true;
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
  /** Every file that was read: this one and what it includes. */
  readonly files: readonly string[];
  /** Every key with the value that counts, as a line of such a file; secrets masked. */
  readonly lines: readonly string[];
  /** Where a key stands: `FILE:LINE`, or the file alone if the default counts. */
  readonly where: (key: keyof T & string) => string;
}

/**
 * Reads a file by its table.
 * @throws CeoError config: file, line, key, and what was expected, for each key
 *   that is wrong
 */
export function load<T extends Table>(table: T, file: string): Loaded<T> {
  return interpret(table, file, readCf(file));
}

/** The settings of a table when there is no file: every default. */
export function defaults<T extends Table>(table: T, file: string): Loaded<T> {
  return interpret(table, file, { entries: new Map(), files: [] });
}

function interpret<T extends Table>(table: T, file: string, { entries, files }: Cf): Loaded<T> {
  const values = Object.entries(table).map(([key, row]) => ({
    key: camelCase(key),
    ...valueOf(key, row, entries.get(key), file),
  }));
  const problems = values.flatMap(({ problem }) => problem ?? []);
  if (problems.length > 0) {
    throw new CeoError('config', problems.join('; '), {
      next: 'docs/configuration.md explains every key.',
    });
  }
  return {
    settings: Object.fromEntries(values.map(({ key, value }) => [key, value])) as SettingsOf<T>,
    warnings: [...entries.values()]
      .filter(({ key }) => !Object.hasOwn(table, key))
      .map((entry) => `${place(entry)}: unknown key ${entry.key}`),
    files,
    lines: Object.entries(table).map(([key, row]) => lineOf(key, row, entries.get(key))),
    where(key) {
      const entry = entries.get(key);
      return entry === undefined ? file : place(entry);
    },
  };
}

function valueOf(
  key: string,
  row: Row<unknown>,
  entry: Entry | undefined,
  file: string,
): { value?: unknown; problem?: string } {
  const { expected } = row.kind;
  const text = entry?.value ?? row.default;
  if (row.optional === true && (text === undefined || text === '')) return { value: undefined };
  if (text === undefined) {
    return { problem: `${file}: ${key} is missing: expected ${expected} (${row.usage})` };
  }
  const value = row.kind.parse(text);
  if (value !== undefined) return { value };
  const shown = row.secret === true ? key : `${key} = ${text}`;
  return {
    problem: `${entry === undefined ? file : place(entry)}: ${shown}: expected ${expected}`,
  };
}

/** What is absent has no value, which is how a file says so. */
function lineOf(key: string, row: Row<unknown>, entry: Entry | undefined): string {
  const text = entry?.value ?? row.default ?? '';
  if (text === '') return `${key} =`;
  if (row.secret === true) return `${key} = [redacted]`;
  const isPlain = text === text.trim() && !/^["']/.test(text);
  return `${key} = ${isPlain ? text : quoted(text)}`;
}

const quoted = (text: string) => (text.includes('"') ? `'${text}'` : `"${text}"`);

const place = ({ file, line }: Entry) => `${file}:${line}`;

const camelCase = (key: string) =>
  key.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());

export const string: Kind<string> = { expected: 'some text', parse: (text) => text || undefined };

/** Without a slash at the end. */
export const path: Kind<string> = {
  expected: 'an absolute path',
  parse: (text) => (text.startsWith('/') ? nodePath.resolve(text) : undefined),
};

export const integer = (min: number, max: number): Kind<number> => ({
  expected: `a whole number from ${min} to ${max}`,
  parse: (text) => {
    const value = parseNumber(text);
    return value !== undefined && value >= min && value <= max ? value : undefined;
  },
});

/** Whole numbers, the ends included. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** `FIRST-LAST` */
export const range = (min: number, max: number): Kind<Range> => ({
  expected: `FIRST-LAST, two whole numbers from ${min} to ${max}`,
  parse: (text) => {
    const ends = text.split('-').map((end) => integer(min, max).parse(end.trim()));
    const [first, last] = ends;
    if (ends.length !== 2 || first === undefined || last === undefined) return undefined;
    return first <= last ? { first, last } : undefined;
  },
});

export interface Startups {
  readonly start: number;
  readonly rate: number;
  readonly full: number;
}

/** `START:RATE:FULL`, as sshd_config(5) has MaxStartups. */
export const startups: Kind<Startups> = {
  expected: 'START:RATE:FULL, such as 96:30:160; RATE in percent',
  parse: (text) => {
    const [start, rate, full, ...more] = text.split(':').map((part) => parseNumber(part.trim()));
    if (start === undefined || rate === undefined || full === undefined || more.length > 0)
      return undefined;
    const isGood = start >= 1 && rate >= 1 && rate <= 100 && full >= start && full <= 1_000_000;
    return isGood ? { start, rate, full } : undefined;
  },
};

export const seconds: Kind<number> = { ...integer(1, 86_400), expected: 'seconds, 1 to 86400' };

export const words: Kind<readonly string[]> = {
  expected: 'words, separated by blanks or commas',
  parse: (text) => text.split(/[\s,]+/).filter((word) => word !== ''),
};

/** For each word, the words that go with it: `A:B,C D:E`. */
export const links: Kind<ReadonlyMap<string, readonly string[]>> = {
  expected: 'groups with those that go with them, such as syscom:office,adm office:www',
  parse: (text) => {
    const entries = text.split(/\s+/).filter((word) => word !== '');
    if (!entries.every((entry) => /^[^:,]+:[^:,]+(,[^:,]+)*$/.test(entry))) return undefined;
    return new Map(
      entries.map((entry) => {
        const [name = '', others = ''] = entry.split(':');
        return [name, others.split(',')];
      }),
    );
  },
};

/** A command line, split at blanks, in which each of the placeholders occurs. */
export const command = (...placeholders: readonly string[]): Kind<readonly string[]> => ({
  expected: `a command line with ${placeholders.join(' and ')}`,
  parse: (text) =>
    placeholders.every((placeholder) => text.includes(placeholder))
      ? text.split(/\s+/).filter((word) => word !== '')
      : undefined,
});

/** A pattern for the whole of a text, whether or not it is anchored in the file. */
export const regexp: Kind<RegExp> = {
  expected: 'a regular expression',
  parse: (text) => {
    if (text === '') return undefined;
    try {
      new RegExp(text);
    } catch {
      return undefined;
    }
    const body = text.replace(/^\^/, '').replace(/(?<!\\)\$$/, '');
    return new RegExp(body.includes('|') ? `^(?:${body})$` : `^${body}$`);
  },
};

/** Without a slash at the end. */
export const httpUrl: Kind<string> = {
  expected: 'a URL, http:// or https://',
  parse: (text) =>
    /^https?:\/\/[^\s/]+(\/\S*)?$/.test(text) ? text.replace(/\/+$/, '') : undefined,
};

export const postgresUrl: Kind<string> = {
  expected: 'a URL, postgres://USER:PASSWORD@HOST/DATABASE',
  parse: (text) => (/^postgres(?:ql)?:\/\/\S+$/.test(text) ? text : undefined),
};

export const ldapUrl: Kind<string> = {
  expected: 'ldaps://HOST or ldap://HOST',
  parse: (text) => (isLdapUrl(text) ? text : undefined),
};

export const ldapUrls: Kind<readonly string[]> = {
  expected: 'one or more of ldaps://HOST or ldap://HOST, separated by blanks or commas',
  parse: (text) => {
    const urls = words.parse(text) ?? [];
    return urls.every(isLdapUrl) && urls.length > 0 ? urls : undefined;
  },
};

const isLdapUrl = (text: string) => /^ldaps?:\/\/[^/?\s]+\/?$/i.test(text) && URL.canParse(text);

export const dn: Kind<string> = {
  expected: 'a DN, such as ou=People,dc=example,dc=org',
  parse: (text) => (/^[A-Za-z0-9.-]+\s*=./.test(text) ? text : undefined),
};

export const address: Kind<string> = {
  expected: 'an IPv4 or IPv6 address',
  parse: (text) => (isAddress(text) ? text : undefined),
};

/** net.isIP takes 3 ms at its first IPv6 address, which every program would wait for. */
function isAddress(text: string): boolean {
  // Those with a zone alone, and what is none: SocketAddress would take too much of it.
  if (!/^[0-9a-fA-F:.]{2,45}$/.test(text)) return isIP(text) !== 0;
  try {
    new SocketAddress({ address: text, family: text.includes(':') ? 'ipv6' : 'ipv4' });
    return true;
  } catch {
    return false;
  }
}

/** Addresses that begin alike: RFC 4632 §3.1, RFC 4291 §2.3. */
export interface Network {
  readonly address: string;
  /** How many bits they share; a single address has all of them. */
  readonly prefix: number;
}

export const networks: Kind<readonly Network[]> = {
  expected: 'addresses and networks, such as 192.0.2.7 2001:db8::/32',
  parse: (text) => {
    const parsed = (words.parse(text) ?? []).map(parseNetwork);
    return parsed.every((network) => network !== undefined) ? parsed : undefined;
  },
};

function parseNetwork(text: string): Network | undefined {
  const [address = '', bits, ...rest] = text.split('/');
  const length = address.includes(':') ? 128 : 32;
  const prefix = bits === undefined ? length : parseNumber(bits);
  // A zone would not count: it is the address on every link.
  const isGood = rest.length === 0 && !address.includes('%') && isAddress(address);
  return isGood && prefix !== undefined && prefix <= length ? { address, prefix } : undefined;
}

export const oneOf = <const V extends string>(...values: readonly V[]): Kind<V> => ({
  expected: values.join(' or '),
  parse: (text) => values.find((value) => value === text),
});
