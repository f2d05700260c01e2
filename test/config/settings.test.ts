/** Promise: settings are typed and checked; an error names file, line, key and what was expected. */
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { configDir, loadAccounts, loadCeod, loadClient } from '../../src/config/settings.js';
import { load, string, type Table } from '../../src/config/kinds.js';
import { ceodTable } from '../../src/config/keys.js';
import { configErrorOf, privateFolder } from './folder.js';

const folder = privateFolder();

const SITE: Record<string, string> = {
  member_shell: '"/bin/bash"',
  member_min_id: '20001',
  member_max_id: '29999',
  member_home: '"/users"',
  member_home_skel: '/users/skel',
  club_shell: '/bin/bash',
  club_min_id: '30001',
  club_max_id: '39999',
  club_home: '/users/',
  club_home_skel: '/users/skel',
  krb5_realm: '"EXAMPLE.ORG"',
  krb5_admin_principal: 'ceod/admin',
  ldap_server_url: '"ldaps://ldap1.example.org, ldap://[::1]:389  ldaps://ldap2.example.org/"',
  ldap_users_base: '"ou=People,dc=example,dc=org"',
  ldap_groups_base: '"ou=Group,dc=example,dc=org"',
  ldap_sudo_base: '"ou=SUDOers,dc=example,dc=org"',
  ldap_admin_principal: 'ceod/admin@OTHER.ORG',
};

/** accounts.cf of the site with some keys changed, or left out (undefined). */
function accountsWith(changes: Record<string, string | undefined>): string {
  const lines = Object.entries({ ...SITE, ...changes }).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key} = ${value}`],
  );
  folder.write('accounts.cf', lines.join('\n'));
  return folder.path;
}

const accounts = (changes: Record<string, string | undefined> = {}) =>
  loadAccounts(accountsWith(changes)).settings;

const ceod = (text: string) => {
  folder.write('ceod.cf', text);
  return loadCeod(folder.path);
};

describe('accounts.cf', () => {
  test('of a deployed site', () => {
    const { settings, warnings, files } = loadAccounts(accountsWith({}));
    expect(settings).toMatchObject({
      memberShell: '/bin/bash',
      memberMinId: 20001,
      clubHome: '/users',
      krb5Realm: 'EXAMPLE.ORG',
      krb5AdminPrincipal: 'ceod/admin@EXAMPLE.ORG',
      ldapAdminPrincipal: 'ceod/admin@OTHER.ORG',
      ldapServerUrl: [
        'ldaps://ldap1.example.org',
        'ldap://[::1]:389',
        'ldaps://ldap2.example.org/',
      ],
      minPasswordLength: 4,
      shellsFile: '/etc/shells',
      notifyHook: undefined,
    });
    expect(warnings).toEqual([]);
    expect(files).toEqual([path.join(folder.path, 'accounts.cf')]);
  });

  test('an empty hook is none', () => {
    expect(accounts({ notify_hook: '""' }).notifyHook).toBeUndefined();
  });

  test.each([
    ['unknown', 'aws_account_key'],
    ['unknown, and a name that every object has', 'constructor'],
  ])('a key that is %s is one warning', (_what, key) => {
    const { warnings } = loadAccounts(accountsWith({ [key]: '10001' }));
    expect(warnings).toEqual([`${folder.path}/accounts.cf:18: unknown key ${key}`]);
  });

  test.each([
    ['member_min_id', 'many', 'a whole number from 1'],
    ['member_min_id', '-5', 'a whole number from 1'],
    ['member_min_id', '4294967295', 'a whole number from 1'],
    ['member_home', 'users', 'an absolute path'],
    ['member_home', '', 'an absolute path'],
    ['krb5_realm', '""', 'some text'],
    ['ldap_server_url', 'ldap.example.org', 'ldaps://HOST'],
    ['ldap_server_url', 'ldaps://a http://b', 'ldaps://HOST'],
    ['ldap_server_url', '', 'ldaps://HOST'],
    ['ldap_server_url', 'ldaps://a:99999', 'ldaps://HOST'],
    ['ldap_write_url', 'ldaps://a ldaps://b', 'ldaps://HOST'],
    ['ldap_write_url', 'a', 'ldaps://HOST'],
    ['ldap_users_base', '/users', 'a DN'],
    ['ldap_sasl_mech', 'PLAIN', 'expected GSSAPI'],
    ['username_regex', '[a-z', 'a regular expression'],
    ['username_regex', '""', 'a regular expression'],
    ['min_password_length', '0', 'a whole number from 1 to 128'],
  ])('%s = %s is an error', async (key, value, expected) => {
    const error = await configErrorOf(() => accounts({ [key]: value }));
    const line = (Object.keys({ ...SITE, [key]: '' }).indexOf(key) + 1).toString();
    expect(error.message).toContain(`${folder.path}/accounts.cf:${line}: ${key} = `);
    expect(error.message).toContain(expected);
  });

  test('every error is told at once, missing keys among them', async () => {
    const error = await configErrorOf(() =>
      accounts({ member_shell: undefined, club_min_id: 'x' }),
    );
    expect(error.message).toBe(
      `${folder.path}/accounts.cf: member_shell is missing: ` +
        'expected an absolute path (login shell of new members); ' +
        `${folder.path}/accounts.cf:6: club_min_id = x: ` +
        'expected a whole number from 1 to 4294967294',
    );
  });

  test.each([
    [
      'members',
      { member_max_id: '20000' },
      /accounts\.cf:3: member_max_id = 20000: expected at least 20001/,
    ],
    [
      'clubs',
      { club_max_id: '30000' },
      /accounts\.cf:8: club_max_id = 30000: expected at least 30001/,
    ],
    ['both, by one', { member_max_id: '30001' }, /overlap/],
    ['both, one inside the other', { club_min_id: '20002', club_max_id: '20003' }, /overlap/],
  ])('a range that cannot be: %s', async (_what, changes, message) => {
    expect((await configErrorOf(() => accounts(changes))).message).toMatch(message);
  });

  test('ranges that touch, and of one uid, are fine', () => {
    expect(accounts({ member_min_id: '30000', member_max_id: '30000' }).memberMaxId).toBe(30000);
  });

  test.each([
    ['^[a-z][-a-z0-9]*$', 'alice', 'alice\n'],
    ['[a-z]+', 'alice', 'alice/../x'],
    ['^[a-z]+', 'alice', 'alice@OTHER'],
    ['[a-z]+$', 'alice', '*alice'],
    ['^alice|bob$', 'bob', 'alice2'],
    ['^(alice|bob)$', 'alice', 'alicebob'],
    [String.raw`^a\$`, 'a$', 'a$b'],
  ])('username_regex %s: the whole of %s, not %j', (pattern, good, bad) => {
    const { usernameRegex } = accounts({ username_regex: pattern });
    expect(usernameRegex.test(good)).toBe(true);
    expect(usernameRegex.test(bad)).toBe(false);
  });

  test('an anchored username_regex is shown as it stands', () => {
    expect(accounts({ username_regex: '^[a-z]+$' }).usernameRegex.source).toBe('^[a-z]+$');
  });
});

describe('ceod.cf', () => {
  test('absent: every default', () => {
    const { settings, warnings, files } = loadCeod('/nowhere');
    expect(settings).toMatchObject({
      ceodHostname: undefined,
      ceodPort: 9987,
      ceodListen: '::',
      serviceKeytab: '/etc/csc/ceod.keytab',
      sessionsPerProcess: 1,
      loginDeadline: 10,
      authGroups: 'ldap',
      reservedNames: [],
      quotaCommand: undefined,
      logLevel: 'info',
    });
    expect([warnings, files]).toEqual([[], []]);
  });

  test('a link that leads nowhere is not absence', async () => {
    symlinkSync('/nowhere', path.join(folder.path, 'link'));
    folder.write('dangling/x', '');
    symlinkSync('/nowhere', path.join(folder.path, 'dangling', 'ceod.cf'));
    const error = await configErrorOf(() => loadCeod(path.join(folder.path, 'dangling')));
    expect(error.message).toContain('does not exist');
  });

  test('an empty file: the same defaults', () => {
    expect(ceod('').settings).toEqual(loadCeod('/nowhere').settings);
  });

  test('addresses and networks', () => {
    const { penaltyExempt } = ceod('penalty_exempt = 192.0.2.7, 10.0.0.0/8 2001:db8::/32').settings;
    expect(penaltyExempt).toEqual([
      { address: '192.0.2.7', prefix: 32 },
      { address: '10.0.0.0', prefix: 8 },
      { address: '2001:db8::', prefix: 32 },
    ]);
  });

  test('its clients look at their own keys alone', async () => {
    folder.write('ceod.cf', 'ceod_port = 9988\nlogin_deadline = soon');
    const { settings } = loadClient(folder.path);
    expect(settings).toEqual({ ceodPort: 9988, connectTimeout: 10, replyTimeout: 120 });
    folder.write('ceod.cf', 'reply_timeout = soon');
    const { message } = await configErrorOf(() => loadClient(folder.path));
    expect(message).toContain('reply_timeout');
  });

  test('lists and command lines', () => {
    const { settings } = ceod(
      'reserved_names = ginseng, caffeine  csc-general\n' +
        'quota_command = "setquota -a -p {prototype} {uid}"\nauth_groups = nss',
    );
    expect(settings.reservedNames).toEqual(['ginseng', 'caffeine', 'csc-general']);
    expect(settings.quotaCommand).toEqual(['setquota', '-a', '-p', '{prototype}', '{uid}']);
    expect(settings.authGroups).toBe('nss');
  });

  test.each([
    ['ceod_port = 65536', 'from 1 to 65535'],
    ['ceod_listen = ginseng', 'an IPv4 or IPv6 address'],
    ['login_deadline = 0', 'seconds'],
    ['login_deadline = 10s', 'seconds'],
    ['penalty_exempt = 10.0.0.0/33', 'addresses and networks'],
    ['penalty_exempt = 192.0.2.7, office', 'addresses and networks'],
    ['penalty_exempt = 192.0.2.0/24/8', 'addresses and networks'],
    ['penalty_exempt = fe80::1%eth0', 'addresses and networks'],
    ['auth_groups = file', 'ldap or nss'],
    ['quota_command = setquota -a -p', '{prototype} and {uid}'],
    ['session_user = ""', 'some text'],
  ])('%s is an error', async (line, expected) => {
    const { message } = await configErrorOf(() => ceod(`\n${line}`));
    expect(message).toContain(`${folder.path}/ceod.cf:2: ${line.split(' ')[0] ?? ''}`);
    expect(message).toContain(expected);
  });
});

test('every default is a value of its kind', () => {
  for (const row of Object.values(ceodTable)) {
    if ('default' in row) expect(row.kind.parse(row.default)).toBeDefined();
  }
});

test('a secret that is wrong is not shown', async () => {
  const kind = { ...string, parse: () => undefined };
  const table = { password: { kind, secret: true, usage: '' } } satisfies Table;
  const file = folder.write('secret.cf', 'password = opensesame');
  const { message } = await configErrorOf(() => load(table, file));
  expect(message).toBe(`${file}:1: password: expected some text`);
});

describe('the folder', () => {
  const before = process.env['CEO_CONFIG_DIR'];
  afterEach(() => {
    if (before === undefined) delete process.env['CEO_CONFIG_DIR'];
    else process.env['CEO_CONFIG_DIR'] = before;
  });

  test.each([
    [undefined, '/etc/csc'],
    ['', '/etc/csc'],
    ['/srv/ceo/', '/srv/ceo'],
    ['here', path.resolve('here')],
  ])('CEO_CONFIG_DIR %j is %s', (value, expected) => {
    if (value === undefined) delete process.env['CEO_CONFIG_DIR'];
    else process.env['CEO_CONFIG_DIR'] = value;
    expect(configDir()).toBe(expected);
  });
});
