/**
 * Promise: situations that users of similar systems have reported are told as what they are, and
 * end well.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import { send } from '../../support/json.js';
import { addGroup, addPeople } from '../../support/people.js';
import { ccache, ldapsearch, runAs, tracesOf } from '../../support/realm.js';
import { Screen } from '../../support/tmux.js';

const ceo = (...args: string[]) => runAs('ctdalek', ['ceo', ...args], { input: 'correct-horse\n' });

let screen: Screen | undefined;
afterEach(async () => {
  await screen?.close();
  screen = undefined;
});

test('--password-stdin on a terminal: asks, and shows nothing of what is typed', async () => {
  screen = await Screen.start('ceo members add fldstdin -n "Fay Field" --password-stdin', {
    KRB5CCNAME: ccache('ctdalek'),
  });
  await screen.shows('Password:');
  await screen.type('correct-horse');
  await screen.press('Enter');
  const text = await screen.shows('exit status 0');
  expect(text).toContain('fldstdin is ready.');
  expect(text).not.toContain('correct-horse');
});

test('somebody is put into a group a second time: nothing is changed, and nothing fails', async () => {
  const add = ['ceo', 'groups', 'add', 'office', 'ctdalek'] as const;
  const { status, stdout, stderr } = await runAs('sysadmin1', [...add]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('ctdalek: office unchanged');
});

test('a group of the name exists: the group is named, and nothing is left', async () => {
  await addGroup('fldgroup', 27_950, []);
  const { status, stderr } = await ceo(
    ...['members', 'add', 'fldgroup', '-n', 'Group Taken', '--password-stdin'],
  );
  expect(status).toBe(9);
  expect(stderr).toContain('group fldgroup already exists');
  expect(await ldapsearch('(uid=fldgroup)', '1.1')).toBe('');
});

test('the number that is outside of the range is the one that is named', async () => {
  await addPeople([{ username: 'flduid', realname: 'Field Uid', id: 144 }]);
  const { messages } = await send('sysadmin1', 'resetpassword', { username: 'flduid' });
  expect(messages[0]?.message).toContain('uidNumber 144');
});

describe('names that mean something to a club', () => {
  test.each(['president', 'vice-president', 'treasurer', 'sysadmin', 'signin', 'membership'])(
    '%s is reserved',
    async (username) => {
      const reply = await send('ctdalek', 'inspect', { username });
      expect(reply).toMatchObject({ status: 0, obstacle: `the name ${username} is reserved` });
    },
  );
});

describe('what parsers of command lines make of words', () => {
  test.each([
    ['--no-json', 'There is no flag --no-json'],
    ['--json.deep=1', 'There is no flag --json.deep'],
    ['--__proto__=1', 'There is no flag --__proto__'],
    ['--constructor=1', 'There is no flag --constructor'],
  ])('%s is no flag', async (flag, says) => {
    const { status, stderr } = await ceo('members', 'get', 'ctdalek', flag);
    expect(status).toBe(2);
    expect(stderr).toContain(says);
  });

  test.each(['__proto__', 'constructor', 'hasOwnProperty', '$0', '_'])(
    '%s is a name like any other',
    async (name) => {
      const { status, stderr } = await ceo('members', 'get', '--', name);
      expect({ status, stderr }).toEqual({
        status: 4,
        stderr: `ceo: There is no account ${name}.\n`,
      });
    },
  );
});

describe('a name in two forms of Unicode', () => {
  test('is stored as it was typed, and found in either', async () => {
    const composed = 'Zoë Composed'.normalize('NFC');
    const added = await ceo('members', 'add', 'fldnfc', '-n', composed, '--password-stdin');
    expect(added.status).toBe(0);
    for (const form of ['NFC', 'NFD'] as const) {
      const found = await ceo('members', 'search', 'Zoë Comp'.normalize(form), '--json');
      expect(found.stdout).toContain('fldnfc');
    }
  });
});

test('text that a spreadsheet would take for a formula is text', async () => {
  const { status } = await ceo(
    ...['members', 'add', 'fldform', '-n', "=HYPERLINK('x')", '--password-stdin'],
  );
  expect(status).toBe(0);
  const { stdout } = await ceo('members', 'get', 'fldform', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ realname: "=HYPERLINK('x')" });
});

test('two sign-ups of one name at once: one is made, the other one is told', async () => {
  const both = await Promise.all(
    ['One', 'Two'].map((which) =>
      ceo('members', 'add', 'fldtwice', '-n', `Field ${which}`, '--password-stdin'),
    ),
  );
  const statuses = both.map(({ status }) => status).sort((a, b) => Number(a) - Number(b));
  expect(statuses[0]).toBe(0);
  expect([9, 11]).toContain(statuses[1]);
  expect(await tracesOf('fldtwice')).toHaveLength(4);
});
