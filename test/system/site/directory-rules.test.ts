/** Promise: slapd with etc/slapd.conf.example, which the sandbox runs, has an index for every search; docs/directory.md names them all. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startSandbox, type Sandbox } from '../../../sandbox/sandbox.js';
import { run } from '../../support/realm.js';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (name: string) => readFileSync(path.join(root, name), 'utf8');

test('docs/directory.md has the indexes of etc/slapd.conf.example', () => {
  const inExample = [...read('etc/slapd.conf.example').matchAll(/^index (\S+) (\S+)$/gm)].flatMap(
    ([, attributes = '', kinds]) => attributes.split(',').map((each) => `${each} ${kinds}`),
  );
  const inDocs = [...read('docs/directory.md').matchAll(/^\| `(\w+)` \| ([a-z,]+) \| /gm)].map(
    ([, attribute, kinds]) => `${attribute} ${kinds}`,
  );
  expect(inDocs).toEqual(inExample);
});

let sandbox: Sandbox;
beforeAll(async () => (sandbox = await startSandbox({ searches: true })));
afterAll(() => sandbox.stop());

test('no search of ours is without an index', async () => {
  const as = async (user: string, command: string) => {
    const [program = '', ...args] = command.split(' ');
    const KRB5CCNAME = `FILE:${sandbox.folder}/ccaches/${user}`;
    const env = { ...sandbox.env, KRB5CCNAME };
    const { status, stderr } = await run([program, ...args], { env, input: 'correct-horse\n' });
    expect({ command, status, stderr }).toMatchObject({ command, status: 0 });
  };
  const unindexed = () =>
    readFileSync(path.join(sandbox.folder, 'log/slapd.log'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('not indexed'));

  await as('ctdalek', 'ceo members add rules1 -n Rules --password-stdin');
  await as('ctdalek', 'ceo clubs add rules2 -n Rules');
  await as('ctdalek', 'ceo members renew rules1');
  await as('ctdalek', 'ceo members update-programs --all');
  for (const list of [
    ...['members list', 'members search smyth', 'members search dalek -t f2026 -g office'],
    ...[
      'members search --phone 519-555-0105',
      'members expired',
      'members inactive 1',
      'members get rules1',
    ],
    ...['clubs list', 'clubs get rules2', 'groups list', 'groups members office'],
    ...['positions list', 'shell list'],
  ]) {
    await as('nobody1', `ceo ${list}`);
  }
  await as('mailu05', 'ceo shell set /bin/sh');
  await as('sysadmin1', 'ceo groups add grponly mailu05');
  await as('sysadmin1', 'ceo groups remove grponly mailu05');
  await as('sysadmin1', 'ceo positions set cro mailu05');
  expect(unindexed()).toEqual([]);

  // That there would be such lines.
  const ldapsearch = ['ldapsearch', '-Q', '-Y', 'GSSAPI', '-H', sandbox.env['LDAP_URI'] ?? ''];
  await as('nobody1', [...ldapsearch, '-b', 'dc=csclub,dc=test', 'loginShell=/bin/sh'].join(' '));
  expect(unindexed()).toEqual([expect.stringContaining('(loginShell)')]);
});
