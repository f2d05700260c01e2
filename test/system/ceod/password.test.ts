/**
 * Promise: the desk can give somebody a new password, who must change it at the
 * next login; nobody gets at the passwords of staff that way.
 */
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { send } from '../../support/json.js';
import { folder, kadmin, principal, run, runAs, variable } from '../../support/realm.js';
import { Screen } from '../../support/tmux.js';

const reset = (user: string, username: string, password?: string) =>
  send(user, 'resetpassword', { username, ...(password !== undefined && { password }) });

/** kinit, with the answers to what it asks. */
const kinit = (username: string, ...answers: string[]) =>
  run(['kinit', '-c', path.join(folder, 'ccaches', 'reset'), username], {
    input: answers.map((answer) => `${answer}\n`).join(''),
  });

const names = ['reset1', 'reset2', 'reset3', 'reset4', 'reset5'];
beforeAll(async () => {
  for (const name of names) {
    const add = ['ceo', 'members', 'add', name, '-n', 'Reset Me', '--password-stdin'] as const;
    expect((await runAs('ctdalek', [...add], { input: 'forgotten-one\n' })).status).toBe(0);
  }
});

test('a generated one: told once, works once, and must be changed', async () => {
  const { status, messages, password } = await reset('ctdalek', 'reset1');
  expect(status).toBe(0);
  expect(messages.map((line) => line.status)).toEqual([0, 0]);
  expect(await principal('reset1')).toMatch(/^Attributes:.*REQUIRES_PWCHANGE/m);
  expect((await kinit('reset1', 'forgotten-one')).status).not.toBe(0);
  const changed = await kinit('reset1', String(password), 'brand-new-one', 'brand-new-one');
  expect(changed.stdout).toContain('must change it now');
  expect(changed.status).toBe(0);
  expect((await kinit('reset1', 'brand-new-one')).status).toBe(0);
});

test('a given one is not repeated', async () => {
  const { status, messages, password } = await reset('sysadmin1', 'reset2', 'given-by-hand');
  expect({ status, password }).toEqual({ status: 0, password: undefined });
  expect(JSON.stringify(messages)).not.toContain('given-by-hand');
  expect((await kinit('reset2', 'given-by-hand', 'x-new-one-x', 'x-new-one-x')).status).toBe(0);
});

describe('refused', () => {
  test.each([
    ['nobody1', 'mailu09', 'in no group'],
    ['mailu09', 'mailu09', 'oneself: that is what kpasswd is for'],
    ['ctdalek', 'ctdalek', 'office for office'],
    ['ctdalek', 'sysadmin1', 'office for syscom'],
    ['ctdalek', 'csc', 'a club has none'],
    ['sysadmin1', 'chessclub', 'a club has none'],
  ])('%s for %s: %s', async (user, username) => {
    const before = await principal(username);
    const { status, messages, password } = await reset(user, username);
    expect({ status, password }).toEqual({ status: 3, password: undefined });
    expect(messages).toEqual([{ status: 1, message: expect.any(String) }]);
    expect(await principal(username)).toBe(before);
  });

  test('nobody of that name', async () => {
    expect((await reset('sysadmin1', 'nosuchuser')).status).toBe(4);
    // It has a principal, but no account.
    expect((await reset('sysadmin1', 'ghost')).status).toBe(4);
  });

  test.each([
    ['by our rule', 'abc', 22, 'password'],
    ['by the policy of the KDC', 'abcde', -2, 'too short'],
    ['a control character', 'long\u0007enough', 22, 'password'],
  ])('%s', async (_what, password, status, why) => {
    const { messages } = await reset('ctdalek', 'reset3', password);
    expect(messages).toEqual([{ status, message: expect.stringContaining(why) }]);
    expect(JSON.stringify(messages)).not.toContain(password);
    expect((await kinit('reset3', 'forgotten-one')).status).toBe(0);
  });
});

describe('what the new password does not help against is told', () => {
  const told = async (password: string) => {
    const { status, messages } = await reset('ctdalek', 'reset3', password);
    expect(status).toBe(0);
    return messages.slice(2);
  };
  const warned = (text: string) => [
    {
      status: 0,
      message: expect.stringMatching(`^warning: reset3 still cannot log in: .*${text}`),
    },
  ];

  /** As the realm's owner: ceod itself may make no policies. */
  const kadminLocal = async (query: string) => {
    const env = { KRB5_KDC_PROFILE: path.join(folder, 'kdc', 'kdc.conf') };
    expect((await run(['kadmin.local', '-q', query], { env })).status).toBe(0);
  };

  test('nothing is, when nothing stands in the way', async () => {
    expect(await told('first-new-one')).toEqual([]);
  });

  test.each([
    ['-allow_tix', '+allow_tix', 'disabled .*modprinc .allow_tix reset3'],
    ['-expire yesterday', '-expire never', 'expired .*modprinc -expire never reset3'],
  ])('modprinc %s', async (set, unset, text) => {
    await kadmin('modprinc', ...set.split(' '), 'reset3');
    expect(await told('second-new-one')).toEqual(warned(text));
    const shown = await runAs('ctdalek', ['ceo', 'members', 'passwd', 'reset3']);
    expect(shown.stdout).toContain('still cannot log in');
    await kadmin('modprinc', ...unset.split(' '), 'reset3');
    expect(await told('third-new-one')).toEqual([]);
  });

  test('a lock-out for wrong passwords ends with the new one', async () => {
    await kadminLocal('addpol -maxfailure 2 lockreset');
    await kadminLocal('modprinc -policy lockreset reset3');
    for (let i = 0; i < 3; i += 1) await kinit('reset3', 'wrong');
    const locked = await kinit('reset3', 'third-new-one', 'another-one', 'another-one');
    expect(locked.stderr).toContain('revoked');
    expect(await told('fourth-new-one')).toEqual([]);
    expect((await kinit('reset3', 'fourth-new-one', 'z-new-one-z', 'z-new-one-z')).status).toBe(0);
  });
});

describe('somebody of the office', () => {
  beforeAll(async () => {
    const base = variable('LDAP_BASE');
    const ldif = `dn: cn=office,ou=Group,${base}
changetype: modify
add: uniqueMember
uniqueMember: uid=reset5,ou=People,${base}
`;
    const ldapmodify = ['ldapmodify', '-Q', '-Y', 'GSSAPI', '-H', variable('LDAP_URI')] as const;
    expect((await runAs('sysadmin1', [...ldapmodify], { input: ldif })).status).toBe(0);
  });

  test('gets one from the systems committee, and not from the office', async () => {
    expect((await reset('ctdalek', 'reset5')).status).toBe(3);
    expect((await reset('sysadmin1', 'reset5', 'for-the-office')).status).toBe(0);
    expect((await kinit('reset5', 'for-the-office', 'w-new-one-w', 'w-new-one-w')).status).toBe(0);
  });
});

describe('ceo members passwd', () => {
  test('shows a generated one', async () => {
    const { status, stdout } = await runAs('ctdalek', ['ceo', 'members', 'passwd', 'reset4']);
    expect(status).toBe(0);
    const password = /^New password of reset4: (\S+)$/m.exec(stdout)?.[1] ?? '';
    expect(stdout).toContain('It is shown only now.');
    expect((await kinit('reset4', password, 'y-new-one-y', 'y-new-one-y')).status).toBe(0);
  });

  test('takes one from standard input', async () => {
    const passwd = ['ceo', 'members', 'passwd', 'reset4', '--password-stdin'] as const;
    const { status, stdout } = await runAs('ctdalek', [...passwd], { input: 'from-stdin-1\n' });
    expect(status).toBe(0);
    expect(stdout).not.toContain('from-stdin-1');
    expect((await kinit('reset4', 'from-stdin-1', 'z-new-one-z', 'z-new-one-z')).status).toBe(0);
  });

  test('asks for one, twice, without showing it', async () => {
    const screen = await Screen.start('ceo members passwd reset4 --ask', {
      KRB5CCNAME: `FILE:${folder}/ccaches/ctdalek`,
    });
    try {
      for (const question of ['Password:', 'Password again:']) {
        await screen.shows(question);
        await screen.type('typed-in-1');
        await screen.press('Enter');
      }
      const text = await screen.shows('exit status 0');
      expect(text).toContain('reset4 must change it at the next login');
      expect(text).not.toContain('typed-in-1');
    } finally {
      await screen.close();
    }
  });
});
