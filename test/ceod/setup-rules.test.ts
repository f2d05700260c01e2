/** Promise: ceod-setup and etc/slapd.conf.example ask for the same access rules, mappings, indexes and limits; what others had, stays. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  canonical,
  closedRules,
  contains,
  givingRules,
  INDEXES,
  LIMITS,
  mappings,
  mergedIndexes,
  type Names,
} from '../../src/ceod/setup/access.js';

const NAMES: Names = {
  realm: 'EXAMPLE.ORG',
  suffix: 'dc=example,dc=org',
  users: 'ou=People,dc=example,dc=org',
  groups: 'ou=Group,dc=example,dc=org',
  sudo: 'ou=SUDOers,dc=example,dc=org',
  counters: 'ou=People,dc=example,dc=org',
  admin: 'ceod/admin',
  office: 'office',
  syscom: 'syscom',
};

const example = readFileSync(
  path.join(import.meta.dirname, '../../etc/slapd.conf.example'),
  'utf8',
).replace(/\n[ \t]+/g, ' ');
const lines = (keyword: string, text = example) =>
  [...text.matchAll(new RegExp(`^${keyword} (.*)$`, 'gm'))].map(([, line = '']) => canonical(line));

test('the example has what ceod-setup wants of a server that is ours alone', () => {
  const [, database = ''] = example.split('\ndatabase ');
  expect(closedRules(NAMES).map(canonical)).toEqual(lines('access', database));
  expect(mappings(NAMES).map(canonical)).toEqual(lines('authz-regexp'));
  expect(INDEXES.map(canonical)).toEqual(lines('index'));
  expect([canonical(LIMITS)]).toEqual(lines('limits'));
});

describe('of a server that others use', () => {
  test('every rule lets those behind it decide', () => {
    for (const rule of givingRules(NAMES)) expect(rule).toMatch(/ by \* break$/);
  });

  test('root comes in first', () => {
    for (const rules of [givingRules(NAMES), closedRules(NAMES)])
      expect(rules[0]).toMatch(/^to \* by dn\.exact="gidNumber=0\+uidNumber=0,\S+ manage by /);
  });

  test('trees without a common place are told apart', () => {
    const rule = givingRules({ ...NAMES, sudo: 'cn=sudo.rules,dc=other' })[3] ?? '';
    const [, pattern = ''] = /dn\.regex="(.*?)"/.exec(rule) ?? [];
    const isMeant = (dn: string) => new RegExp(pattern).test(dn);
    expect(isMeant('cn=a,cn=sudo.rules,dc=other')).toBe(true);
    expect(isMeant('cn=a,cn=sudoXrules,dc=other')).toBe(false);
    expect(isMeant('uid=a,ou=People,dc=example,dc=org')).toBe(true);
    expect(isMeant('uid=a,ou=Machines,dc=example,dc=org')).toBe(false);
  });
});

test('rules count in their order, in the words of slapd as well', () => {
  const [, first = '', second = ''] = closedRules(NAMES);
  const inItsWords = `{7}${first.replace('dn.onelevel=', 'dn.one=').replace(/ by /g, '  by ')}`;
  expect(contains(['{0}to * by * break', inItsWords, second], [first, second])).toBe(true);
  expect(contains([second, first], [first, second])).toBe(false);
});

test('an attribute has one index, with the kinds of both', () => {
  expect(mergedIndexes(['cn,UID eq', 'default sub'], ['uid eq,sub', 'term eq'])).toEqual([
    'cn eq',
    'UID eq,sub',
    'default sub',
    'term eq',
  ]);
});
