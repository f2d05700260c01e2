/**
 * Promise: when ceod cannot accept a ticket, the client says why, and does not blame the ticket for
 * what is the server's: a key that is not the KDC's.
 */
import { chmod, chown } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { SESSION_USER } from '../../sandbox/configuration.js';
import { unixUser } from '../../sandbox/users.js';
import { startOwnCeod, type OwnCeod } from '../support/ownCeod.js';
import { folder, ginseng, run, runAs } from '../support/realm.js';

let ceod: OwnCeod | undefined;
afterEach(async () => {
  await ceod?.stop();
  ceod = undefined;
});

/** A keytab of ceod/HOST whose key is not the one that the KDC has. */
async function staleKeytab(version: number): Promise<string> {
  const file = path.join(folder, 'keytabs', `stale-${version}.keytab`);
  const add = `addent -password -p ceod/${ginseng}@CSCLUB.TEST -k ${version} -e aes256-cts-hmac-sha1-96`;
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
