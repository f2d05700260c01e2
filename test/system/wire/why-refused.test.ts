/**
 * Promise: when ceod cannot accept a ticket, the client says why, and does not blame the ticket for
 * what is the server's: a key that is not the KDC's.
 */
import { chmod, chown } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { SESSION_USER } from '../../../sandbox/configuration.js';
import { unixUser } from '../../../sandbox/users.js';
import { startSlapd, type Slapd } from '../../../sandbox/slapd.js';
import { ownHost, startOwnCeod, type OwnCeod } from '../../support/ownCeod.js';
import { folder, ginseng, kadmin, run, runAs, variable } from '../../support/realm.js';
import { cacheOf } from '../../support/tickets.js';

let ceod: OwnCeod | undefined;
afterEach(async () => {
  await ceod?.stop();
  ceod = undefined;
});

/** A keytab of a service whose key is not the one that the KDC has. */
async function staleKeytab(version: number, service = `ceod/${ginseng}`): Promise<string> {
  const file = path.join(folder, 'keytabs', `stale-${version}-${service.replace('/', '-')}.keytab`);
  const add = `addent -password -p ${service}@CSCLUB.TEST -k ${version} -e aes256-cts-hmac-sha1-96`;
  const input = `${add}\nnot-the-key\nwkt ${file}\nquit\n`;
  expect((await run(['ktutil'], { input })).status).toBe(0);
  await chown(file, 0, (await unixUser(SESSION_USER)).gid);
  await chmod(file, 0o640);
  return file;
}

test.each([
  ['of the same version', 2],
  ['of another version', 77],
])('a key in the keytab that is not the one of the KDC, %s', async (_what, version) => {
  ceod = await startOwnCeod(`service_keytab = ${await staleKeytab(version)}`);
  const { status, stderr } = await runAs('ctdalek', ['ceoc', 'mail', '--json'], {
    env: ceod.env,
    input: '{"username": "ctdalek"}',
  });
  expect(status).toBe(8);
  expect(stderr).toContain(`ceod on ${ginseng} cannot accept your ticket: `);
  expect(stderr).toContain(`the key in the keytab of ${ginseng}`);
  expect(stderr).not.toContain('You have no Kerberos ticket');
});

describe('a directory server whose keytab', () => {
  let slapd: Slapd | undefined;
  afterEach(async () => {
    await slapd?.servers[0].stop();
    slapd = undefined;
  });

  const address = () => new URL(variable('LDAP_URI')).hostname;

  const CANNOT = [5, 'cannot check tickets: ', 'Its keytab is wrong'] as const;
  // What slapd passes on of it does not tell the cause.
  const DID_NOT = [8, 'did not accept your ticket: ', 'its keytab or its clock is wrong'] as const;

  test.each<[what: string, keytab: () => Promise<string>, says: readonly [number, string, string]]>(
    [
      ['is not there', () => Promise.resolve(path.join(folder, 'keytabs', 'none.keytab')), CANNOT],
      ['has another key than the KDC', () => staleKeytab(2, `ldap/${address()}`), DID_NOT],
      ['has a key of another version', () => staleKeytab(77, `ldap/${address()}`), DID_NOT],
    ],
  )('%s: that is told, and the ticket is not blamed', async (_what, keytab, says) => {
    const file = await keytab();
    slapd = await startSlapd({
      folder,
      address: address(),
      env: process.env as Record<string, string>,
      today: new Date(),
      name: path.basename(file, '.keytab'),
      keytab: file,
    });
    const { LDAP_URI, LDAPTLS_CACERT } = slapd.clientEnv;
    const { env } = await ownHost('', { accounts: `ldap_server_url = ${LDAP_URI}` });
    const { status, stderr } = await runAs('ctdalek', ['ceo', 'members', 'get', 'ctdalek'], {
      env: { ...env, LDAPTLS_CACERT },
    });
    const [expected, sentence, next] = says;
    expect({ status, stderr }).toEqual({
      status: expected,
      stderr: expect.stringContaining(`The directory server ${LDAP_URI} ${sentence}`),
    });
    expect(stderr).toContain(`${next}: tell its administrator.`);
    expect(stderr).not.toMatch(/ticket has expired|no Kerberos ticket/);
  });
});

test('a ticket that is not valid yet: ceo and ceoc say the same of it', async () => {
  const cache = cacheOf('post-dated');
  await kadmin('addprinc', '-pw', 'correct-horse', '+allow_postdated', 'lateticket');
  const got = await run(['kinit', '-s', '1h', 'lateticket'], {
    env: { KRB5CCNAME: `FILE:${cache}` },
    input: 'correct-horse\n',
  });
  expect(got.status).toBe(0);
  const env = { KRB5CCNAME: `FILE:${cache}` };
  const relay = await run(['ceoc', 'mail', '--json'], { env, input: '{"username": "lateticket"}' });
  const command = await run(['ceo', 'members', 'get', 'lateticket'], { env });
  for (const { status, stderr } of [relay, command]) {
    expect(status).toBe(8);
    expect(stderr).toContain('Your Kerberos ticket is not valid yet');
  }
});

test.each(['CapUser9', 'x'.repeat(33)])(
  'a name that ceod does not serve, %s: which names it does',
  async (principal) => {
    await kadmin('addprinc', '-pw', 'correct-horse', principal);
    const env = { KRB5CCNAME: `FILE:${cacheOf('not-served')}` };
    expect(await run(['kinit', principal], { env, input: 'correct-horse\n' })).toMatchObject({
      status: 0,
    });
    const input = '{"username": "mailu08"}';
    const { status, stderr } = await run(['ceoc', 'mail', '--json'], { env, input });
    expect(status).toBe(8);
    expect(stderr).toContain('names of lower-case letters, digits and - _ . of at most 32');
    expect(stderr).not.toContain('sessions');
  },
);
