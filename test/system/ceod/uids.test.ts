/** Promise: a uid is given out once, whoever else gives out numbers, and the end of a range is told. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startOwnCeod, type OwnCeod } from '../../support/ownCeod.js';
import { ldapsearch, runAs, tracesOf, variable } from '../../support/realm.js';

const base = variable('LDAP_BASE');

/** A ceod whose members get uids from here to there. */
const withRange = (min: number, max: number) =>
  startOwnCeod('', { accounts: `member_min_id = ${min}\nmember_max_id = ${max}` });

/** The lines that tell of a failure; none if the account was made. */
async function add({ env }: OwnCeod, username: string): Promise<string[]> {
  const request = { type: 'MEMBER', username, password: 'long-enough', realname: username };
  const input = JSON.stringify(request);
  const { stdout } = await runAs('ctdalek', ['ceoc', 'adduser', '--json'], { env, input });
  const { messages } = JSON.parse(stdout) as { messages: { status: number; message: string }[] };
  return messages.filter(({ status }) => status !== 0).map(({ message }) => message);
}

async function uidOf(username: string): Promise<number> {
  const ldif = await ldapsearch(`(uid=${username})`, 'uidNumber');
  return Number(/^uidNumber: (\d+)$/m.exec(ldif)?.[1]);
}

/** Makes an entry as syscom would by hand. */
async function byHand(ldif: string): Promise<void> {
  const ldapadd = ['ldapadd', '-Q', '-Y', 'GSSAPI', '-H', variable('LDAP_URI')] as const;
  expect(await runAs('sysadmin1', [...ldapadd], { input: ldif })).toMatchObject({ status: 0 });
}
const groupEntry = (name: string, gid: number) =>
  `dn: cn=${name},ou=Group,${base}\nobjectClass: group\nobjectClass: posixGroup\ncn: ${name}\ngidNumber: ${gid}\n`;

describe('a range of its own', () => {
  let ceod: OwnCeod;
  beforeAll(async () => {
    await byHand(groupEntry('range1used', 25_002));
    ceod = await withRange(25_001, 25_005);
  });
  afterAll(() => ceod.stop());

  test('begins above what is in use, also by a group alone', async () => {
    expect(await add(ceod, 'range1a')).toEqual([]);
    expect(await uidOf('range1a')).toBe(25_003);
  });

  test('jumps over a number that somebody gave out by hand', async () => {
    await byHand(groupEntry('range1hand', 25_004));
    expect(await add(ceod, 'range1b')).toEqual([]);
    expect(await uidOf('range1b')).toBe(25_005);
  });

  test('ends with a clear error, and nothing is left of who asked', async () => {
    const [message] = await add(ceod, 'range1c');
    expect(message).toContain('All uids from 25001 to 25005 are used');
    expect(await tracesOf('range1c')).toEqual([]);
  });

  test('never gives a number again, also when its account is gone', async () => {
    const ldapdelete = ['ldapdelete', '-Q', '-Y', 'GSSAPI', '-H', variable('LDAP_URI')] as const;
    const dns = [`uid=range1b,ou=People,${base}`, `cn=range1b,ou=Group,${base}`];
    expect(await runAs('sysadmin1', [...ldapdelete, ...dns])).toMatchObject({ status: 0 });
    expect((await add(ceod, 'range1d'))[0]).toContain('are used');
  });
});

describe('two daemons with one range', () => {
  let ceods: OwnCeod[] = [];
  afterEach(async () => {
    await Promise.all(ceods.map((each) => each.stop()));
  });

  test('never give out the same number', async () => {
    ceods = [await withRange(26_001, 26_100), await withRange(26_001, 26_100)];
    const names = Array.from({ length: 12 }, (_, index) => `two-of${index}`);
    for (const pair of [0, 2, 4, 6, 8, 10].map((index) => names.slice(index, index + 2))) {
      const results = await Promise.all(
        pair.map((name, index) => add(ceods[index] as OwnCeod, name)),
      );
      expect(results).toEqual([[], []]);
    }
    expect(new Set(await Promise.all(names.map(uidOf))).size).toBe(names.length);
  });
});
