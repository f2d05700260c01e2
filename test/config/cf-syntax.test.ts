/** Promise: the *.cf files that sites have are read as they are, and an error names the place. */
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CeoError } from '../../src/errors.js';
import { readCf } from '../../src/config/cf.js';
import { configErrorOf, privateFolder } from './folder.js';

const folder = privateFolder();

const valuesIn = (file: string) =>
  Object.fromEntries([...readCf(file).entries].map(([key, { value }]) => [key, value]));
const read = (text: string | Buffer) => valuesIn(folder.write('test.cf', text));

describe('values', () => {
  test.each<[string, string, Record<string, string>]>([
    ['bare', 'a = b', { a: 'b' }],
    ['no blanks', 'a=b', { a: 'b' }],
    ['many blanks', '\t a  \t=  b c \t', { a: 'b c' }],
    ['double quotes', 'a = "b"', { a: 'b' }],
    ['single quotes', "a = 'b'", { a: 'b' }],
    ['blanks inside quotes', 'a = " b "', { a: ' b ' }],
    ['a quote in the middle', 'a = it\'s "so"', { a: 'it\'s "so"' }],
    ['quotes of the other kind inside', `a = "'b'"`, { a: "'b'" }],
    ['empty', 'a =', { a: '' }],
    ['empty in quotes', 'a = ""', { a: '' }],
    ['an equals sign in it', 'base = "ou=People,dc=x"', { base: 'ou=People,dc=x' }],
    ['a key with - and a digit first', '2-b = c', { '2-b': 'c' }],
    [
      'a key that begins like include',
      'included = x\ninclude_x = y',
      { included: 'x', include_x: 'y' },
    ],
    ['a key include', 'include = x', { include: 'x' }],
    ['the last of several', 'a = 1\na = 2', { a: '2' }],
    ['CRLF', 'a = b\r\nc = "d"\r\n', { a: 'b', c: 'd' }],
    ['byte order mark', '\u{feff}a = b', { a: 'b' }],
    ['no newline at the end', '\n\na = b', { a: 'b' }],
    ['an odd line separator inside', 'a = "b\u{2028}c"', { a: 'b\u{2028}c' }],
    ['nothing', '', {}],
  ])('%s', (_what, text, expected) => {
    expect(read(text)).toEqual(expected);
  });
});

describe('comments', () => {
  test.each<[string, string, Record<string, string>]>([
    ['a whole line', '# a = b', {}],
    ['indented', '   ### a', {}],
    ['behind a value', 'a = b # c', { a: 'b' }],
    ['behind quotes', 'a = "b" # c "d"', { a: 'b' }],
    ['a backslash at its end continues nothing', '# a \\\nb = c', { b: 'c' }],
    ['an odd line separator does not end it', '# a\u{2028}b = c', {}],
    ['neither does a carriage return', '# a\rb = c', {}],
    ['Latin-1 in it', '# caf\u{e9}\na = b', { a: 'b' }],
  ])('%s', (_what, text, expected) => {
    expect(read(Buffer.from(text, text.includes('\u{e9}') ? 'latin1' : 'utf8'))).toEqual(expected);
  });
});

describe('continued lines', () => {
  test.each<[string, string, Record<string, string>]>([
    ['joined by one blank', 'a = b \\\n     c', { a: 'b c' }],
    ['without blanks too', 'a = b\\\nc', { a: 'b c' }],
    ['three of them', 'a = b\\\nc\\\nd\ne = f', { a: 'b c d', e: 'f' }],
    ['a comment between', 'a = b \\ # first\n c # second\nd = e', { a: 'b c', d: 'e' }],
    ['inside quotes', 'a = "b \\\n c"', { a: 'b c' }],
    ['CRLF', 'a = b \\\r\n c\r\n', { a: 'b c' }],
    ['at the end of the file', 'a = b \\', { a: 'b' }],
    ['before the equals sign', 'a \\\n = b', { a: 'b' }],
    ['include', 'include \\\n empty.cf\na = b', { a: 'b' }],
  ])('%s', (_what, text, expected) => {
    folder.write('empty.cf', '');
    expect(read(text)).toEqual(expected);
  });

  test('an entry stands on its first line', () => {
    const file = folder.write('place.cf', '\n\na = b \\\n c\nd = e');
    expect([...readCf(file).entries.values()]).toEqual([
      { key: 'a', value: 'b c', file, line: 3 },
      { key: 'd', value: 'e', file, line: 5 },
    ]);
  });
});

describe('include', () => {
  test('is relative to the including file, takes effect in its place, and is told', () => {
    const first = folder.write('outer.cf', 'a = 1\nb = 1\ninclude sub/inner.cf\nc = 3');
    const second = folder.write('sub/inner.cf', 'include "deep file.cf"\nb = 2\nc = 2');
    const third = folder.write('sub/deep file.cf', 'd = 4');
    expect(valuesIn(first)).toEqual({ a: '1', b: '2', c: '3', d: '4' });
    expect(readCf(first).files).toEqual([first, second, third]);
    expect(readCf(first).entries.get('b')).toMatchObject({ file: second, line: 2 });
  });

  test('twice is no loop', () => {
    folder.write('common.cf', 'a = 1');
    expect(read('include common.cf\na = 2\ninclude common.cf')).toEqual({ a: '1' });
  });

  test.each([
    ['of itself', 'self.cf'],
    ['by a longer way', './sub2/../self.cf'],
    ['through a link', 'link.cf'],
  ])('a loop is an error: %s', async (_what, target) => {
    folder.write('sub2/x', '');
    const file = folder.write('self.cf', `a = 1\ninclude ${target}`);
    if (target === 'link.cf') symlinkSync('self.cf', path.join(folder.path, target));
    const error = await configErrorOf(() => readCf(file));
    expect(error.message).toMatch(/self\.cf:2: include: .* includes itself/);
  });

  test('a loop through another file is an error', async () => {
    const file = folder.write('one.cf', 'include two.cf');
    folder.write('two.cf', '\ninclude one.cf');
    const error = await configErrorOf(() => readCf(file));
    expect(error.message).toBe(`${folder.path}/two.cf:2: include: ${file} includes itself`);
  });

  test('of a missing file, error at the line that includes it', async () => {
    const file = folder.write('lost.cf', '# x\ninclude nowhere.cf');
    const error = await configErrorOf(() => readCf(file));
    expect(error.message).toBe(`${file}:2: include: ${folder.path}/nowhere.cf does not exist`);
  });
});

describe('errors name file and line, and show no value', () => {
  test.each([
    ['no equals sign', 'a = b\nthe secret', 2, /expected "key = value" or "include FILE"/],
    ['no key', '= secret', 1, /expected "key = value"/],
    ['a blank in the key', 'white space = secret', 1, /expected "key = value"/],
    ['a quote not closed', '\na = "secret', 2, /a: expected " at the end/],
    ['a quote alone', "a = '", 1, /a: expected ' at the end/],
    ['a comment inside quotes', 'a = "the secret # b"', 1, /a: expected " at the end/],
    ['text behind the quotes', 'a = "the" secret', 1, /a: expected " at the end/],
    ['include without a file', 'include', 1, /expected "key = value" or "include FILE"/],
  ])('%s', async (_what, text, line, message) => {
    const file = folder.write('wrong.cf', text);
    const error = await configErrorOf(() => readCf(file));
    expect(error.message).toMatch(message);
    expect(error.message.startsWith(`${file}:${line}: `)).toBe(true);
    expect(error.message).not.toContain('secret');
  });

  test('a value that is not UTF-8', async () => {
    const file = folder.write('latin1.cf', Buffer.from('a = caf\u{e9}', 'latin1'));
    const error = await configErrorOf(() => readCf(file));
    expect(error.message).toBe(`${file}:1: a: expected text in UTF-8`);
  });

  test('a missing file', async () => {
    const error = await configErrorOf(() => readCf('/nowhere/accounts.cf'));
    expect(error.message).toBe('/nowhere/accounts.cf does not exist.');
    expect(error.next).toContain('CEO_CONFIG_DIR');
  });

  test('a folder', async () => {
    const error = await configErrorOf(() => readCf(folder.path));
    expect(error.message).toBe(`${folder.path} cannot be read.`);
  });
});

const key = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/);
/** Any text that a value can be: a line of UTF-8 without the comment character. */
const value = fc.string({ unit: 'grapheme' }).filter((text) => !/[#\n\u{fffd}]/u.test(text));

test('what is written is what is read', () => {
  const entry = fc.record({
    key,
    value,
    quote: fc.constantFrom('"', "'"),
    before: fc.constantFrom('', ' ', '\t ', '\n', '# comment\n'),
    after: fc.constantFrom('', ' ', ' # "comment" \\'),
  });
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      const text = entries.map(
        ({ key, value, quote, before, after }) =>
          `${before}${key} = ${quote}${value}${quote}${after}\n`,
      );
      expect(read(text.join(''))).toEqual(
        Object.fromEntries(entries.map(({ key, value }) => [key, value])),
      );
    }),
  );
});

test('bare values come back without the blanks around them', () => {
  const bare = value.filter((text) => !/^\s*["']|\\\s*$/.test(text));
  fc.assert(
    fc.property(key, bare, (key, value) => {
      expect(read(`${key} = ${value}\n`)).toEqual({ [key]: value.trim() });
    }),
  );
});

test('any text is read, or is an error about the configuration', () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('a = b', 'include', 'include /', 'x = "', '\\', '#', '=', 'include test.cf'),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const file = folder.write('test.cf', lines.join('\n'));
      try {
        readCf(file);
      } catch (error) {
        expect(error).toBeInstanceOf(CeoError);
      }
    }),
  );
});
