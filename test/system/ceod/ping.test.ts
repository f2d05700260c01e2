/** Promise: ping tells everybody who is authenticated how the ceod of a host is, and changes nothing. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { ownHost, startOwnCeod, type OwnCeod } from '../../support/ownCeod.js';
import { send } from '../../support/json.js';
import { ginseng, runAs } from '../../support/realm.js';
import { VERSION } from '../../../src/version.js';

let own: OwnCeod | undefined;
afterEach(async () => {
  await own?.stop();
  own = undefined;
});

const ping = (host: string, env: Record<string, string> = {}, ...more: string[]) =>
  runAs('nobody1', ['ceoc', 'ping', host, ...more], { env });

test.each(['ctdalek', 'sysadmin1', 'nobody1'])('an answer for %s', async (user) => {
  const reply = await send(user, 'ping', {});
  expect(reply).toMatchObject({
    status: 0,
    messages: [{ status: 0, message: `ceod ${VERSION} on ${ginseng}` }],
    version: VERSION,
    ops: expect.arrayContaining(['adduser', 'ping']),
  });
  expect(reply['parts']).toMatchObject([
    { name: 'directory' },
    { name: 'kerberos' },
    { name: 'homes' },
  ]);
});

describe('ceoc ping HOST, for a monitor', () => {
  test('0: all is well', async () => {
    // What is asked first is waited for longest.
    await ping('ginseng');
    expect(await ping('ginseng')).toEqual({
      status: 0,
      stdout: `CEOD OK - ceod ${VERSION} on ${ginseng}, directory ok, kerberos ok, homes ok; serves adduser, getforward, inspect, mail, ping, resetpassword\n`,
      stderr: '',
    });
  });

  test.each([
    ['caffeine', 'mysql'],
    ['mail', 'mailman'],
  ])('%s, which no routing file gives ping to, answers for itself', async (host, op) => {
    const { status, stdout } = await ping(host);
    expect(stdout).toMatch(new RegExp(`on ${host}.*, directory (ok|slow); serves ${op}, ping\n$`));
    expect([0, 1]).toContain(status);
  });

  test('--json: the response', async () => {
    const { stdout } = await ping('ginseng', {}, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ version: VERSION });
  });

  test('1: something that ceod needs is down', async () => {
    own = await startOwnCeod('', { accounts: 'ldap_server_url = ldap://127.0.0.1:1' });
    const { status, stdout } = await ping('ginseng', own.env);
    expect(stdout).toMatch(/^CEOD WARNING - .*directory down, kerberos (ok|slow), homes ok/);
    expect(status).toBe(1);
  });

  test('2: no answer', async () => {
    const { env } = await ownHost('');
    const { status, stdout } = await ping('ginseng', env);
    expect(stdout).toMatch(/^CEOD CRITICAL - .*ginseng\.csclub\.test.*cannot be reached/);
    expect(status).toBe(2);
  });

  test.each<[string, string, Record<string, string>, RegExp]>([
    ['no ticket', 'ginseng', { KRB5CCNAME: 'FILE:/nonexistent' }, /kinit/],
    ['no such host', 'no.such.host', {}, /no\.such\.host is not known/],
    ['a host without ceod', 'kdc.csclub.test', {}, /kdc\.csclub\.test/],
    ['no configuration', 'ginseng', { CEO_CONFIG_DIR: '/nonexistent' }, /routing files/],
  ])('3: %s', async (_what, host, env, why) => {
    const { status, stdout } = await ping(host, env);
    expect(stdout).toMatch(/^CEOD UNKNOWN - /);
    expect(stdout).toMatch(why);
    expect(status).toBe(3);
  });
});
