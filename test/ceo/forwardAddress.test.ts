/** Promise: mail is forwarded to whole addresses, and never back to where it came from. */
import { describe, expect, test } from '@jest/globals';
import { forwardAddressProblem, localUserOf, type ForwardRules } from '../../src/forwardAddress.js';

const rules: ForwardRules = { mailDomains: ['csclub.test'], needsDot: true };
const problem = (forward: string, more: Partial<ForwardRules> = {}) =>
  forwardAddressProblem(forward, 'alice', { ...rules, ...more });

describe('accepted', () => {
  test.each([
    '',
    'a@example.org',
    'first.last+tag@sub.example.co.uk',
    'é@example.com',
    'a@bücher.example',
    'bob',
    'first.last',
    'bob@csclub.test',
    'alice@example.org',
    'alice@notcsclub.test',
    'malice@csclub.test',
  ])('%j', (forward) => {
    expect(problem(forward)).toBeUndefined();
  });
});

describe('no address', () => {
  test.each([
    'a@@b..c',
    'a@',
    '@example.org',
    'a@b@example.org',
    'a@example..org',
    '.a@example.org',
    'a..b@example.org',
    'a@-example.org',
    'a@example.org.',
    'a@[127.0.0.1]',
    'alice<a@example.org>',
    '\\bob',
    '.forward',
    '-f',
    '(bob)',
  ])('%j', (forward) => {
    expect(problem(forward)).toMatch(/ is no address$/);
  });

  test.each(['a b@example.org', 'a,b@example.org', '|prog', '/dev/null', 'a:b@example.org'])(
    '%j: the character is named',
    (forward) => {
      expect(problem(forward)).toMatch(/^invalid character in forward/);
    },
  );
});

describe('a loop', () => {
  test.each([
    'alice',
    'ALICE',
    'alice@csclub.test',
    'Alice@CSClub.TEST',
    'alice+list@csclub.test',
    'alice@mail.csclub.test',
  ])('%j', (forward) => {
    expect(problem(forward)).toBe('mail would come back to the same account');
  });

  test('the site says whose mail is its own', () => {
    expect(problem('alice@example.org', { mailDomains: ['example.org'] })).toMatch(/come back/);
    expect(problem('alice@csclub.test', { mailDomains: ['example.org'] })).toBeUndefined();
  });
});

test('a domain without a dot, where the site wants one', () => {
  expect(problem('x@y')).toBe('the domain of "x@y" has no dot; give it in full');
  expect(problem('x@y', { needsDot: false })).toBeUndefined();
  expect(problem('x@', { needsDot: false })).toMatch(/no address/);
});

test('whom a word names', () => {
  expect(['bob', 'bob@x.org', ''].map(localUserOf)).toEqual(['bob', undefined, undefined]);
});
