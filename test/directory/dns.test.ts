/** Promise: whatever a name contains, it is one value of a DN (RFC 4514 §2.4), and nothing else of it. */
import { expect, test } from '@jest/globals';
import { accountDn, groupDn, sudoRuleDn } from '../../src/directory/accounts.js';

const bases = { users: 'ou=People,dc=x', groups: 'ou=Group,dc=x', sudo: 'ou=SUDOers,dc=x' };

test.each([
  ['alice', 'alice'],
  ['a,ou=People', String.raw`a\,ou\=People`],
  ['a+uid=root', String.raw`a\+uid\=root`],
  ['a"b', String.raw`a\"b`],
  [String.raw`a\2c`, String.raw`a\\2c`],
  ['a;b<c>', String.raw`a\;b\<c\>`],
  ['#0401', String.raw`\#0401`],
])('%j', (name, value) => {
  expect(accountDn(bases, name)).toBe(`uid=${value},ou=People,dc=x`);
  expect(groupDn(bases, name)).toBe(`cn=${value},ou=Group,dc=x`);
});

test('the sudo rule of a club is that of its group', () => {
  expect(sudoRuleDn(bases, 'club')).toBe('cn=%club,ou=SUDOers,dc=x');
  expect(sudoRuleDn(bases, 'a,b')).toBe(String.raw`cn=%a\,b,ou=SUDOers,dc=x`);
});
