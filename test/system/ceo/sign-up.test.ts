/** Promise: signing somebody up with ceo: on a terminal, in a script, and when a part of it fails. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { formatTerm, termOf } from '../../../src/directory/terms.js';
import { ownHost } from '../../support/ownCeod.js';
import { ccache, homeOf, ldapsearch, run, runAs, tracesOf } from '../../support/realm.js';
import { Screen } from '../../support/tmux.js';

const PASSWORD = 'correct-horse';
const term = formatTerm(termOf(new Date()));

const as = (user: string, command: readonly [string, ...string[]], input = `${PASSWORD}\n`) =>
  runAs(user, command, { input });

describe('on a terminal', () => {
  let screen: Screen | undefined;
  afterEach(async () => {
    await screen?.close();
    screen = undefined;
  });

  const answer = async (question: string, text: string) => {
    await screen?.shows(question);
    await screen?.type(text);
    await screen?.press('Enter');
  };

  test('asks for everything, for the password twice, and shows each step', async () => {
    screen = await Screen.start('ceo members add', { KRB5CCNAME: ccache('ctdalek') });
    await answer('Username:', 'asked1');
    await answer('Real name:', 'Asked Ämily');
    await answer('Program of study', '');
    await answer('Forward mail to', 'asked1@example.com');
    await answer('Phone number', '+1 519 555-0101');
    await answer('Password:', PASSWORD);
    await answer('Password again:', 'another');
    await screen.shows('They differ.');
    await screen.press('C-u');
    await answer('Password again:', PASSWORD);
    const text = await screen.shows('exit status 0');
    expect(text).toContain(`✓ registered for ${term}`);
    expect(text).toContain('asked1 is ready.');
    expect(text).not.toContain(PASSWORD);
    expect(await readFile(path.join(homeOf('asked1'), '.forward'), 'utf8')).toBe(
      'asked1@example.com\n',
    );
    expect(await ldapsearch('(uid=asked1)', 'program')).not.toContain('program');
    expect(await ldapsearch('(uid=asked1)', 'telephoneNumber')).toContain(
      'telephoneNumber: +1 519 555-0101\n',
    );
  });

  test('Ctrl-C at a question: nothing is changed, and the terminal is as before', async () => {
    screen = await Screen.start('ceo members add asked2; stty -a | grep -o " echo "', {
      KRB5CCNAME: ccache('ctdalek'),
    });
    await answer('Real name:', 'Asked Two');
    await answer('Program of study', '');
    await answer('Forward mail to', '');
    await answer('Phone number', '');
    await screen.shows('Password:');
    await screen.press('C-c');
    const text = await screen.shows('exit status');
    expect(text).toMatch(/Interrupted\.\s+Nothing was changed\./);
    expect(text).toMatch(/^ echo$/m);
    expect(await tracesOf('asked2')).toEqual([]);
  });
});

describe('in a script', () => {
  test('a password is never taken from the command line', async () => {
    const add = ['ceo', 'members', 'add', 'argv1', '-n', 'Arg V'] as const;
    const withFlag = await as('ctdalek', [...add, '--password', PASSWORD]);
    expect(withFlag).toMatchObject({ status: 2, stdout: '' });
    expect(withFlag.stderr).toContain('password');
    expect(withFlag.stderr).not.toContain(PASSWORD);
    const without = await as('ctdalek', add);
    expect(without).toMatchObject({ status: 2, stdout: '' });
    expect(without.stderr).toContain('--password-stdin');
    expect(await tracesOf('argv1')).toEqual([]);
  });

  test('what is missing is named', async () => {
    const nobody = await as('ctdalek', ['ceo', 'members', 'add', '--password-stdin']);
    expect(nobody).toMatchObject({ status: 2, stdout: '' });
    expect(nobody.stderr).toContain('Username is missing');
    const nameless = await as('ctdalek', ['ceo', 'members', 'add', 'noname1', '--password-stdin']);
    expect(nameless).toMatchObject({ status: 2, stdout: '' });
    expect(nameless.stderr).toContain('--name');
  });

  test('--json: one object', async () => {
    const add = ['ceo', 'members', 'add', 'json1', '-n', 'Jay Son', '-t', '2', '--json'] as const;
    const { status, stdout, stderr } = await as('ctdalek', [...add, '--password-stdin']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const result = JSON.parse(stdout) as { terms: string[] };
    expect(result).toMatchObject({ username: 'json1' });
    expect(result.terms[0]).toBe(term);
    expect(result.terms).toHaveLength(2);

    const again = await as('ctdalek', [...add, '--password-stdin']);
    expect(again.status).toBe(9);
    expect(JSON.parse(again.stdout)).toMatchObject({ error: { code: 'exists' }, terms: [] });
  });

  test('--terms is a number from 1 to 9', async () => {
    const add = ['ceo', 'members', 'add', 'zero1', '-n', 'Zero', '--password-stdin'] as const;
    for (const wrong of ['ten', '-1', '0', '10', '1.5', '']) {
      const outcome = await as('ctdalek', [...add, '-t', wrong]);
      expect({ wrong, status: outcome.status }).toEqual({ wrong, status: 2 });
    }
    expect(await tracesOf('zero1')).toEqual([]);
  });

  test('addmember and addclub, as they were called before', async () => {
    const member = await as('ctdalek', ['addmember', '--stdin', 'oldway1', 'Old Way', 'MATH Pure']);
    expect(member).toMatchObject({ status: 0, stderr: '' });
    const entry = await ldapsearch('(uid=oldway1)');
    expect(entry).toContain('program: MATH Pure\n');
    expect(entry).not.toContain('term: ');
    const club = await as('ctdalek', ['addclub', 'oldclub1', 'Old Club']);
    expect(club).toMatchObject({ status: 0, stderr: '' });
    expect(await ldapsearch('(uid=oldclub1)')).toContain('objectClass: club\n');
    const third = await as('ctdalek', ['addclub', 'oldclub2', 'Older Club', 'MATH Pure']);
    expect(third.status).toBe(0);
    expect(third.stderr).toContain('"MATH Pure" is not used');
    expect(await ldapsearch('(uid=oldclub2)')).not.toContain('program: ');
    for (const wrong of [['addmember'], ['addmember', 'x'], ['addclub', 'x']] as const) {
      expect((await as('ctdalek', [...wrong])).status).toBe(2);
    }
  });

  test('control characters in a name reach neither the directory nor the terminal', async () => {
    const name = 'Evil \u001b[31mRed';
    const add = ['ceo', 'members', 'add', 'evil1', '-n', name, '--password-stdin'] as const;
    const { status, stdout, stderr } = await as('ctdalek', add);
    expect(status).toBe(2);
    expect(stdout + stderr).toContain('realname');
    expect(stdout + stderr).not.toContain('\u001b');
    expect(await tracesOf('evil1')).toEqual([]);
  });
});

describe('when a part of it fails', () => {
  test('the terms cannot be written: the account stands, and the command that finishes is told', async () => {
    // ceo's own view of the directory is broken, ceod's is not.
    const { dir } = await ownHost('', {
      accounts: 'ldap_server_url = ldaps://127.0.0.1:1',
    });
    const { status, stdout, stderr } = await runAs(
      'ctdalek',
      ['ceo', 'members', 'add', 'partly1', '-n', 'Partly', '-t', '2', '--password-stdin'],
      { input: `${PASSWORD}\n`, env: { CEO_CONFIG_DIR: dir } },
    );
    expect(status).toBe(7);
    expect(stdout).toContain('✓');
    expect(stdout).not.toContain('is ready');
    expect(stderr).toContain('The account partly1 was made, but no term was registered');
    const finish = /^To finish: (.*)$/m.exec(stderr)?.[1] ?? '';
    expect(finish).toBe('ceo members renew partly1 --terms 2');
    expect((await runAs('ctdalek', ['sh', '-c', finish])).status).toBe(0);
    expect((await ldapsearch('(uid=partly1)', 'term')).match(/^term: /gm)).toHaveLength(2);
  });

  test('ceod cannot be reached: nothing was done, and who to ask is told', async () => {
    const { env } = await ownHost('');
    const { status, stdout, stderr } = await runAs(
      'ctdalek',
      ['ceo', 'members', 'add', 'unreached', '-n', 'Un Reached', '--password-stdin'],
      { input: `${PASSWORD}\n`, env },
    );
    expect({ status, stdout }).toEqual({ status: 5, stdout: '' });
    expect(stderr).toContain('Check that ceod runs on ginseng.csclub.test.');
  });

  test('no ticket', async () => {
    const { status, stderr } = await run(
      ['ceo', 'members', 'add', 'noticket', '-n', 'No Ticket', '--password-stdin'],
      { input: `${PASSWORD}\n`, env: { KRB5CCNAME: 'FILE:/nonexistent' } },
    );
    expect(status).toBe(8);
    expect(stderr).toContain('kinit');
  });
});

test('--help needs neither Kerberos nor a configuration', async () => {
  for (const command of [['ceo'], ['ceo', 'members'], ['ceo', 'members', 'add'], ['addmember']]) {
    const { status, stdout } = await run([...(command as [string]), '--help'], {
      env: { KRB5CCNAME: 'FILE:/nonexistent', CEO_CONFIG_DIR: '/nonexistent' },
    });
    expect({ command, status }).toEqual({ command, status: 0 });
    expect(stdout).toContain(command.join(' '));
  }
});
