/**
 * Promise: a uid or gid of the directory is given to nothing unless it lies in the ranges of
 * members and clubs: not as an owner, not as a primary group, not as one more group.
 */
import { chown, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { send } from '../../support/json.js';
import { addGroup } from '../../support/people.js';
import { homeOf, runAs, variable } from '../../support/realm.js';

const base = variable('LDAP_BASE');
const SECRET = 'the hash of somebody’s password';

/** A file of root's that the members of a group of the system may read, like /etc/shadow. */
async function secretOf(gid: number): Promise<string> {
  const file = path.join(variable('CEO_SANDBOX'), `secret-${gid}`);
  await writeFile(file, `${SECRET}\n`, { mode: 0o640 });
  await chown(file, 0, gid);
  return file;
}

/** An account with a home, as somebody with too many rights makes one in the directory. */
async function addAccount(
  username: string,
  uid: string,
  gid: string,
  kind: 'member' | 'club' = 'member',
): Promise<void> {
  const home = homeOf(username);
  const classes = ['account', 'posixAccount', 'shadowAccount', kind];
  const ldif = [
    `dn: uid=${username},ou=People,${base}`,
    ...classes.map((name) => `objectClass: ${name}`),
    ...[`uid: ${username}`, `cn: ${username}`, `homeDirectory: ${home}`],
    ...[`uidNumber: ${uid}`, `gidNumber: ${gid}`],
  ].join('\n');
  const ldapadd = ['ldapadd', '-Q', '-Y', 'GSSAPI', '-H', variable('LDAP_URI')] as const;
  const { status, stderr } = await runAs('sysadmin1', ldapadd, { input: `${ldif}\n` });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  await mkdir(home, { recursive: true });
}

const forwardOf = async (username: string) => send('ctdalek', 'getforward', { username });

/** Every op that works with an account's numbers, or in its home. */
async function everyOp(username: string) {
  return [
    await forwardOf(username),
    await send('sysadmin1', 'mail', { username, forward: 'somebody@example.org' }),
    await send('sysadmin1', 'mysql', { username }),
    await send('sysadmin1', 'resetpassword', { username }),
  ];
}

const links: string[] = [];
afterAll(() => Promise.all(links.map((each) => rm(each, { force: true }))));

async function linkTo(file: string, username: string): Promise<void> {
  const link = path.join(homeOf(username), '.forward');
  await symlink(file, link);
  links.push(link);
}

describe('a primary group of the system’s', () => {
  test.each([
    ['0', 0],
    ['6', 6],
    ['42', 42],
    // setpriv(1) and the kernel know 32 bits.
    [String(2 ** 32 + 42), 42],
    [String(2 ** 32), 0],
    [String(2 ** 31), 42],
    ['-5', 42],
    // Of somebody else’s kind.
    ['30002', 30_002],
    // Next to the range, on both sides.
    ['20000', 20_000],
    ['30000', 30_000],
  ])('gidNumber %s: refused by every op, with a sentence', async (gid, group) => {
    const username = `numgid${gid.replace('-', 'm')}`.slice(0, 20);
    await addAccount(username, '28901', gid);
    await linkTo(await secretOf(group), username);
    for (const reply of await everyOp(username)) {
      expect(reply).toMatchObject({ status: 3, messages: [{ status: 1 }] });
      expect(reply.messages[0]?.message).toContain('gidNumber');
      expect(reply.messages[0]?.message).toContain('20001 to 29999');
      expect(JSON.stringify(reply)).not.toContain(SECRET);
    }
  });
});

describe('a uid of the system’s', () => {
  test.each(['0', '6', '65534', '-1', String(2 ** 32), String(2 ** 32 + 28_902), '30001'])(
    'uidNumber %s: refused by every op, with a sentence',
    async (uid) => {
      const username = `numuid${uid.replace('-', 'm')}`;
      await addAccount(username, uid, '28902');
      for (const reply of await everyOp(username)) {
        expect(reply).toMatchObject({ status: 3, messages: [{ status: 1 }] });
        expect(reply.messages[0]?.message).toContain('uidNumber');
      }
    },
  );

  test('a club with a member’s numbers', async () => {
    await addAccount('numclub', '28903', '28903', 'club');
    const { messages } = await forwardOf('numclub');
    expect(messages[0]?.message).toContain('30001 to 39999');
  });
});

describe('membership of a group', () => {
  beforeAll(() => addAccount('nummember', '28904', '28904'));

  test.each([
    ['0', 0],
    ['6', 6],
    ['42', 42],
    [String(2 ** 32 + 42), 42],
    ['-5', 42],
    // Of the staff: it is not needed in a home.
    ['10001', 10_001],
  ])('with gidNumber %s: left out', async (gid, group) => {
    await addGroup(`numgroup${gid.replace('-', 'm')}`, Number(gid), ['nummember']);
    await rm(path.join(homeOf('nummember'), '.forward'), { force: true });
    await linkTo(await secretOf(group), 'nummember');
    const reply = await forwardOf('nummember');
    expect(JSON.stringify(reply)).not.toContain(SECRET);
    expect(reply.messages).toEqual([
      { status: -4, message: expect.stringContaining('cannot read') },
    ]);
  });

  test('of a club, or of another member’s group: as ever', async () => {
    for (const gid of [38_904, 28_905]) {
      await addGroup(`numgroup${gid}`, gid, ['nummember']);
      await rm(path.join(homeOf('nummember'), '.forward'), { force: true });
      await linkTo(await secretOf(gid), 'nummember');
      expect((await forwardOf('nummember'))['forward']).toBe(SECRET);
    }
  });
});

test('ceo shows such numbers as they are, and does nothing with them', async () => {
  const get = async (username: string) =>
    JSON.parse(
      (await runAs('sysadmin1', ['ceo', 'members', 'get', username, '--json'])).stdout,
    ) as Record<string, unknown>;
  expect(await get('numgid42')).toMatchObject({ uidNumber: 28_901, gidNumber: 42 });
  // Not a number that a system knows: left out.
  const huge = await get(`numuid${2 ** 32}`);
  expect(huge).toMatchObject({ gidNumber: 28_902 });
  expect(huge).not.toHaveProperty('uidNumber');
  expect(await readFile('/etc/shadow', 'utf8')).not.toContain(SECRET);
});
