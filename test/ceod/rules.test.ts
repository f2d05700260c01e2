/** Promise: what a field rule lets through can do no harm where it ends up. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ruleProblem } from '../../src/protocol/fieldRules.js';
import { Rule } from '../../src/generated/ceo/op_pb.js';

const settings = { usernameRegex: /^(?:[a-z][-a-z0-9]*)$/, minPasswordLength: 4 };

/** What is wrong with a text; undefined if the rule lets it through. */
const problemBy = (rule: Rule) => (text: string) => ruleProblem(rule, text, settings);

const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
);

describe('username', () => {
  const check = problemBy(Rule.NEW_USERNAME);

  test.each(['a', 'alice', 'a-1', 'x'.repeat(32)])('%s', (username) => {
    expect(check(username)).toBeUndefined();
  });

  test.each(['', 'Alice', '../evil', 'who@OTHER.REALM', '*', 'a,b', 'x'.repeat(33), 'a\n', 'é'])(
    'not %j',
    (username) => {
      expect(check(username)).toMatch(/not allowed|are allowed/);
    },
  );

  test('what is let through matches to the letter, whatever it is', () => {
    fc.assert(
      fc.property(anyText, (username) => {
        if (check(username) === undefined) {
          expect(username).toMatch(/^[a-z][-a-z0-9]{0,31}$/);
        }
      }),
    );
  });
});

describe('forward', () => {
  const check = problemBy(Rule.FORWARD);

  test.each(['', 'alice@example.com', 'ålice@example.com', 'a+b@example.com', 'x'.repeat(512)])(
    '%j',
    (forward) => {
      expect(check(forward)).toBeUndefined();
    },
  );

  test.each([
    '|program',
    '"|program"',
    '/etc/passwd',
    'a,b',
    ':include:/etc/passwd',
    '$HOME',
    '# x',
    "'x'",
    'a b',
    'a\tb',
    'a\nb',
    'a\rb',
    'a\u000bb',
    'a\u000cb',
    'a\u0085b',
    'a\u001bb',
    'a\u2000b',
    'x'.repeat(513),
    'é'.repeat(257),
  ])('not %j', (forward) => {
    expect(check(forward)).toMatch(/forward|bytes are allowed/);
  });

  test('what is let through is one line with one address', () => {
    fc.assert(
      fc.property(anyText, (forward) => {
        if (check(forward) === undefined) {
          expect(forward).not.toMatch(/["',|$/#:\s\p{Cc}]/u);
        }
      }),
    );
  });
});

test('text is one line without control characters, colons and lost characters, of at most 255 bytes', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const refused = problemBy(Rule.LINE)(text);
      const bad = /[\p{Cc}:\ufffd]/u.test(text) || Buffer.byteLength(text) > 255;
      expect(refused !== undefined).toBe(bad);
    }),
  );
  expect(problemBy(Rule.LINE)('日'.repeat(85))).toBeUndefined();
  expect(problemBy(Rule.LINE)('日'.repeat(86))).toContain('255 bytes');
  expect(problemBy(Rule.LINE)('J\ufffdrg')).toContain('was lost');
});

test('a program of study is ASCII', () => {
  expect(problemBy(Rule.ASCII_LINE)('MATH Pure')).toBeUndefined();
  expect(problemBy(Rule.ASCII_LINE)('Génie')).toContain('ASCII');
});

describe('phone number', () => {
  const problem = problemBy(Rule.PHONE);

  test.each(['', '911', '+1 (519) 555-0111', '519.555/0111', ' 519 555 0111 ', '0'.repeat(32)])(
    '%j is one, or none',
    (phone) => {
      expect(problem(phone)).toBeUndefined();
    },
  );

  test.each([
    ['12', '3 digits'],
    ['+-()./  ', '3 digits'],
    ['0'.repeat(33), '32 characters'],
    ['519\t555', 'only digits'],
    ['５１９５５５', 'only digits'],
    ['519\u00a0555', 'only digits'],
    ['call me', 'only digits'],
    ['519 555 0111\n', 'only digits'],
  ])('%j is none', (phone, why) => {
    expect(problem(phone)).toContain(why);
  });
});

describe('password', () => {
  const check = problemBy(Rule.PASSWORD);

  test('is counted in characters, and never repeated in the refusal', () => {
    expect(check('日本語字')).toBeUndefined();
    expect(check('😀😀😀')).toContain('4 characters');
    expect(check('q7#')).not.toContain('q7#');
    expect(check('q7#kkkkk\n')).not.toContain('q7#');
  });

  test('does not begin with what decoders drop, and is no longer than kadmin(1) reads', () => {
    expect(check('\ufefflong-enough')).toContain('byte-order mark');
    expect(check('long\ufeff')).toBeUndefined();
    expect(check('x'.repeat(1022))).toBeUndefined();
    expect(check('x'.repeat(1023))).toContain('1022 bytes');
  });

  test('is one line for kadmin', () => {
    fc.assert(
      fc.property(anyText, (password) => {
        if (check(password) === undefined) {
          expect(password).not.toMatch(/\p{Cc}/u);
        }
      }),
    );
  });
});
