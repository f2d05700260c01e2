/** Promise: what ceod would refuse is refused before anything is sent, by every command in the same words. */
import { beforeAll, expect, test } from '@jest/globals';
import { ownHost, type OwnHost } from '../support/ownCeod.js';
import { ldapsearch, runAs } from '../support/realm.js';

/** Its ceod does not run: whatever is sent ends with status 5. */
let host: OwnHost;
beforeAll(async () => {
  host = await ownHost('');
});

const ceo = (command: string, input: string) =>
  runAs('ctdalek', ['sh', '-c', `ceo ${command}`], { env: host.env, input });

test.each([
  ['members add UPPER -n Name --password-stdin', 'username: "UPPER" is not allowed'],
  ['members add good -n "Na:me" --password-stdin', 'realname: ":" is not allowed'],
  ['members add good -n " " --password-stdin', 'realname: it is needed'],
  ['members add good -n Name -p "Mäth" --password-stdin', 'program: only ASCII is allowed'],
  ['members add good -n Name -e "|prog" --password-stdin', 'email: invalid character in forward'],
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

test('what is right is sent', async () => {
  const { status } = await ceo('members add right -n Right --password-stdin', 'long-enough\n');
  expect(status).toBe(5);
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
