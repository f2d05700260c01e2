/**
 * Promise: the uid counter is believed only where it can be right; what else stands in it is
 * told with the way to mend it, and no account gets a uid outside its range.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { send } from '../../support/json.js';
import { startOwnCeod, type OwnCeod } from '../../support/ownCeod.js';
import { homeOf, kadmin, ldapsearch, runAs, tracesOf, variable } from '../../support/realm.js';

const base = variable('LDAP_BASE');
const server = ['-Q', '-Y', 'GSSAPI', '-H', variable('LDAP_URI')] as const;

async function asSyscom(program: 'ldapadd' | 'ldapmodify', ldif: string): Promise<void> {
  const { status, stderr } = await runAs('sysadmin1', [program, ...server], { input: ldif });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
}

const counterName = (min: number, max: number) => `ceod next uid ${min}-${max}`;

const makeCounter = (min: number, max: number, values: readonly string[]) =>
  asSyscom(
    'ldapadd',
    [
      `dn: cn=${counterName(min, max)},ou=People,${base}`,
      'objectClass: device',
      `cn: ${counterName(min, max)}`,
      ...values.map((value) => `serialNumber: ${value}`),
    ].join('\n') + '\n',
  );

async function counterOf(min: number, max: number): Promise<string[]> {
  const ldif = await ldapsearch(`(cn=${counterName(min, max)})`, 'serialNumber');
  return [...ldif.matchAll(/^serialNumber: (.*)$/gm)].map(([, value = '']) => value);
}

const addGroup = (name: string, gid: number) =>
  asSyscom(
    'ldapadd',
    `dn: cn=${name},ou=Group,${base}\nobjectClass: group\nobjectClass: posixGroup\ncn: ${name}\ngidNumber: ${gid}\n`,
  );

async function uidOf(username: string): Promise<number> {
  const ldif = await ldapsearch(`(uid=${username})`, 'uidNumber');
  return Number(/^uidNumber: (\d+)$/m.exec(ldif)?.[1]);
}

let ceod: OwnCeod | undefined;
afterEach(async () => {
  await ceod?.stop();
  ceod = undefined;
});

const start = async (min: number, max: number) =>
  (ceod = await startOwnCeod('', { accounts: `member_min_id = ${min}\nmember_max_id = ${max}` }));

const signUp = (username: string) =>
  send(
    'ctdalek',
    'adduser',
    { type: 'MEMBER', username, password: 'long-enough', realname: username },
    ceod?.env,
  );

describe('a counter that cannot be right', () => {
  let range = 21_000;
  test.each<[string, (min: number, max: number) => string[]]>([
    ['0', () => ['0']],
    ['500, a uid of the system’s', () => ['500']],
    ['text', () => ['next']],
    ['hexadecimal', (min) => [`0x${min.toString(16)}`]],
    ['a power', () => ['21e3']],
    ['a leading zero', (min) => [`0${min + 5}`]],
    ['a fraction', (min) => [`${min + 5}.5`]],
    ['negative', () => ['-21005']],
    ['below the range by one', (min) => [String(min - 1)]],
    ['above its end by two', (_min, max) => [String(max + 2)]],
    ['huge', (min) => [String(2 ** 32 + min + 5)]],
    ['two values', (min) => [String(min + 5), String(min + 6)]],
    ['none', () => []],
  ])('%s: nobody is signed up, and the reply says how to mend it', async (_what, values) => {
    const [min, max] = [range, range + 9];
    range += 10;
    await makeCounter(min, max, values(min, max));
    await start(min, max);
    const username = `ctr${min}`;
    const { messages } = await signUp(username);
    const [failure, ...more] = messages;
    expect(failure).toMatchObject({
      status: -3,
      message: expect.stringContaining(counterName(min, max)),
    });
    expect(more).toEqual([]);
    expect(await tracesOf(username)).toEqual([]);
    // The log tells it already at the start.
    await eventually(() =>
      Promise.resolve(JSON.stringify(ceod?.log()).includes(counterName(min, max))),
    );

    const [mend = 'false'] = /printf .*/.exec(failure?.message ?? '') ?? [];
    const mended = await runAs('sysadmin1', ['sh', '-c', `${mend} ${server.join(' ')}`]);
    expect(mended).toMatchObject({ status: 0 });
    expect(await signUp(username)).toMatchObject({ status: 0 });
    expect(await uidOf(username)).toBe(min);
  });
});

test('a counter that stands behind what is in use goes on in front of it', async () => {
  for (const [index, gid] of [21_500, 21_501, 21_502].entries())
    await addGroup(`ctrbehind${index}`, gid);
  await makeCounter(21_500, 21_599, ['21500']);
  await start(21_500, 21_599);
  expect(await signUp('ctr21500')).toMatchObject({ status: 0 });
  expect(await uidOf('ctr21500')).toBe(21_503);
  expect(await counterOf(21_500, 21_599)).toEqual(['21504']);
});

test('it is made when ceod starts', async () => {
  await addGroup('ctrmade', 21_610);
  await start(21_600, 21_699);
  await eventually(async () => (await counterOf(21_600, 21_699)).length > 0);
  expect(await counterOf(21_600, 21_699)).toEqual(['21611']);
});

describe('a stray number at the end of the range', () => {
  beforeAll(async () => {
    await addGroup('ctrours', 22_004);
    await addGroup('ctrstray', 22_999);
    await addGroup('ctrbyhand', 22_006);
  });

  test('does not use it up: the numbers go on behind the others, which the log tells', async () => {
    await start(22_000, 22_999);
    // 22004, and 22006 by hand two further on, are of a kind; 22999 is not.
    expect(await signUp('ctr22000')).toMatchObject({ status: 0 });
    expect(await uidOf('ctr22000')).toBe(22_007);
    expect(JSON.stringify(ceod?.log())).toContain('22999');
  });

  test('nor does a number in front of the counter that was given by hand', async () => {
    await addGroup('ctrahead', 22_008);
    await start(22_000, 22_999);
    expect(await signUp('ctr22001')).toMatchObject({ status: 0 });
    expect(await uidOf('ctr22001')).toBe(22_009);
  });
});

describe('a directory that was restored from an older backup', () => {
  const [min, max] = [26_700, 26_799];

  test('gives no number out again that this host remembers', async () => {
    const { dir, log } = await start(min, max);
    expect((await signUp('restored1')).status).toBe(0);
    expect((await signUp('restored2')).status).toBe(0);
    const lost = await uidOf('restored2');

    // What the backup did not know yet, without its home, which would tell by itself.
    const gone = [`uid=restored2,ou=People,${base}`, `cn=restored2,ou=Group,${base}`];
    for (const dn of gone) await asSyscom('ldapmodify', `dn: ${dn}\nchangetype: delete\n`);
    await kadmin('delprinc', '-force', 'restored2');
    await rm(homeOf('restored2'), { recursive: true });
    const counter = `cn=${counterName(min, max)},ou=People,${base}`;
    await asSyscom(
      'ldapmodify',
      `dn: ${counter}\nchangetype: modify\nreplace: serialNumber\nserialNumber: ${lost}\n`,
    );

    expect((await signUp('restored3')).status).toBe(0);
    expect(await uidOf('restored3')).toBe(lost + 1);
    expect(log().some(({ msg }) => /restore of the directory/.test(String(msg)))).toBe(true);

    // Without any counter, as of a backup before the first sign-up.
    await asSyscom('ldapmodify', `dn: ${counter}\nchangetype: delete\n`);
    expect((await signUp('restored4')).status).toBe(0);
    expect(await uidOf('restored4')).toBe(lost + 2);

    const mark = path.join(dir, 'state', `highest-uid-${min}-${max}`);
    expect(await readFile(mark, 'utf8')).toBe(`${lost + 2}\n`);
    for (const nonsense of ['', 'x', '-1', '0', String(max + 1), '99999999999999999999']) {
      await writeFile(mark, nonsense);
      expect(
        (await signUp(`restored5${nonsense.length}${nonsense.charCodeAt(0) || ''}`)).status,
      ).toBe(0);
    }
  });
});
