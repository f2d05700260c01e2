/** Promise: ceod-setup makes what a site lacks, once; others lose nothing by it; then ceod serves. */
import { readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { BASE, REALM } from '../../../sandbox/site.js';
import { unixUser } from '../../../sandbox/users.js';
import { startBareSite, type BareSite } from '../../support/bareSite.js';
import { ginseng } from '../../support/realm.js';

interface Plan {
  readonly host: string;
  readonly steps: readonly {
    readonly what: string;
    readonly state: 'done' | 'missing' | 'by hand';
    readonly commands?: string;
    readonly undo?: string;
    readonly error?: string;
  }[];
}

let site: BareSite;
beforeAll(async () => (site = await startBareSite()));
afterAll(() => site.stop());

const setup = (...args: string[]) =>
  site.run(['ceod-setup', ginseng, '--ldapi', site.ldapi, '--syscom', 'first', ...args]);

async function plan(...args: string[]): Promise<Plan> {
  const { stdout, stderr } = await setup('--json', ...args);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Plan;
}

const anonymously = (...args: string[]) =>
  site.run(['ldapsearch', '-x', '-LLL', '-H', site.ldapUri, ...args]);

test('what is shown is shown alone: nothing is changed', async () => {
  const first = await setup();
  expect(first.stderr).toBe('');
  expect(first.status).toBe(1);
  expect(first.stdout).toContain(`✗ the principal ceod/${ginseng}`);
  expect(first.stdout).toContain(
    `    kadmin.local -r ${REALM} addprinc -randkey -clearpolicy ceod/${ginseng}\n`,
  );
  expect((await setup()).stdout).toBe(first.stdout);
});

test('what was done is undone by the commands that are shown', async () => {
  const { steps } = await plan('--run');
  const made = steps.filter(({ state, undo }) => state === 'done' && undo !== undefined);
  expect(made.length).toBeGreaterThan(20);
  for (const { what, undo = '' } of made.toReversed()) {
    const { status, stderr } = await site.run(['sh', '-ec', undo]);
    expect({ what, status, stderr: status === 0 ? '' : stderr }).toEqual({
      what,
      status: 0,
      stderr: '',
    });
  }
  const missing = (await plan()).steps.filter(({ state }) => state === 'missing');
  // What slapd has learnt it keeps; and a file that is gone has no mode.
  const kept = made.filter(({ what }) => !what.startsWith('the schema '));
  expect(missing.map(({ what }) => what)).toEqual(kept.map(({ what }) => what));
});

test('--run does it; a second time there is nothing to do', async () => {
  const { steps } = await plan('--run');
  expect(steps.filter(({ error }) => error !== undefined)).toEqual([]);
  const left = steps.filter(({ state }) => state !== 'done').map(({ what }) => what);
  // A password is asked for.
  expect(left).toEqual(['the principal first']);
  await site.realm.query(['addprinc -policy default +requires_preauth -pw first-password first']);

  const again = await setup('--run');
  expect(again).toMatchObject({ status: 0, stderr: '' });
  expect(again.stdout).toMatch(/\nNothing is left to do\.\n$/);
  expect(again.stdout).not.toContain('✗');
});

test('keys that are deployed elsewhere go on working', async () => {
  const keytab = path.join(site.dir, 'etc', 'ceod.keytab');
  const deployed = (await site.run(['klist', '-kK', keytab])).stdout;
  await rm(keytab);
  expect((await plan('--run')).steps.every(({ state }) => state === 'done')).toBe(true);
  expect((await site.run(['klist', '-kK', keytab])).stdout).toBe(deployed);
  const { stdout } = await site.run(['klist', '-k', keytab]);
  expect(stdout).toMatch(new RegExp(`^ +1 ceod/${ginseng}@${REALM}$`, 'm'));
  expect((await stat(keytab)).mode & 0o777).toBe(0o640);
  expect((await stat(path.join(site.dir, 'etc', 'ceod-admin.keytab'))).mode & 0o777).toBe(0o600);
});

test('others read what they read before, and root still comes in', async () => {
  const found = await anonymously('-b', `ou=Machines,${BASE}`, '(uid=printer)', 'uidNumber');
  expect(found.stdout).toContain('uidNumber: 10001');
  const config = [
    'ldapsearch',
    '-Q',
    '-Y',
    'EXTERNAL',
    '-H',
    site.ldapi,
    '-b',
    'cn=config',
  ] as const;
  expect((await site.run([...config, '-s', 'base'])).stdout).toContain('olcAuthzRegexp');
});

test('then ceod starts, and signs somebody up', async () => {
  site.servers.push(...(await site.realm.start()));
  const check = await site.run(['ceod', '--check-config']);
  expect(check).toMatchObject({ status: 0, stderr: '' });
  await site.startCeod();
  expect(await site.run(['kinit', 'first'], 'first-password\n')).toMatchObject({ status: 0 });
  const added = await site.run(
    ['ceo', 'members', 'add', 'second', '-n', 'Second Member', '--terms', '1', '--password-stdin'],
    'correct-horse\n',
  );
  expect(added).toMatchObject({ status: 0 });
  expect(added.stdout).toContain('second is ready.');
  expect((await stat(path.join(site.dir, 'users', 'second'))).uid).toBe(20002);
  expect((await site.run(['ceo', 'groups', 'members', 'syscom'])).stdout).toContain('first');
});

test('an op of another user: its line, principal and keytab', async () => {
  const { steps } = await plan('--run', '--ops', 'mysql');
  expect(steps.filter(({ state }) => state !== 'done')).toEqual([]);
  const etc = path.join(site.dir, 'etc');
  expect(await readFile(path.join(etc, 'ops', 'mysql'), 'utf8')).toBe(
    `${ginseng} mysql mysql 0x03\n`,
  );
  const { gid, mode } = await stat(path.join(etc, 'ceod-mysql.keytab'));
  expect({ gid, mode: mode & 0o777 }).toEqual({ gid: (await unixUser('mysql')).gid, mode: 0o640 });
  const asMysql = ['setpriv', '--reuid=mysql', '--regid=mysql', '--clear-groups'] as const;
  const kinit = ['kinit', '-k', '-t', path.join(etc, 'ceod-mysql.keytab')] as const;
  const cache = ['-c', 'MEMORY:', `mysql/${ginseng}`] as const;
  expect(await site.run([...asMysql, ...kinit, ...cache])).toMatchObject({ status: 0 });
});
