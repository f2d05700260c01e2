/** Promise: what a field rule lets through can do no harm where it ends up. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  checkAscii,
  checkField,
  checkForward,
  checkNewUsername,
  checkPassword,
  checkText,
} from '../../src/ceod/ops/rules.js';
import { Refusal } from '../../src/ceod/base/refusal.js';
import { Status } from '../../src/protocol/status.js';

/** The text of the refusal; undefined if the check lets the value through. */
function refusalOf(check: () => void): string | undefined {
  try {
    check();
  } catch (error) {
    if (error instanceof Refusal && error.line.status === Status.EINVAL) return error.line.message;
    throw error;
  }
  return undefined;
}

const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
);

describe('username', () => {
  const pattern = /^(?:[a-z][-a-z0-9]*)$/;
  const check = (username: string) => checkNewUsername('username', username, pattern);

  test.each(['a', 'alice', 'a-1', 'x'.repeat(32)])('%s', (username) => {
    expect(refusalOf(() => check(username))).toBeUndefined();
  });

  test.each(['', 'Alice', '../evil', 'who@OTHER.REALM', '*', 'a,b', 'x'.repeat(33), 'a\n', 'é'])(
    'not %j',
    (username) => {
      expect(refusalOf(() => check(username))).toContain('username');
    },
  );

  test('what is let through matches to the letter, whatever it is', () => {
    fc.assert(
      fc.property(anyText, (username) => {
        if (refusalOf(() => check(username)) === undefined) {
          expect(username).toMatch(/^[a-z][-a-z0-9]{0,31}$/);
        }
      }),
    );
  });
});

describe('forward', () => {
  const check = (forward: string) => checkForward('forward', forward);

  test.each(['', 'alice@example.com', 'ålice@example.com', 'a+b@example.com', 'x'.repeat(512)])(
    '%j',
    (forward) => {
      expect(refusalOf(() => check(forward))).toBeUndefined();
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
    expect(refusalOf(() => check(forward))).toContain('forward');
  });

  test('what is let through is one line with one address', () => {
    fc.assert(
      fc.property(anyText, (forward) => {
        if (refusalOf(() => check(forward)) === undefined) {
          expect(forward).not.toMatch(/["',|$/#:\s\p{Cc}]/u);
        }
      }),
    );
  });
});

test('text is one line without control characters, colons and lost characters, of at most 255 bytes', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const refused = refusalOf(() => checkText('realname', text));
      const bad = /[\p{Cc}:\ufffd]/u.test(text) || Buffer.byteLength(text) > 255;
      expect(refused !== undefined).toBe(bad);
    }),
  );
  expect(refusalOf(() => checkText('realname', '日'.repeat(85)))).toBeUndefined();
  expect(refusalOf(() => checkText('realname', '日'.repeat(86)))).toContain('255 bytes');
  expect(refusalOf(() => checkText('realname', 'J\ufffdrg'))).toContain('was lost');
});

test('a program of study is ASCII', () => {
  expect(refusalOf(() => checkAscii('program', 'MATH Pure'))).toBeUndefined();
  expect(refusalOf(() => checkAscii('program', 'Génie'))).toContain('program');
});

describe('phone number', () => {
  const problem = (phone: string) => refusalOf(() => checkField('phone', phone));

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
    expect(problem(phone)).toContain('phone');
    expect(problem(phone)).toContain(why);
  });
});

describe('password', () => {
  const check = (password: string) => checkPassword('password', password, 4);

  test('is counted in characters, and never repeated in the refusal', () => {
    expect(refusalOf(() => check('日本語字'))).toBeUndefined();
    expect(refusalOf(() => check('😀😀😀'))).toContain('4 characters');
    expect(refusalOf(() => check('q7#'))).not.toContain('q7#');
    expect(refusalOf(() => check('q7#kkkkk\n'))).not.toContain('q7#');
  });

  test('does not begin with what decoders drop, and is no longer than kadmin(1) reads', () => {
    expect(refusalOf(() => check('\ufefflong-enough'))).toContain('byte-order mark');
    expect(refusalOf(() => check('long\ufeff'))).toBeUndefined();
    expect(refusalOf(() => check('x'.repeat(1022)))).toBeUndefined();
    expect(refusalOf(() => check('x'.repeat(1023)))).toContain('1022 bytes');
  });

  test('is one line for kadmin', () => {
    fc.assert(
      fc.property(anyText, (password) => {
        if (refusalOf(() => check(password)) === undefined) {
          expect(password).not.toMatch(/\p{Cc}/u);
        }
      }),
    );
  });
});
