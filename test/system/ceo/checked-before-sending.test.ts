/** Promise: what ceod would refuse is refused before anything is sent, by every command in the same words. */
import { beforeAll, expect, test } from '@jest/globals';
import { ownHost, type OwnHost } from '../../support/ownCeod.js';
import { ldapsearch, runAs } from '../../support/realm.js';

/** Its ceod does not run: whatever is sent ends with status 5. */
let host: OwnHost;
beforeAll(async () => {
  host = await ownHost('');
});

const ceo = (command: string, input: string) =>
  runAs('ctdalek', ['sh', '-c', `ceo ${command}`], { env: host.env, input });

test.each([
  ['members add UPPER -n Name --password-stdin', 'username: "UPPER" is not allowed'],
  [
    String.raw`members add good -n "$(printf 'J\366rg')" --password-stdin`,
    'realname: a character of it was lost',
  ],
  ['members add good -n "Na:me" --password-stdin', 'realname: ":" is not allowed'],
  ['members add good -n " " --password-stdin', 'realname: it is needed'],
  ['members add good -n Name -p "Mäth" --password-stdin', 'program: only ASCII is allowed'],
  ['members add good -n Name -e "|prog" --password-stdin', 'email: invalid character in forward'],
  ['members add good -n Name -e "a@@b..c" --password-stdin', 'email: "a@@b..c" is no address'],
  ['members add good -n Name -e "x@y" --password-stdin', 'email: the domain of "x@y" has no dot'],
  ['members add good -n Name -e good --password-stdin', 'email: mail would come back'],
  [
    'members add good -n Name -e good@csclub.test --password-stdin',
    'email: mail would come back to the same account',
  ],
  [
    'members add good -n Name -e nosuchword --password-stdin',
    'email: there is no user nosuchword here; an address elsewhere has an @',
  ],
  [
    'members add good -n Name --phone "ext. 42" --password-stdin',
    'phone: only digits, blanks and + ( ) - . / are allowed',
  ],
  ['members add good -n Name -P 12 --password-stdin', 'phone: at least 3 digits are needed'],
  ['members add ab -n Name --password-stdin', 'username: at least 3 characters are needed'],
  ['members add good -n Abe --password-stdin', 'realname: at least 4 characters are needed'],
  ['members add good -n good --password-stdin', 'realname: it is the username'],
  ['clubs add ab -n Name', 'username: at least 3 characters are needed'],
  ['clubs add good -n good', 'realname: it is the username'],
  ['mail set ctdalek "a@@b..c"', '"a@@b..c" is no address'],
  ['mail set ctdalek ctdalek', 'mail would come back to the same account'],
  ['mail set ctdalek nosuchword', 'there is no user nosuchword here'],
  ['clubs add UPPER -n Name', 'username: "UPPER" is not allowed'],
  ['clubs add good -n "Na:me"', 'realname: ":" is not allowed'],
])('%s', async (command, problem) => {
  const { status, stdout, stderr } = await ceo(command, 'long-enough\n');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(`Nothing was sent: ${problem}`);
});

test('a password that is too short', async () => {
  const { status, stderr } = await ceo('members add good -n Name --password-stdin', 'ab\n');
  expect(status).toBe(2);
  expect(stderr).toContain('Nothing was sent: password: at least');
});

test('all that is wrong is told at once', async () => {
  const { stderr } = await ceo('members add UPPER -n "a:b" --password-stdin', 'long-enough\n');
  expect(stderr).toMatch(/username: .*; realname: /);
});

test.each([
  'members add right -n Right --password-stdin',
  'members add right -n Right -e right@example.org --password-stdin',
  'members add right -n Right -e nobody1 --password-stdin',
  'mail set ctdalek nobody1@csclub.test',
  'mail set ctdalek root',
  'mail clear ctdalek',
])('what is right is sent: %s', async (command) => {
  expect((await ceo(command, 'long-enough\n')).status).toBe(5);
});

test('a site may want less', async () => {
  const own = await ownHost(
    'min_username_length = 1\nmin_name_length = 2\nforward_needs_dot = no\nmail_domains = example.org',
  );
  const command = 'members add x -n Li -e x@csclub --password-stdin';
  const sent = await runAs('ctdalek', ['sh', '-c', `ceo ${command}`], {
    env: own.env,
    input: 'long-enough\n',
  });
  expect(sent.status).toBe(5);
});

test('a position is left empty only if somebody says so', async () => {
  const positions = () => ldapsearch('(position=*)', 'position');
  const set = (args: string) => runAs('sysadmin1', ['sh', '-c', `ceo positions set ${args}`]);
  expect((await set('offsck mailu04')).status).toBe(0);
  const before = await positions();
  const { status, stderr } = await set('offsck');
  expect(status).toBe(2);
  expect(stderr).toContain('--nobody');
  expect((await set('offsck mailu04 --nobody')).status).toBe(2);
  expect(await positions()).toBe(before);
  expect((await set('offsck --nobody')).status).toBe(0);
  expect(await positions()).not.toContain('position: offsck');
});
