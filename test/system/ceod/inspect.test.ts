/**
 * Promise: inspect tells what there is of a name, and whether adduser would take it, to staff
 * alone, and changes nothing; an import whose reply is lost takes nothing for done that is not.
 */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AddUserResponseSchema } from '../../../src/generated/ceo/ceo_pb.js';
import { encodeBody } from '../../../src/protocol/body.js';
import { ops } from '../../../src/protocol/ops.js';
import { send } from '../../support/json.js';
import { ownHost, startCeodOn, type OwnCeod } from '../../support/ownCeod.js';
import { addPeople } from '../../support/people.js';
import { ccache, folder, kadmin, runAs, tracesOf, variable } from '../../support/realm.js';

const inspect = (username: string, user = 'ctdalek') => send(user, 'inspect', { username });

async function signUp(username: string, more: object = {}): Promise<void> {
  const request = { type: 1, username, realname: 'Ins Pect', password: 'correct-horse', ...more };
  expect(await send('ctdalek', 'adduser', request)).toMatchObject({ status: 0 });
}

test('a whole account', async () => {
  await signUp('inspwhole');
  expect(await inspect('inspwhole')).toMatchObject({
    status: 0,
    account: true,
    group: true,
    principal: true,
    home: true,
    obstacle: expect.stringContaining('already exists'),
  });
});

test('a club has no principal', async () => {
  const request = { type: 2, username: 'inspclub', realname: 'Ins Club' };
  expect(await send('ctdalek', 'adduser', request)).toMatchObject({ status: 0 });
  expect(await inspect('inspclub')).toMatchObject({ account: true, principal: false, home: true });
});

test('a name that is free', async () => {
  const free = await inspect('inspfree');
  expect(free).toMatchObject({ status: 0, account: false, group: false, principal: false });
  expect(free).not.toHaveProperty('obstacle');
  expect(await tracesOf('inspfree')).toEqual([]);
});

test('a principal that is disabled gives no tickets', async () => {
  await signUp('inspdis');
  await kadmin('modprinc', '-allow_tix', 'inspdis');
  const { principal, messages } = await inspect('inspdis');
  expect(principal).toBe(false);
  expect(messages.at(-1)?.message).toContain('disabled');
});

test.each([
  ['root', 'reserved'],
  ['mailu01', 'already exists'],
])('%s: an obstacle', async (username, text) => {
  expect(await inspect(username)).toMatchObject({
    status: 0,
    obstacle: expect.stringContaining(text),
  });
});

test.each(['nobody1'])('%s may not', async (user) => {
  expect(await inspect('inspfree', user)).toMatchObject({ status: 3 });
});

test.each(['', '../etc', 'a b', 'x'.repeat(33), 'Root'])('%j is no username', async (username) => {
  expect(await inspect(username)).toMatchObject({ status: 2, messages: [{ status: 22 }] });
});

test('must_change: whoever logs in must choose another password', async () => {
  await signUp('inspmust', { mustChange: true });
  expect(await kadmin('getprinc', 'inspmust')).toContain('REQUIRES_PWCHANGE');
  await signUp('inspkeep');
  expect(await kadmin('getprinc', 'inspkeep')).not.toContain('REQUIRES_PWCHANGE');
});

describe('an import whose reply is lost', () => {
  let ceod: OwnCeod;
  const lib = path.join(folder, 'inspect-lib');

  /** An adduser as it would be if it were not all or nothing: the entry is there, and nothing else. */
  beforeAll(async () => {
    await mkdir(lib, { recursive: true });
    const taken = path.join(lib, 'taken');
    const message = 'user insphalf already exists';
    await writeFile(
      taken,
      encodeBody(AddUserResponseSchema, ops.addUser.encoding, {
        messages: [{ status: 17, message }],
      }),
    );
    const entry = path.join(lib, 'entry.ldif');
    const base = variable('LDAP_BASE');
    await writeFile(
      entry,
      `dn: uid=insphalf,ou=People,${base}
objectClass: account
objectClass: posixAccount
objectClass: shadowAccount
objectClass: member
uid: insphalf
cn: Half There
uidNumber: 27901
gidNumber: 27901
homeDirectory: /nonexistent
`,
    );
    const program = path.join(lib, 'op-adduser');
    await writeFile(
      program,
      `#!/bin/sh
cat >/dev/null
if [ -e ${lib}/begun ]; then cat ${taken}; exit; fi
touch ${lib}/begun
export KRB5CCNAME=${ccache('sysadmin1')} KRB5_CONFIG=${variable('KRB5_CONFIG')}
export LDAPTLS_CACERT=${variable('LDAPTLS_CACERT')}
ldapadd -Q -Y GSSAPI -H ${variable('LDAP_URI')} -f ${entry} >&2
exit 1
`,
    );
    await chmod(program, 0o755);
    ceod = await startCeodOn(await ownHost('external_ops = adduser'), { CEO_LIB_DIR: lib });
  });
  afterAll(() => ceod.stop());

  test('and whose account is not all there: that is told', async () => {
    const file = path.join(lib, 'half.csv');
    await writeFile(file, 'username,name,password\ninsphalf,Half There,correct-horse\n');
    const { status, stdout } = await runAs('ctdalek', ['ceo', 'members', 'import', file], {
      env: { ...ceod.env },
    });
    expect(status).toBe(7);
    expect(stdout).toContain('the account is there, but no group, principal, home');
  });
});

test('addPeople makes entries alone: inspect says so', async () => {
  await addPeople([{ username: 'inspentry', realname: 'Entry', id: 27_902 }]);
  expect(await inspect('inspentry')).toMatchObject({
    account: true,
    group: false,
    principal: false,
    home: false,
  });
});
