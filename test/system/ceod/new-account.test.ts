/** Promise: LDAP entry, principal, group, home, modes, ACL and .forward as docs/directory.md has them. */
import { lstat, readFile, readlink, readdir } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { formatTerm, termOf } from '../../../src/directory/terms.js';
import {
  folder,
  homeOf,
  ldapsearch,
  principal,
  principalExists,
  run,
  runAs,
  tracesOf,
} from '../../support/realm.js';

const PASSWORD = 'correct-horse';
const term = formatTerm(termOf(new Date()));

const attributes = (ldif: string) =>
  ldif
    .trim()
    .split('\n\n')
    .map((entry) => entry.split('\n').sort());

async function mode(file: string): Promise<string> {
  const { mode: bits, uid, gid } = await lstat(file);
  return `${(bits & 0o7777).toString(8)} ${uid}:${gid}`;
}

async function add(...args: string[]): Promise<void> {
  const { status, stderr } = await runAs('ctdalek', ['ceo', ...args], { input: `${PASSWORD}\n` });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
}

const kinit = (username: string, password: string) =>
  run(['kinit', '-c', path.join(folder, 'ccaches', 'tried'), username], { input: `${password}\n` });

describe('a member', () => {
  let uid: number;
  beforeAll(async () => {
    await add(
      'members',
      'add',
      'newmem',
      '-n',
      'Jörg 日',
      '-p',
      'MATH Pure',
      '-e',
      'j@example.com',
      '-t',
      '2',
      '--password-stdin',
    );
    uid = (await lstat(homeOf('newmem'))).uid;
  });

  test('has an entry', async () => {
    const next = formatTerm((termOf(new Date()) + 1) as ReturnType<typeof termOf>);
    expect(attributes(await ldapsearch('(uid=newmem)'))).toEqual([
      [
        'dn: uid=newmem,ou=People,dc=csclub,dc=test',
        ...['top', 'account', 'posixAccount', 'shadowAccount', 'member'].map(
          (name) => `objectClass: ${name}`,
        ),
        'uid: newmem',
        `cn:: ${Buffer.from('Jörg 日').toString('base64')}`,
        'loginShell: /bin/bash',
        `uidNumber: ${uid}`,
        `gidNumber: ${uid}`,
        `homeDirectory: ${homeOf('newmem')}`,
        'program: MATH Pure',
        `term: ${term}`,
        `term: ${next}`,
      ].sort(),
    ]);
  });

  test('has a group without people', async () => {
    expect(attributes(await ldapsearch('(cn=newmem)'))).toEqual([
      [
        'dn: cn=newmem,ou=Group,dc=csclub,dc=test',
        ...['top', 'group', 'posixGroup'].map((name) => `objectClass: ${name}`),
        'cn: newmem',
        `gidNumber: ${uid}`,
      ].sort(),
    ]);
  });

  test('gets a ticket with the password, and with no other', async () => {
    expect((await kinit('newmem', PASSWORD)).status).toBe(0);
    expect((await kinit('newmem', 'wrong-horse')).status).not.toBe(0);
    expect(await principal('newmem')).toMatch(/^Policy: default$/m);
    expect(await principal('newmem')).toMatch(/^Attributes: REQUIRES_PRE_AUTH$/m);
  });

  test('has a home: the skeleton as root owns it, and .forward', async () => {
    const home = homeOf('newmem');
    expect(await mode(home)).toBe(`755 ${uid}:${uid}`);
    expect((await readdir(home)).sort()).toEqual(
      ['.bashrc', '.forward', '.private', '.profile', 'public_html', 'www'].sort(),
    );
    expect(await readFile(path.join(home, '.forward'), 'utf8')).toBe('j@example.com\n');
    expect(await mode(path.join(home, '.forward'))).toBe(`644 ${uid}:${uid}`);
    expect(await mode(path.join(home, '.private'))).toBe(`600 ${uid}:${uid}`);
    expect(await mode(path.join(home, 'www'))).toBe(`755 ${uid}:${uid}`);
    expect(await readlink(path.join(home, 'public_html'))).toBe('www');
    expect((await lstat(path.join(home, 'public_html'))).uid).toBe(uid);
  });

  test('the notify hook heard of it', async () => {
    const log = await readFile(path.join(folder, 'log', 'notify.log'), 'utf8');
    expect(log).toContain('addmember\tctdalek\tnewmem\tJörg 日\tMATH Pure\tsuccess\n');
  });
});

describe('a club representative', () => {
  beforeAll(() =>
    add('members', 'add', 'newrep', '-n', 'Rep Resentative', '--club-rep', '--password-stdin'),
  );

  test('is a member in the directory, registered in the other list', async () => {
    const ldif = await ldapsearch('(uid=newrep)');
    expect(ldif).toContain(`nonMemberTerm: ${term}\n`);
    expect(ldif).not.toMatch(/^term:/m);
    expect(ldif).not.toMatch(/^program:/m);
    expect(ldif).toContain('objectClass: member\n');
  });

  test('has no .forward without an email', async () => {
    expect(await readdir(homeOf('newrep'))).not.toContain('.forward');
  });

  test('the notify hook calls it so', async () => {
    const log = await readFile(path.join(folder, 'log', 'notify.log'), 'utf8');
    expect(log).toContain('addclubrep\tctdalek\tnewrep\t');
  });
});

describe('a phone number', () => {
  test('is in the entry, shown with the account, and in JSON', async () => {
    const phone = '+1 (519) 555-0106';
    await add(
      'members',
      'add',
      'newphone',
      '-n',
      'New Phone',
      '--phone',
      phone,
      '--password-stdin',
    );
    expect(await ldapsearch('(uid=newphone)')).toContain(`telephoneNumber: ${phone}\n`);
    const shown = await runAs('nobody1', ['ceo', 'members', 'get', 'newphone']);
    expect(shown.stdout).toContain(`\nPhone           ${phone}\n`);
    const { stdout } = await runAs('nobody1', ['ceo', 'members', 'get', 'newphone', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ username: 'newphone', phone });
  });

  const send = (request: object) =>
    runAs('ctdalek', ['ceoc', 'adduser', '--json'], { input: JSON.stringify(request) });

  test('that is none is refused by ceod as well', async () => {
    const request = { type: 'MEMBER', username: 'badphone', realname: 'Bad', password: PASSWORD };
    const { status, stdout } = await send({ ...request, phone: '519 555 O107' });
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      messages: [{ status: 22, message: expect.stringMatching(/^phone: only digits/) }],
    });
    expect(await tracesOf('badphone')).toEqual([]);
  });

  test('of a club is ignored, whatever it is', async () => {
    const request = { type: 'CLUB', username: 'phoneclub', realname: 'Phone Club' };
    expect(await send({ ...request, phone: 'none' })).toMatchObject({ status: 0 });
    const entry = await ldapsearch('(uid=phoneclub)');
    expect(entry).toContain('objectClass: club\n');
    expect(entry).not.toContain('telephoneNumber');
  });
});

describe('a club', () => {
  let gid: number;
  beforeAll(async () => {
    await add('clubs', 'add', 'newclub', '-n', 'New Club');
    gid = (await lstat(homeOf('newclub'))).gid;
  });

  test('with a program is refused, as by the deployed op', async () => {
    const { status, stdout } = await runAs('ctdalek', ['ceoc', 'adduser', '--json'], {
      input: JSON.stringify({ type: 'CLUB', username: 'proclub', realname: 'P', program: 'MATH' }),
    });
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      messages: [{ status: 22, message: 'program: club accounts cannot have programs' }],
    });
    expect(await tracesOf('proclub')).toEqual([]);
  });

  test('has an entry without program, a group, and a sudo rule', async () => {
    const entries = attributes(await ldapsearch('(|(uid=newclub)(cn=newclub)(cn=%newclub))'));
    expect(entries).toContainEqual(
      [
        'dn: uid=newclub,ou=People,dc=csclub,dc=test',
        ...['top', 'account', 'posixAccount', 'shadowAccount', 'club'].map(
          (name) => `objectClass: ${name}`,
        ),
        'uid: newclub',
        'cn: New Club',
        'loginShell: /bin/bash',
        `uidNumber: ${gid}`,
        `gidNumber: ${gid}`,
        `homeDirectory: ${homeOf('newclub')}`,
      ].sort(),
    );
    expect(entries).toContainEqual(
      [
        'dn: cn=%newclub,ou=SUDOers,dc=csclub,dc=test',
        ...['top', 'sudoRole'].map((name) => `objectClass: ${name}`),
        'cn: %newclub',
        'sudoUser: %newclub',
        'sudoHost: ALL',
        'sudoCommand: ALL',
        'sudoOption: !authenticate',
        'sudoRunAsUser: newclub',
      ].sort(),
    );
    expect(entries).toHaveLength(3);
    expect(gid).toBeGreaterThanOrEqual(30_001);
  });

  test('has no principal', async () => {
    expect(await principalExists('newclub')).toBe(false);
  });

  test('has a home in which its group may write, now and in what comes', async () => {
    const { stdout } = await run(['getfacl', '-ncp', homeOf('newclub')]);
    const acl = ['user::rwx', 'group::r-x', `group:${gid}:rwx`, 'mask::rwx', 'other::r-x'];
    expect(stdout.trim().split('\n')).toEqual([...acl, ...acl.map((entry) => `default:${entry}`)]);
  });
});

describe('refused, and nothing is left', () => {
  const addBy = (user: string, username: string, password: string) =>
    runAs(user, ['ceo', 'members', 'add', username, '-n', 'No Body', '--password-stdin'], {
      input: `${password}\n`,
    });

  test('by a user who is in no group', async () => {
    const { status, stdout, stderr } = await addBy('nobody1', 'denied1', PASSWORD);
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toContain('nobody1 not authorized');
  });

  test("a password that the KDC's policy refuses: the step and the reason are told", async () => {
    const { status, stdout, stderr } = await addBy('ctdalek', 'shorty', 'short');
    expect(status).toBe(1);
    expect(stderr).toMatch(/unable to create principal for shorty: Password is too short/);
    expect(stdout).not.toContain('too short');
    expect(stderr).toContain('Nothing was changed.');
    expect(await ldapsearch('(|(uid=shorty)(cn=shorty))', '1.1')).toBe('');
    expect(await principalExists('shorty')).toBe(false);
    expect(await readdir(path.join(folder, 'users'))).not.toContain('shorty');
  });

  test.each(['root', 'admin', 'mysql', 'krbtgt', 'information', 'syscom', 'www-data'])(
    'the reserved name %s',
    async (name) => {
      const { status } = await addBy('ctdalek', name, PASSWORD);
      // One of them is free, so that the test would notice if every name were refused.
      expect(status).toBe(name === 'information' ? 0 : 9);
    },
  );
});
