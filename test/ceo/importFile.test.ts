/** Promise: a file of new members is read as RFC 4180 has it, and every bad row is named before anything is sent. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  BadImportFile,
  parseImport,
  type FileProblem,
  type FileRules,
  type ImportRow,
} from '../../src/ceo/actions/importFile.js';
import type { Format } from '../../src/ceo/actions/spreadsheet.js';

const UTF8: Format = { encoding: 'utf-8', delimiter: 'comma' };

const rules: FileRules = {
  usernameRegex: /^[a-z][-a-z0-9]*$/,
  minPasswordLength: 4,
  minUsernameLength: 1,
  minNameLength: 1,
  mailDomains: ['csclub.test'],
  needsDot: true,
  generatePasswords: true,
};

const bytesOf = (text: string | Uint8Array) =>
  typeof text === 'string' ? Buffer.from(text) : text;
const parse = (text: string | Uint8Array, more: Partial<FileRules> = {}) =>
  parseImport(bytesOf(text), { ...rules, ...more }).rows;

function problemsOf(text: string | Uint8Array, more: Partial<FileRules> = {}): FileProblem[] {
  try {
    parse(text, more);
  } catch (error) {
    if (error instanceof BadImportFile) return [...error.problems];
    throw error;
  }
  return [];
}

/** `line column: message`, as short as can be. */
const named = (text: string | Uint8Array, more: Partial<FileRules> = {}) =>
  problemsOf(text, more).map(({ line, column }) => [line, column]);

const alice: ImportRow = {
  line: 2,
  kind: 'member',
  username: 'alice',
  realname: 'Alice',
  program: undefined,
  email: undefined,
  password: undefined,
  terms: 1,
};

describe('a file', () => {
  test('with all columns', () => {
    const header = 'username,name,program,email,phone,password,terms,club_rep';
    const row = 'alice,"Liddell, Alice",MATH,a@example.org, 519 555-0109 , pass ,3,yes';
    expect(parse(`${header}\n${row}\n`)).toEqual([
      {
        line: 2,
        kind: 'club-rep',
        username: 'alice',
        realname: 'Liddell, Alice',
        program: 'MATH',
        email: 'a@example.org',
        phone: '519 555-0109',
        password: ' pass ',
        terms: 3,
      },
    ]);
  });

  test.each([
    ['the least', 'username,name\nalice,Alice\n'],
    ['another order', 'name,username\nAlice,alice\n'],
    ['no line end at the end', 'username,name\nalice,Alice'],
    ['CRLF', 'username,name\r\nalice,Alice\r\n'],
    ['a byte-order mark', '\ufeffusername,name\nalice,Alice\n'],
    ['a quoted header behind one', '\ufeff"username","name"\nalice,Alice\n'],
    ['blanks and capitals', ' Username , NAME\n alice , Alice \n'],
    ['empty fields and lines below', 'username,name,terms\nalice,Alice,\n,,\n\n , ,\n'],
  ])('%s', (_what, text) => {
    expect(parse(text)).toEqual([alice]);
  });

  test.each(['yes', 'Y', 'TRUE', '1'])('club_rep: %s', (answer) => {
    expect(parse(`username,name,club_rep\na,A,${answer}\n`)[0]?.kind).toBe('club-rep');
  });

  test.each(['', 'no', 'N', 'False', '0'])('club_rep: %j is no', (answer) => {
    expect(parse(`username,name,club_rep\na,A,${answer}\n`)[0]?.kind).toBe('member');
  });
});

describe('refused as a whole', () => {
  test.each([
    ['nothing', '', 1, /no header/],
    ['blank lines', '\n\n', 1, /no header/],
    ['no rows', 'username,name\n', 1, /no row/],
    ['an unknown column', 'username,name,shoe\na,A,42\n', 1, /"shoe" is no column: .*club_rep/],
    ['a column without a name', 'username,,name\na,,A\n', 1, /"" is no column/],
    ['a row wider than the header', 'username,name,\na,A,b\n', 2, /3 fields, but the header has 2/],
    ['a column twice', 'username,name,Name\na,A,B\n', 1, /name is there twice/],
    ['no names', 'username\nalice\n', 1, /name is missing/],
    ['a quote that does not end', 'username,name\na,A\nb,"B\nc,C\n', 3, /does not end/],
    ['a quote in a field', 'username,name\na,A "the" B\n', 2, /quote inside/],
    ['text behind a quote', 'username,name\na,"A"B\n', 2, /behind the end/],
  ])('%s', (_what, text, line, message) => {
    expect(problemsOf(text)).toContainEqual({
      line,
      column: undefined,
      message: expect.stringMatching(message) as unknown,
    });
  });
});

describe('as spreadsheets write it', () => {
  const read = (text: string | Uint8Array, said: Partial<Format> = {}) =>
    parseImport(bytesOf(text), rules, said);
  const latin1 = (text: string) => Buffer.from(text, 'latin1');
  const utf16be = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
  const joerg = { ...alice, username: 'joerg', realname: 'Jörg' };

  test.each<[string, string | Uint8Array, Format]>([
    ['semicolons', 'username;name\nalice;Alice\n', { encoding: 'utf-8', delimiter: 'semicolon' }],
    ['tabs', 'username\tname\nalice\tAlice\n', { encoding: 'utf-8', delimiter: 'tab' }],
    [
      'quotes, and rows of nothing',
      '"Username";"Name";\r\nalice;Alice;\r\n;;;\r\n;;\r\n',
      { encoding: 'utf-8', delimiter: 'semicolon' },
    ],
    [
      'commas within fields of a file with semicolons',
      'name;username\nAlice;alice\n',
      { encoding: 'utf-8', delimiter: 'semicolon' },
    ],
    [
      'UTF-16, little-endian',
      Buffer.from('\ufeffusername\tname\r\nalice\tAlice\r\n', 'utf16le'),
      { encoding: 'utf-16le', delimiter: 'tab' },
    ],
    [
      'UTF-16, big-endian',
      utf16be('username,name\r\nalice,Alice\r\n'),
      { encoding: 'utf-16be', delimiter: 'comma' },
    ],
    ['empty columns beside the table', 'username,name,,\nalice,Alice,,\n', UTF8],
    ['headings in words', 'Username,NAME,Club Rep,Terms\nalice,Alice,no,1\n', UTF8],
  ])('%s', (_what, text, format) => {
    const { rows, ...rest } = read(text);
    expect(rows).toEqual([alice]);
    expect(rest.format).toEqual(format);
  });

  test('sep=: Excel tells, and lines are counted with it', () => {
    const { rows, format } = read('sep=;\r\nusername;name\r\nalice;Alice\r\n');
    expect({ rows, format }).toEqual({
      rows: [{ ...alice, line: 3 }],
      format: { encoding: 'utf-8', delimiter: 'semicolon' },
    });
  });

  test('Windows-1252, where every byte says so', () => {
    expect(read(latin1('username;name\njoerg;J\xf6rg\n'))).toEqual({
      rows: [joerg],
      format: { encoding: 'windows-1252', delimiter: 'semicolon' },
    });
  });

  test.each([
    ['quotation marks of Windows, or letters of a Mac', 'username,name\na,A\nb,O\x92Brien\n', 3],
    ['a sign that is a letter elsewhere', 'username,name\na,\xd7\n', 2],
    ['what is UTF-8 in part', 'username,name\na,J\xc3\xb6rg \x80\n', 2],
  ])('in doubt it is refused, with the flag that decides: %s', (_what, text, line) => {
    expect(problemsOf(latin1(text))).toEqual([
      { line, column: undefined, message: expect.stringContaining('--encoding') as unknown },
    ]);
  });

  test.each<[string, Uint8Array]>([
    ['UTF-8', Buffer.from('username,name\na,A\nb,J\ufffdrg\n')],
    ['UTF-16', Buffer.from('\ufeffusername,name\na,A\nb,J\ufffdrg\n', 'utf16le')],
  ])('a character that was lost before: %s', (_what, file) => {
    expect(problemsOf(file)).toEqual([
      { line: 3, column: undefined, message: expect.stringContaining('was lost') as unknown },
    ]);
  });

  test('UTF-16 without a mark', () => {
    const [problem] = problemsOf(Buffer.from('username,name\na,A\n', 'utf16le'));
    expect(problem?.message).toContain('UTF-16 without a mark');
    expect(problem?.message).toContain('--encoding');
  });

  test('what is said counts', () => {
    const mac = { encoding: 'macintosh' } as const;
    expect(read(latin1('username,name\njoerg,J\x9arg\n'), mac).rows).toEqual([joerg]);
    const windows = { encoding: 'windows-1252' } as const;
    expect(read(latin1('username,name\nalice,O\x92Brien\n'), windows).rows).toEqual([
      { ...alice, realname: 'O’Brien' },
    ]);
    expect(() => read(latin1('username,name\na,\xff\n'), { encoding: 'utf-8' })).toThrow();
    const semicolon = { delimiter: 'semicolon' } as const;
    expect(read('username;name\nalice;Alice\n', semicolon).rows).toEqual([alice]);
  });

  test('it is not clear what separates the fields: one problem, with the flag', () => {
    expect(problemsOf('username;name,program\na;A,B\n')).toEqual([
      { line: 1, column: undefined, message: expect.stringContaining('--delimiter') as unknown },
    ]);
  });

  test.each([
    ['a wrong heading', 'Benutzer;name\na;A\n'],
    ['a row too short', 'username;name;program\na;A\n'],
  ])('one message for one cause: %s', (_what, text) => {
    expect(problemsOf(text).filter(({ column }) => column === undefined).length).toBeLessThan(3);
  });
});

describe('every bad row is named', () => {
  test.each([
    ['username', ''],
    ['username', 'ALice'],
    ['username', '../root'],
    ['username', 'a'.repeat(33)],
    ['name', ' '],
    ['name', 'A:B'],
    ['name', 'A\u001bB'],
    ['name', 'ö'.repeat(128)],
    ['program', 'Möbius'],
    ['email', '|/bin/sh'],
    ['email', 'a@example.org b@example.org'],
    ['phone', 'see above'],
    ['phone', '12'],
    ['phone', '0'.repeat(33)],
    ['password', 'abc'],
    ['password', 'abc\u0007def'],
    ['terms', '0'],
    ['terms', '10'],
    ['terms', '1.5'],
    ['terms', '-1'],
    ['terms', 'two'],
    ['club_rep', 'maybe'],
  ])('%s: %j', (column, value) => {
    const row: Record<string, string> = { username: 'alice', name: 'Alice', [column]: value };
    const text = `username,name\nbob,Bob\n`;
    expect(named(text)).toEqual([]);
    const header = Object.keys(row).join(',');
    expect(named(`${header}\n${Object.values(row).join(',')}\n`)).toEqual([[2, column]]);
  });

  test('all of them at once', () => {
    const text = 'username,name,terms\nalice,Alice,0\nbob,,x\nbob,Bob\ncarol,Carol,1\n';
    expect(named(text)).toEqual([
      [2, 'terms'],
      [3, 'name'],
      [3, 'terms'],
      [4, undefined],
    ]);
  });

  test('a username that is there twice, with the first line', () => {
    expect(problemsOf('username,name\nalice,A\nbob,B\nalice,A\n')).toEqual([
      { line: 4, column: 'username', message: 'it is in line 2 already' },
    ]);
    const anyCase = { usernameRegex: /^[a-z]+$/i };
    expect(named('username,name\nalice,A\nAlice,A\n', anyCase)).toEqual([[3, 'username']]);
  });

  test('no password, when none are generated', () => {
    const text = 'username,name,password\na,A,\nb,B,secret\n';
    expect(named(text, { generatePasswords: false })).toEqual([[2, 'password']]);
    expect(named(text)).toEqual([]);
  });

  test('behind a field of two lines: the line on which the row begins', () => {
    expect(named('username,name\na,"A\nB"\n\nb,B:\n')).toEqual([
      [2, 'name'],
      [5, 'name'],
    ]);
  });

  test('no message quotes a password', () => {
    const secret = 'swordf1sh';
    for (const field of [`${secret}\u0007`, `${secret}"`, `"${secret}"${secret}`, `"${secret}`]) {
      const problems = problemsOf(`username,name,password\na,A,${field}\n`);
      expect(problems).not.toEqual([]);
      expect(JSON.stringify(problems)).not.toContain(secret);
    }
  });
});

describe('whatever is in it', () => {
  const text = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .map((each) => each.replace(/[\p{Cc}\p{Cs}:\u2028\u2029\ufffd]/gu, '').trim())
    .filter((each) => each !== '');
  const username = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
  const row = fc.record({
    username,
    realname: text,
    password: fc.option(
      fc.string({ minLength: 4, maxLength: 20 }).map((each) => each.replace(/\p{Cc}/gu, 'x')),
      { nil: undefined },
    ),
    terms: fc.integer({ min: 1, max: 9 }),
    kind: fc.constantFrom('member', 'club-rep'),
  });
  const rows = fc.uniqueArray(row, { selector: (each) => each.username, minLength: 1 });
  const layout = fc.record({
    end: fc.constantFrom('\n', '\r\n'),
    bom: fc.constantFrom('', '\ufeff'),
    columns: fc.shuffledSubarray(['username', 'name', 'password', 'terms', 'club_rep'], {
      minLength: 5,
    }),
    quoteAll: fc.boolean(),
    blankLines: fc.integer({ min: 0, max: 3 }),
  });

  test('what was written is what is read, with its lines', () => {
    fc.assert(
      fc.property(rows, layout, (people, { end, bom, columns, quoteAll, blankLines }) => {
        const quoted = (field: string) =>
          quoteAll || /[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
        const lines = people.map(({ username: name, realname, password, terms, kind }) => {
          const fields: Record<string, string> = {
            username: name,
            name: realname,
            password: password ?? '',
            terms: String(terms),
            club_rep: kind === 'member' ? 'no' : 'yes',
          };
          return columns.map((column) => quoted(fields[column] ?? '')).join(',');
        });
        const blank = end.repeat(blankLines);
        const file = `${bom}${columns.join(',')}${end}${lines.map((line) => `${blank}${line}${end}`).join('')}`;
        expect(parse(file)).toEqual(
          people.map((person, index) => ({
            ...person,
            program: undefined,
            email: undefined,
            line: 2 + index + blankLines * (index + 1),
          })),
        );
      }),
    );
  });

  test('bytes of any kind: rows, or problems with lines, and nothing else', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .array(fc.constantFrom('a', 'A', ',', '"', '\n', '\r\n', ' ', '1', 'ö', '\u0000'))
        .map((parts) => Buffer.from(`username,name,terms\n${parts.join('')}`)),
    );
    fc.assert(
      fc.property(bytes, (file) => {
        for (const { line, message } of problemsOf(file)) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(message).not.toBe('');
        }
      }),
    );
  });
});
