/** Promise: reminders go to whose registration has ended, after a question that has to be answered to the letter; and the directory is asked as large sites need it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { formatTerm, termOf, type Term } from '../../../src/directory/terms.js';
import { ownHost } from '../../support/ownCeod.js';
import { ccache, folder, runAs, variable } from '../../support/realm.js';
import { Screen } from '../../support/tmux.js';

const base = variable('LDAP_BASE');
const ago = (terms: number) => formatTerm((termOf(new Date()) - terms) as Term);

const person = (username: string, id: number, term: string) =>
  [
    `dn: uid=${username},ou=People,${base}`,
    ...['account', 'posixAccount', 'member'].map((each) => `objectClass: ${each}`),
    `uid: ${username}`,
    `cn: Name of ${username}`,
    `uidNumber: ${id}`,
    `gidNumber: ${id}`,
    `homeDirectory: /nonexistent/${username}`,
    `term: ${term}`,
    '',
    '',
  ].join('\n');

async function addEntries(entries: readonly string[]): Promise<void> {
  const ldapadd = ['ldapadd', '-Q', '-Y', 'GSSAPI', '-H', variable('LDAP_URI')] as const;
  const { status, stderr } = await runAs('sysadmin1', [...ldapadd], { input: entries.join('') });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
}

describe('expiredaccounts --email', () => {
  beforeAll(() =>
    addEntries([person('rem-one', 27_201, ago(1)), person('rem-two', 27_202, ago(2))]),
  );

  let screen: Screen | undefined;
  afterEach(async () => {
    await screen?.close();
    screen = undefined;
  });

  const log = () => readFile(path.join(folder, 'log', 'expire.log'), 'utf8');
  const start = async () => {
    screen = await Screen.start('ceo expiredaccounts --email', { KRB5CCNAME: ccache('ctdalek') });
    await screen.shows('Type "Yes, do this":');
    return screen;
  };

  test('sends nothing unless the answer is the right one', async () => {
    const asked = await start();
    await asked.type('yes');
    await asked.press('Enter');
    await asked.shows('Nothing was sent.');
    expect(await log()).not.toContain('rem-one');
  });

  test('gives name and username to expire_hook, for each', async () => {
    const asked = await start();
    await asked.type('Yes, do this');
    await asked.press('Enter');
    await asked.shows('exit status 0');
    expect(await log()).toContain('Name of rem-one\trem-one\n');
    expect(await log()).toContain('Name of rem-two\trem-two\n');
  });

  const byScript = async (flags: readonly string[], input: string) => {
    const before = (await log()).length;
    const command = ['ceo', 'expiredaccounts', '--email', ...flags] as const;
    const { status, stderr } = await runAs('ctdalek', [...command], { input });
    return { status, stderr, sent: (await log()).slice(before).includes('\trem-one\n') };
  };

  test('without a terminal: the answer comes from a pipe', async () => {
    expect(await byScript([], 'Yes, do this\n')).toMatchObject({ status: 0, sent: true });
    const { status, stderr, sent } = await byScript([], 'yes\n');
    expect({ status, sent }).toEqual({ status: 2, sent: false });
    expect(stderr).toContain('Nothing was sent');
    expect(await byScript([], '')).toMatchObject({ status: 2, sent: false });
  });

  test('--yes: nobody is asked', async () => {
    expect(await byScript(['--yes'], '')).toMatchObject({ status: 0, sent: true });
  });
});

test('a search finds more entries than the server gives at once', async () => {
  const names = Array.from({ length: 620 }, (_, index) => `paged${String(index).padStart(3, '0')}`);
  await addEntries(names.map((name, index) => person(name, 28_000 + index, 'w1990')));
  const { stdout } = await runAs('nobody1', ['ceo', 'members', 'list', 'w1990', '--json']);
  const { people } = JSON.parse(stdout) as { people: { username: string }[] };
  expect(people.map(({ username }) => username)).toEqual(names);
});

test('of several directory servers, one that does not answer is passed over', async () => {
  const urls = `ldaps://127.0.0.1:1 ${variable('LDAP_URI')}`;
  const { env } = await ownHost('', { accounts: `ldap_server_url = ${urls}` });
  const get = ['ceo', 'members', 'get', 'ctdalek'] as const;
  expect(await runAs('nobody1', [...get], { env })).toMatchObject({ status: 0, stderr: '' });
  const none = await ownHost('', { accounts: 'ldap_server_url = ldaps://127.0.0.1:1' });
  const { status, stderr } = await runAs('nobody1', [...get], { env: none.env });
  expect(status).toBe(5);
  expect(stderr).toContain('No directory server can be reached');
});
