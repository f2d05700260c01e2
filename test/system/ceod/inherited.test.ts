/**
 * Promise: a new account comes into nothing that an earlier holder of its name or uid has left.
 * What is left is told, all of it, with how it is cleared; and what is no account has no rights.
 */
import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { send } from '../../support/json.js';
import { ownHost } from '../../support/ownCeod.js';
import { addGroup, addPeople } from '../../support/people.js';
import { requestsOfAll } from '../../support/requests.js';
import { folder, kadmin, ldapsearch, run, runAs, tracesOf, variable } from '../../support/realm.js';
import { cacheOf } from '../../support/tickets.js';

const base = variable('LDAP_BASE');
const dnOf = (username: string) => `uid=${username},ou=People,${base}`;

async function ldapmodify(...lines: string[]): Promise<void> {
  const command = ['ldapmodify', '-Q', '-Y', 'GSSAPI', '-H', variable('LDAP_URI')] as const;
  const { status, stderr } = await runAs('sysadmin1', command, { input: `${lines.join('\n')}\n` });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
}

const change = (
  dn: string,
  what: 'add' | 'delete',
  attribute: string,
  value: string,
): Promise<void> =>
  ldapmodify(`dn: ${dn}`, 'changetype: modify', `${what}: ${attribute}`, `${attribute}: ${value}`);

const signUp = (username: string) =>
  send('ctdalek', 'adduser', {
    ...{ type: 'MEMBER', username, realname: 'In Herited', password: 'a-good-password' },
  });

const ceo = (user: string, ...args: string[]) => runAs(user, ['ceo', ...args]);

/** @returns what the refusal says */
async function refused(username: string): Promise<string> {
  const { status, messages } = await signUp(username);
  expect({ status, first: messages[0]?.status }).toEqual({ status: 9, first: 17 });
  expect(await tracesOf(username)).toEqual([]);
  return messages[0]?.message ?? '';
}

describe('a DN that a group still holds', () => {
  const dn = dnOf('inhdn');
  beforeAll(() => change(`cn=syscom,ou=Group,${base}`, 'add', 'uniqueMember', dn));

  test('the newcomer of that name is refused, and nothing is made', async () => {
    const message = await refused('inhdn');
    expect(message).toContain(`uniqueMember ${dn} of cn=syscom,ou=Group,${base}`);
    expect(message).toContain('a member of syscom can remove: ceo groups remove syscom inhdn');
  });

  test('is shown as no account', async () => {
    const { stdout, stderr } = await ceo('sysadmin1', 'groups', 'members', 'syscom');
    expect(stdout).not.toContain('inhdn');
    expect(stderr).toContain('No account');
    expect(stderr).toContain(`ceo groups remove syscom ${dn}`);
    const json = await ceo('sysadmin1', 'groups', 'members', 'syscom', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ dangling: [dn] });
  });

  test('is removed, by its name or as it is; then the name is free', async () => {
    expect((await ceo('sysadmin1', 'groups', 'remove', 'syscom', 'inhdn')).status).toBe(0);
    const gone = await ceo('sysadmin1', 'groups', 'remove', 'syscom', 'inhdn');
    expect(gone.status).toBe(4);
    await change(`cn=office,ou=Group,${base}`, 'add', 'uniqueMember', `cn=nobody,${base}`);
    const other = await ceo('sysadmin1', 'groups', 'remove', 'office', `cn=nobody,${base}`);
    expect(other.status).toBe(0);
    expect((await signUp('inhdn')).status).toBe(0);
    expect((await send('inhdn', 'resetpassword', { username: 'mailu01' })).status).not.toBe(0);
  });
});

test('a DN that somebody’s entry holds', async () => {
  await addPeople([{ username: 'inhother', realname: 'Refers', id: 41_000 }]);
  await change(dnOf('inhother'), 'add', 'seeAlso', dnOf('inhsee'));
  expect(await refused('inhsee')).toContain(`seeAlso ${dnOf('inhsee')} of ${dnOf('inhother')}`);
});

test.each([
  ['sudoUser', 'inhsudo'],
  ['sudoRunAsUser', 'inhrunas'],
])('a sudo rule that names it: %s', async (attribute, username) => {
  const rule = `cn=rule-${username},ou=SUDOers,${base}`;
  await ldapmodify(
    ...[`dn: ${rule}`, 'changetype: add', 'objectClass: sudoRole', `cn: rule-${username}`],
    ...['sudoHost: ALL', 'sudoCommand: ALL', `${attribute}: ${username}`],
  );
  expect(await refused(username)).toContain(`${attribute} ${username} of ${rule}`);
});

test('a group that holds its name: memberUid', async () => {
  await ldapmodify(
    ...[`dn: cn=inhold,ou=Group,${base}`, 'changetype: add', 'objectClass: posixGroup'],
    ...['objectClass: group', 'cn: inhold', 'gidNumber: 41500', 'memberUid: inhuid'],
  );
  expect(await refused('inhuid')).toContain('memberUid inhuid of cn=inhold');
});

test('more than can be told: the others are counted', async () => {
  for (let i = 0; i < 10; i += 1) await addGroup(`inhmany${i}`, 41_600 + i, ['inhmany']);
  const message = await refused('inhmany');
  expect(message.match(/uniqueMember/g)).toHaveLength(8);
  expect(message).toContain('and 2 more');
});

test('something belongs to the next uid: it is passed over', async () => {
  expect((await signUp('inhnext1')).status).toBe(0);
  const uidOf = async (name: string) =>
    Number(/^uidNumber: (\d+)$/m.exec(await ldapsearch(`(uid=${name})`, 'uidNumber'))?.[1]);
  const next = (await uidOf('inhnext1')) + 1;
  const left = path.join(folder, 'users', 'moved-away');
  await mkdir(left);
  // Tests beside this one take uids as well.
  for (let uid = next; uid < next + 20; uid += 1) {
    await writeFile(path.join(folder, 'users', `left-${uid}`), '');
    await chown(path.join(folder, 'users', `left-${uid}`), uid, uid);
  }
  try {
    expect((await signUp('inhnext2')).status).toBe(0);
    expect(await uidOf('inhnext2')).toBeGreaterThanOrEqual(next + 20);
  } finally {
    for (let uid = next; uid < next + 20; uid += 1)
      await rm(path.join(folder, 'users', `left-${uid}`));
    await rm(left, { recursive: true });
  }
});

describe('a member of syscom without an account', () => {
  const name = 'inhgone';
  beforeAll(async () => {
    await kadmin('addprinc', '-policy', 'default', '-pw', 'a-good-password', name);
    await change(`cn=syscom,ou=Group,${base}`, 'add', 'uniqueMember', dnOf(name));
  });
  afterAll(() => change(`cn=syscom,ou=Group,${base}`, 'delete', 'uniqueMember', dnOf(name)));

  test.each(requestsOfAll('mailu01'))('may not %s', async (op, request) => {
    const cache = cacheOf(name);
    const kinit = await run(['kinit', '-c', cache, name], { input: 'a-good-password\n' });
    expect(kinit.status).toBe(0);
    const { status, stdout } = await run(['ceoc', op, '--json'], {
      env: { KRB5CCNAME: cache },
      input: JSON.stringify(request),
    });
    expect({ status, stdout }).toEqual({ status: 3, stdout: expect.stringContaining('"status"') });
  });
});

test('the last member of syscom is taken out only with --force, which says how to come back', async () => {
  // On a site whose committee is another group, so that the tests beside this one keep theirs.
  await addGroup('inhstaff', 41_700, ['ctdalek', 'mailu01', 'inhnobody']);
  const { env } = await ownHost('syscom_group = inhstaff');
  const remove = (...args: string[]) =>
    runAs('sysadmin1', ['ceo', 'groups', 'remove', 'inhstaff', ...args], { env });
  const members = () => ldapsearch('(&(objectClass=posixGroup)(cn=inhstaff))', 'uniqueMember');
  const before = await members();
  const { status, stderr } = await remove('ctdalek', 'mailu01');
  expect(status).toBe(1);
  expect(stderr).toMatch(/Nobody would be left in inhstaff.*--force.*ldapmodify/s);
  expect(await members()).toBe(before);

  expect((await remove('mailu01')).status).toBe(0);
  expect((await remove('ctdalek')).status).toBe(1);
  const forced = await remove('ctdalek', '--force');
  expect(forced).toMatchObject({ status: 0, stderr: expect.stringContaining('ldapmodify') });
  expect(await members()).not.toContain('ctdalek');
});
