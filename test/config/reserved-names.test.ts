/** Promise: no account gets a name that already means something on a host, in Kerberos or in SQL. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { shippedReservedNames } from '../../src/config/reservedNames.js';

const reserved = new Set(shippedReservedNames);

test.each(['passwd', 'group'])("every name of Debian's base system: %s", (database) => {
  const names = readFileSync(`/usr/share/base-passwd/${database}.master`, 'utf8')
    .split('\n')
    .flatMap((line) => line.split(':')[0] || []);
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !reserved.has(name))).toEqual([]);
});

test.each([
  ['sudoers', 'root admin sudo wheel'],
  ['services', 'mysql postgres www-data list ceod sshd nobody'],
  ['Kerberos', 'krbtgt kadmin host http ldap nfs cifs imap changepw'],
  ['applications', 'wiki mediawiki wordpress nextcloud gitea phpmyadmin roundcube'],
  ['SQL', 'mysql sys information_schema performance_schema test template1 public'],
])('%s', (_what, names) => {
  expect(names.split(' ').filter((name) => !reserved.has(name))).toEqual([]);
});

test('one name each, in lower case', () => {
  expect(reserved.size).toBe(shippedReservedNames.length);
  for (const name of shippedReservedNames) expect(name).toMatch(/^[a-z_][-a-z0-9_.]*$/);
});
