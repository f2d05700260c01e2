/** Promise: only a principal of the realm, with exactly one component that is a username, is served. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { usernameOf } from '../../src/ceod/base/principal.js';

const REALM = 'CSCLUB.TEST';

test.each(['ctdalek', 'a', '_apt', '0day', 'first.last', 'x'.repeat(32)])('%s', (username) => {
  expect(usernameOf(`${username}@${REALM}`, REALM)).toBe(username);
});

describe('refused', () => {
  test.each([
    ['another realm', 'alice@OTHER.REALM'],
    ['a realm that begins like ours', `alice@${REALM}.EVIL`],
    ['a realm in another case', 'alice@csclub.test'],
    ['no realm', 'alice'],
    ['an empty realm', 'alice@'],
    ['two components', `alice/admin@${REALM}`],
    ['an empty second component', `alice/@${REALM}`],
    ['an escaped slash', `alice\\/admin@${REALM}`],
    ['an escaped at sign: the realm is another', `alice\\@${REALM}@OTHER.REALM`],
    ['an escaped at sign before our realm', `alice\\@x@${REALM}`],
    ['an escaped NUL', `alice\\0@${REALM}`],
    ['NUL', `alice\0@${REALM}`],
    ['an escaped newline', `alice\\n@${REALM}`],
    ['a newline at the end', `alice@${REALM}\n`],
    ['a blank', `alice @${REALM}`],
    ['upper case', `Alice@${REALM}`],
    ['no username', `@${REALM}`],
    ['33 characters', `${'x'.repeat(33)}@${REALM}`],
    ['a leading minus', `-rf@${REALM}`],
    ['a leading dot', `.ssh@${REALM}`],
    ['anonymous PKINIT', `WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS`],
    ['letters that look alike', `аlice@${REALM}`],
  ])('%s', (_what, principal) => {
    expect(usernameOf(principal, REALM)).toBeUndefined();
  });
});

test('whatever is served is USERNAME@REALM to the letter', () => {
  const part = fc.oneof(
    fc.string(),
    fc.constantFrom('alice', REALM, '@', '/', '\\', '\0', '\n', '.', '-'),
  );
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const principal = parts.join('');
      const username = usernameOf(principal, REALM);
      if (username === undefined) return;
      expect(principal).toBe(`${username}@${REALM}`);
      expect(username).toMatch(/^[a-z0-9_][-a-z0-9_.]{0,31}$/);
    }),
    { numRuns: 2_000 },
  );
});
