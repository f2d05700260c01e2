/** Promise: what the university knows of people is offered at a sign-up and brings programs up to date; without it everything goes on. */
import net from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { formatTerm, termOf } from '../../../src/directory/terms.js';
import { ownHost } from '../../support/ownCeod.js';
import { ccache, ldapsearch, runAs, tracesOf, variable } from '../../support/realm.js';
import { Screen } from '../../support/tmux.js';

const PASSWORD = 'correct-horse';
const base = variable('LDAP_BASE');
const TERM = formatTerm(termOf(new Date()));

type Env = Record<string, string>;
/** The sandbox's configuration with other settings; CEO_HOSTS stays, so that its ceods serve. */
async function configured(settings: string): Promise<Env> {
  return { CEO_CONFIG_DIR: (await ownHost(settings)).dir };
}

const ceo = (user: string, args: readonly string[], env: Env = {}) =>
  runAs(user, ['ceo', ...args], { input: `${PASSWORD}\n`, env });
const update = (user: string, args: readonly string[], env: Env = {}) =>
  ceo(user, ['members', 'update-programs', ...args], env);

async function modify(ldif: string): Promise<void> {
  const ldapmodify = ['ldapmodify', '-Q', '-Y', 'GSSAPI', '-H', variable('LDAP_URI')] as const;
  expect(await runAs('sysadmin1', [...ldapmodify], { input: ldif })).toMatchObject({ status: 0 });
}
const setProgram = (username: string, program: string) =>
  modify(
    `dn: uid=${username},ou=People,${base}\nchangetype: modify\nreplace: program\nprogram: ${program}\n`,
  );
const programOf = async (username: string) =>
  /^program: (.*)$/m.exec(await ldapsearch(`(uid=${username})`, 'program'))?.[1];

/** A server that accepts and says nothing. */
const silent = net.createServer();
let silentUrl: string;
let silentEnv: Env;
let downEnv: Env;
let absentEnv: Env;
beforeAll(async () => {
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  silentUrl = `ldaps://127.0.0.1:${(silent.address() as net.AddressInfo).port}`;
  silentEnv = await configured(`university_ldap_url = ${silentUrl}`);
  downEnv = await configured('university_ldap_url = ldaps://127.0.0.1:1');
  absentEnv = await configured('university_ldap_url =');
});
afterAll(() => void silent.close());

describe('members update-programs', () => {
  test('--dry-run shows what differs, and changes nothing', async () => {
    await setProgram('mailu01', 'MATH Undecided');
    const { status, stdout, stderr } = await update('nobody1', ['--dry-run']);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: 'mailu01: MATH Undecided → MATH Actuarial Science\n',
    });
    expect(stderr).toContain('mailu03: "ARTS Études françaises" is not ASCII');
    expect(stderr).toContain('1 program would be changed');
    expect(await programOf('mailu01')).toBe('MATH Undecided');
  });

  test('is denied to a plain member', async () => {
    await setProgram('mailu01', 'MATH Undecided');
    const { status, stdout, stderr } = await update('nobody1', []);
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toContain('The directory does not allow this.');
    expect(await programOf('mailu01')).toBe('MATH Undecided');
  });

  test('office sets them, once; whom the university does not know is left alone', async () => {
    await setProgram('mailu01', 'MATH Undecided');
    await setProgram('mailu02', 'MATH Kept');
    expect(await update('ctdalek', [])).toMatchObject({
      status: 0,
      stdout: 'mailu01: MATH Undecided → MATH Actuarial Science\n',
    });
    expect(await programOf('mailu01')).toBe('MATH Actuarial Science');
    expect(await programOf('mailu02')).toBe('MATH Kept');
    expect(await programOf('mailu03')).toBeUndefined();
    expect(await programOf('nobody1')).toBe('ENG Software Engineering');
    expect(await update('ctdalek', [])).toMatchObject({ status: 0, stdout: '' });
  });

  test('--json, and its name of old', async () => {
    await setProgram('mailu01', 'MATH Undecided');
    const { status, stdout, stderr } = await ceo('ctdalek', ['updateprograms', '--json']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      dryRun: false,
      changes: [{ username: 'mailu01', from: 'MATH Undecided', to: 'MATH Actuarial Science' }],
      skipped: [{ username: 'mailu03', program: 'ARTS Études françaises' }],
    });
  });

  test('those of another term only with --all', async () => {
    const entry = `dn: uid=mailu01,ou=People,${base}\nchangetype: modify\n`;
    await setProgram('mailu01', 'MATH Undecided');
    await modify(`${entry}delete: term\nterm: ${TERM}\n`);
    try {
      expect((await update('ctdalek', [])).stdout).toBe('');
      expect((await update('ctdalek', ['--all'])).stdout).toContain('mailu01: ');
    } finally {
      await modify(`${entry}add: term\nterm: ${TERM}\n`);
    }
  });

  test('without the setting: which key to set; without a base, too', async () => {
    const { status, stderr } = await update('ctdalek', [], absentEnv);
    expect(status).toBe(10);
    expect(stderr).toContain('university_ldap_url');
    const baseless = await update('ctdalek', [], await configured('university_ldap_base ='));
    expect(baseless.status).toBe(10);
    expect(baseless.stderr).toContain('Set university_ldap_base');
  });

  test.each([
    ['down', () => downEnv],
    ['silent', () => silentEnv],
  ])('a university that is %s: nothing is changed', async (_how, env) => {
    await setProgram('mailu01', 'MATH Undecided');
    const { status, stdout, stderr } = await update('ctdalek', [], env());
    expect({ status, stdout }).toEqual({ status: 5, stdout: '' });
    expect(stderr).toContain('university_ldap_url in ceod.cf');
    expect(await programOf('mailu01')).toBe('MATH Undecided');
  });

  test('ldap:// is upgraded by StartTLS', async () => {
    const env = await configured(`university_ldap_url = ${variable('LDAP_STARTTLS_URI')}`);
    expect((await update('nobody1', ['--dry-run', '--json'], env)).stdout).toContain('mailu03');
  });

  test('a certificate that is not trusted: not asked', async () => {
    const { status, stderr } = await ceo(
      'ctdalek',
      ['members', 'add', 'newstudent', '--password-stdin'],
      { LDAPTLS_CACERT: '/etc/ssl/certs/ca-certificates.crt' },
    );
    expect(status).toBe(2);
    expect(stderr).toContain('certificate');
  });
});

describe('a sign-up in a script', () => {
  const add = ['members', 'add', '--password-stdin', '--json'] as const;

  test('takes the name that was left out, and the program with it', async () => {
    expect(await ceo('ctdalek', [...add, 'newstudent'])).toMatchObject({ status: 0, stderr: '' });
    const account = await ceo('ctdalek', ['members', 'get', 'newstudent', '--json']);
    expect(JSON.parse(account.stdout)).toMatchObject({
      realname: 'New Student',
      program: 'ENG Nanotechnology',
    });
  });

  test('a program of those who have left is none', async () => {
    expect(await ceo('ctdalek', [...add, 'oldstudent'])).toMatchObject({ status: 0, stderr: '' });
    const account = await ceo('ctdalek', ['members', 'get', 'oldstudent', '--json']);
    expect(JSON.parse(account.stdout)).toMatchObject({ realname: 'Öld Student' });
    expect(account.stdout).not.toContain('"program"');
  });

  test('somebody unknown needs --name', async () => {
    const { status, stderr } = await ceo('ctdalek', [...add, 'unknown1']);
    expect(status).toBe(2);
    expect(stderr).toContain('Give --name.');
    expect(await tracesOf('unknown1')).toEqual([]);
  });

  test('a silent university costs three seconds, and no sign-up', async () => {
    const start = Date.now();
    const { status, stderr } = await ceo('ctdalek', [...add, 'unknown2'], silentEnv);
    expect(Date.now() - start).toBeLessThan(6_000);
    expect(status).toBe(2);
    expect(stderr).toContain('was not asked about unknown2');
    const named = await ceo('ctdalek', [...add, 'named1', '-n', 'Named One'], silentEnv);
    expect(named).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('a sign-up on a terminal', () => {
  let screen: Screen | undefined;
  afterEach(async () => {
    await screen?.close();
    screen = undefined;
  });
  const start = async (username: string, env: Env = {}) =>
    (screen = await Screen.start(`ceo members add ${username}`, {
      KRB5CCNAME: ccache('ctdalek'),
      ...env,
    }));

  test('Enter takes what the university says', async () => {
    const shown = await start('ctdalek');
    await shown.shows('Real name: (Calum T. Dalek)');
    await shown.press('Enter');
    await shown.shows('Program of study (Backspace, Enter for none): (MATH Computer Science)');
    await shown.press('Enter');
    const text = await shown.shows('Forward mail to');
    expect(text).toMatch(/Program of study.*: MATH Computer Science$/m);
  });

  test('something else can be typed, and Backspace takes the suggestion away', async () => {
    const shown = await start('mailu01');
    await shown.shows('Real name: (Mail User 1)');
    await shown.type('Another Name');
    await shown.press('Enter');
    await shown.shows('(MATH Actuarial Science)');
    await shown.press('BSpace', 'Enter');
    const text = await shown.shows('Forward mail to');
    expect(text).toContain('Real name: Another Name');
    expect(text).not.toContain('Actuarial');
  });

  test('a program that cannot be stored is not suggested', async () => {
    const shown = await start('mailu03');
    await shown.shows('Real name: (Mail User 3)');
    await shown.press('Enter');
    await shown.shows('Program of study (Enter for none):');
  });

  test('a university that is down is told, and the questions come without defaults', async () => {
    const shown = await start('newstudent', downEnv);
    const text = await shown.shows('Real name:');
    expect(text).toContain("university's directory was not asked");
    expect(text).not.toContain('New Student');
  });
});
