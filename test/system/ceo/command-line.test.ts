/**
 * Promise: the words of a command line mean what POSIX says; what is mistyped is refused with what
 * was probably meant; a failure is told once, with whether anything was changed.
 */
import { describe, expect, test } from '@jest/globals';
import { ldapsearch, run, runAs } from '../../support/realm.js';

const ceo = (...args: string[]) => runAs('ctdalek', ['ceo', ...args], { input: 'correct-horse\n' });

describe('the words', () => {
  test.each<[what: string, username: string, args: string[], name: string]>([
    ['a value that begins with -', 'clwdash', ['--name', '-Foo'], '-Foo'],
    ['the same behind =', 'clwequal', ['--name=-Foo'], '-Foo'],
    ['a short flag with its value in one word', 'clwshort', ['-n-Foo'], '-Foo'],
    ['a value that looks like a number', 'clwnum', ['-n', '0x1F0'], '0x1F0'],
    ['digits with zeros in front', 'clwzeros', ['-n', '00120'], '00120'],
    ['an exponent', 'clwexp', ['--name', '1e30'], '1e30'],
    ['quotes that belong to it', 'clwquotes', ['-n', '"Q U"'], '"Q U"'],
    ['what looks like another flag', 'clwflag', ['--name', '--json'], '--json'],
  ])('%s', async (_what, username, args, name) => {
    const added = await ceo('members', 'add', username, '--password-stdin', ...args);
    expect(added).toMatchObject({ status: 0, stderr: '' });
    expect(await ldapsearch(`(uid=${username})`, 'cn')).toContain(`\ncn: ${name}\n`);
  });

  test('behind -- there are only arguments', async () => {
    expect(await ceo('members', 'get', '--', 'ctdalek')).toMatchObject({ status: 0, stderr: '' });
    for (const name of ['-t', '--json', '--', '-5']) {
      const { status, stderr } = await ceo('members', 'get', '--json', '--', name);
      expect({ status, stderr }).toEqual({
        status: 4,
        stderr: `ceo: There is no account ${name}.\n`,
      });
    }
  });

  test('arguments that look like numbers stay as they are', async () => {
    for (const name of ['0012', '1e3', '0x10', '.5']) {
      const { stderr } = await ceo('members', 'get', name);
      expect(stderr).toContain(`There is no account ${name}.`);
    }
  });

  test('a number is one of digits', async () => {
    for (const wrong of ['1e0', '0x1', '+1', ' 1', '1.0', '٣']) {
      const { status, stderr } = await ceo('members', 'renew', 'ctdalek', '-t', wrong);
      expect({ wrong, status, stderr }).toEqual({
        wrong,
        status: 2,
        stderr:
          'ceo: --terms must be a whole number from 1 to 9.\n     See: ceo members renew --help\n',
      });
    }
  });
});

describe('what is mistyped', () => {
  test.each<[line: string[], says: string, next: string]>([
    [['memebrs'], 'There is no command "ceo memebrs". Did you mean members?', 'ceo --help'],
    [
      ['members', 'serach'],
      'There is no command "ceo members serach". Did you mean search?',
      'ceo members --help',
    ],
    [['zzz'], 'There is no command "ceo zzz".', 'ceo --help'],
    [
      ['members', 'add', 'x', '--nmae', 'y'],
      'There is no flag --nmae. Did you mean --name?',
      'ceo members add --help',
    ],
    [
      ['members', 'get', '-x'],
      'There is no flag -x. Put -- before an argument that begins with "-".',
      'ceo members get --help',
    ],
    [['members', 'get'], 'The username is missing: whose account.', 'ceo members get --help'],
    [
      ['members', 'get', 'a', 'b'],
      '"b" is one argument too many: put quotes around what belongs together.',
      'ceo members get --help',
    ],
    [['groups', 'add', 'office'], 'The usernames are missing: who.', 'ceo groups add --help'],
    [['members', 'list', '--json=yes'], '--json takes no value.', 'ceo members list --help'],
    [
      ['members', 'add', 'x', '--name'],
      '--name needs a value: real name.',
      'ceo members add --help',
    ],
    [
      ['members', 'add', 'x', '-n', 'a', '--name=b'],
      '--name was given more than once.',
      'ceo members add --help',
    ],
    [['--json', 'members'], 'There is no flag --json.', 'ceo --help'],
    [
      ['members'],
      'Say which of the commands of "ceo members" you want: add, import,',
      'ceo members --help',
    ],
  ])('%j', async (line, says, next) => {
    const { status, stdout, stderr } = await ceo(...line);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`ceo: ${says}`);
    expect(stderr.endsWith(`\n     See: ${next}\n`)).toBe(true);
  });

  test.each<[line: string[], says: string]>([
    [['members', 'get', 'ctdalke'], 'There is no account ctdalke. Did you mean ctdalek?'],
    [['groups', 'members', 'ofice'], 'There is no group ofice. Did you mean office?'],
    [['groups', 'add', 'office', 'nobdoy1'], 'There is no account nobdoy1. Did you mean nobody1?'],
    [['mail', 'get', 'ctdalke'], 'ctdalke'],
    [['members', 'get', 'nothinglikeit'], 'There is no account nothinglikeit.\n'],
  ])('%j: the name', async (line, says) => {
    const { status, stderr } = await ceo(...line);
    expect(status).not.toBe(0);
    expect(stderr).toContain(says);
  });

  test('a position, an op of ceoc', async () => {
    expect((await ceo('positions', 'set', 'tresurer', 'nobody1')).stderr).toContain(
      'There is no position tresurer. Did you mean treasurer?',
    );
    expect((await runAs('ctdalek', ['ceoc', 'addusr'])).stderr).toContain(
      'There is no operation "addusr". Did you mean adduser?',
    );
  });
});

describe('a failure is told once', () => {
  const once = (text: string, part: string) => text.split(part).length - 1;

  test.each<[what: string, line: string[], reason: string]>([
    ['refused by ceod', ['members', 'add', 'ctdalek', '-n', 'Dup Licate'], 'already exists'],
    ['refused by the directory', ['members', 'renew', 'nosuchone'], 'There is no account'],
    ['refused before sending', ['members', 'add', 'Bad Name', '-n', 'Bad'], 'is not allowed'],
  ])('%s', async (_what, line, reason) => {
    const extra = line[1] === 'add' ? ['--password-stdin'] : [];
    const { status, stdout, stderr } = await ceo(...line, ...extra);
    expect(status).not.toBe(0);
    expect(once(stdout + stderr, reason)).toBe(1);
    expect(stderr.match(/Nothing was (changed|sent)/g)).toHaveLength(1);
  });

  test('of what only looks nothing is said to be unchanged', async () => {
    const { stderr } = await ceo('members', 'get', 'nosuchone');
    expect(stderr).toBe('ceo: There is no account nosuchone.\n');
  });
});

describe('--version and help', () => {
  test('every program tells the same version', async () => {
    const programs = ['ceo', 'ceoc', 'ceod', 'addmember', 'addclub'] as const;
    const told = await Promise.all(programs.map((program) => run([program, '--version'])));
    const [first] = told;
    expect(first?.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    for (const each of told) expect(each).toMatchObject({ status: 0, stdout: first?.stdout });
  });

  test('help in front is help behind', async () => {
    const behind = await run(['ceo', 'members', 'add', '--help']);
    expect(await run(['ceo', 'help', 'members', 'add'])).toEqual(behind);
    expect(behind.stdout).toContain('--password-stdin');
  });

  test('the operations of ceoc stand in columns', async () => {
    const { stdout } = await run(['ceoc', '--help']);
    const [, list = ''] = stdout.split('Operations:\n');
    const rows = list.split('\n\n')[0]?.split('\n') ?? [];
    expect(rows.length).toBeGreaterThan(4);
    expect(new Set(rows.map((row) => row.indexOf('→'))).size).toBe(1);
  });
});
