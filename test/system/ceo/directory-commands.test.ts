/** Promise: each command that works on the directory, for office, syscom and plain members, for people and in JSON. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { formatTerm, termOf, type Term } from '../../../src/directory/terms.js';
import { ldapsearch, runAs, variable } from '../../support/realm.js';
import { packagesLoadedBy } from '../../support/packages.js';

const now = termOf(new Date());
const ago = (terms: number) => formatTerm((now - terms) as Term);
const current = ago(0);
const base = variable('LDAP_BASE');

const ceo = (user: string, ...args: string[]) => runAs(user, ['ceo', ...args]);
async function json(user: string, ...args: string[]): Promise<Record<string, unknown>> {
  const { status, stdout, stderr } = await ceo(user, ...args, '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>;
}
const usernames = (people: unknown) =>
  (people as { username: string }[]).map((each) => each.username);

/** An entry of a member, made as syscom would by hand. */
const person = (username: string, id: number, name: string, ...lines: string[]) =>
  [
    `dn: uid=${username},ou=People,${base}`,
    ...['account', 'posixAccount', 'shadowAccount', 'member'].map((each) => `objectClass: ${each}`),
    `uid: ${username}`,
    `cn: ${name}`,
    `uidNumber: ${id}`,
    `gidNumber: ${id}`,
    `homeDirectory: /nonexistent/${username}`,
    ...lines,
    '',
    '',
  ].join('\n');

beforeAll(async () => {
  const ldif = [
    person('dc-now', 27_001, 'Dee Smith', `term: ${current}`, 'program: MATH Pure'),
    person('dc-rep', 27_002, 'Dee Rep', `nonMemberTerm: ${current}`),
    person('dc-one', 27_003, 'Dee One', `term: ${ago(1)}`, `term: ${ago(4)}`),
    person('dc-three', 27_004, 'Dee Three', `term: ${ago(3)}`),
    person('dc-four', 27_005, 'Dee Four', `nonMemberTerm: ${ago(4)}`),
    person('dc-never', 27_006, 'Dee Never', 'telephoneNumber: 519 555-0108'),
    person('dc-ahead', 27_007, 'Dee Ahead', `term: ${formatTerm((now + 1) as Term)}`),
    `dn: cn=dcgroup,ou=Group,${base}\nobjectClass: group\nobjectClass: posixGroup\ncn: dcgroup\ngidNumber: 27100\n\n`,
    `dn: cn=staff,ou=Group,${base}\nobjectClass: group\nobjectClass: posixGroup\ncn: staff\ngidNumber: 27101\n\n`,
  ];
  const ldapadd = ['ldapadd', '-Q', '-Y', 'GSSAPI', '-H', variable('LDAP_URI')] as const;
  expect(await runAs('sysadmin1', [...ldapadd], { input: ldif.join('') })).toMatchObject({
    status: 0,
  });
});

describe('members', () => {
  test('list: who is registered for a term, in either way', async () => {
    const { people, term } = await json('nobody1', 'members', 'list');
    expect(term).toBe(current);
    expect(usernames(people)).toEqual(expect.arrayContaining(['ctdalek', 'dc-now', 'dc-rep']));
    for (const other of ['dc-one', 'dc-never', 'dc-ahead', 'csc'])
      expect(usernames(people)).not.toContain(other);
    expect(usernames((await json('nobody1', 'members', 'list', ago(4)))['people'])).toEqual([
      'dc-four',
      'dc-one',
    ]);
  });

  test('list, for people', async () => {
    const { stdout, stderr } = await ceo('nobody1', 'members', 'list', ago(4));
    expect(stdout).toBe('Username  Name      Program\ndc-four   Dee Four\ndc-one    Dee One\n');
    expect(stderr).toBe('2 accounts\n');
    expect(await ceo('nobody1', 'members', 'list', 'autumn')).toMatchObject({
      status: 2,
      stdout: '',
    });
  });

  test('search: by what the name contains or sounds like, by term, by group', async () => {
    const search = async (...args: string[]) =>
      usernames((await json('nobody1', 'members', 'search', ...args))['people']);
    expect(await search('dee sm')).toEqual(['dc-now']);
    expect(await search('Dee Smyth')).toEqual(['dc-now']);
    expect(await search('dee', '-t', ago(3))).toEqual(['dc-three']);
    expect(await search('-g', 'office')).toContain('ctdalek');
    expect(await search('dalek', '-g', 'syscom')).toEqual([]);
    expect(await search('*')).toEqual([]);
    expect((await ceo('nobody1', 'members', 'search')).status).toBe(2);
    expect((await ceo('nobody1', 'members', 'search', '-g', 'nosuch')).status).toBe(4);
  });

  test('search: by phone number, however its blanks and hyphens are written', async () => {
    const search = async (...args: string[]) =>
      usernames((await json('nobody1', 'members', 'search', ...args))['people']);
    for (const phone of ['519 555 0108', '519-555-0108', '5195550108'])
      expect(await search('--phone', phone)).toEqual(['dc-never']);
    expect(await search('--phone', '519 555 010')).toEqual([]);
    expect(await search('dee', '-P', '5195550108')).toEqual(['dc-never']);
    expect(await search('dalek', '-P', '5195550108')).toEqual([]);
    expect(await search('-g', 'office', '-P', '5195550108')).toEqual([]);
    const { status, stderr } = await ceo('nobody1', 'members', 'search', '--phone', 'Dee');
    expect(status).toBe(2);
    expect(stderr).toContain('That is no phone number: only digits');
  });

  test('expired: until three terms ago; inactive: from N terms ago', async () => {
    const expired = (await json('ctdalek', 'members', 'expired'))['people'] as object[];
    expect(expired.filter((each) => JSON.stringify(each).includes('dc-'))).toEqual([
      { username: 'dc-one', realname: 'Dee One', lastTerm: ago(1), terms: 1 },
      { username: 'dc-three', realname: 'Dee Three', lastTerm: ago(3), terms: 3 },
    ]);
    const inactive = usernames((await json('ctdalek', 'members', 'inactive', '2'))['people']);
    expect(inactive).toEqual(expect.arrayContaining(['dc-four', 'dc-three']));
    expect(inactive).not.toContain('dc-one');
    for (const wrong of ['0', '-1', 'two'])
      expect((await ceo('ctdalek', 'members', 'inactive', '--', wrong)).status).toBe(2);
  });

  test('the names and formats of old', async () => {
    const { stdout: list } = await ceo('nobody1', 'memberlist', ago(4));
    expect(list).toBe('dc-one       Dee One\n');
    const { stdout: all } = await ceo('nobody1', 'memberlist');
    expect(all).toContain('dc-now       Dee Smith                      MATH Pure\n');
    const { stdout: expired } = await ceo('ctdalek', 'expiredaccounts');
    expect(expired).toContain('dc-one       (expired for 1 terms)\n');
    expect(expired).toContain('dc-three     (expired for 3 terms)\n');
    const { stdout: inactive } = await ceo('ctdalek', 'inactive', '4');
    expect(inactive).toContain(`dc-four ${ago(4)}\n`);
  });

  test('renew: the next terms not registered, with the fee; a rep becomes a member', async () => {
    expect(await json('ctdalek', 'members', 'renew', 'dc-now', '-t', '2')).toEqual({
      username: 'dc-now',
      terms: [1, 2].map((each) => formatTerm((now + each) as Term)),
      fee: 4,
    });
    const { stdout } = await ceo('ctdalek', 'members', 'renew', 'dc-rep');
    expect(stdout).toBe(`dc-rep is registered for ${current}.\nThe fee is 2 dollars.\n`);
    const entry = await ldapsearch('(uid=dc-rep)', 'term', 'nonMemberTerm');
    expect(entry).toContain(`term: ${current}\n`);
    expect(entry).not.toContain('nonMemberTerm');
    expect(await ceo('ctdalek', 'members', 'renew', 'dc-ahead', '--club-rep')).toMatchObject({
      stdout: `dc-ahead is registered for ${current}.\nNo fee.\n`,
    });
  });

  test('renew is denied to a plain member, and said to be', async () => {
    const { status, stdout, stderr } = await ceo('nobody1', 'members', 'renew', 'nobody1');
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toContain('The directory does not allow this.');
  });

  test('get, and nobody of that name', async () => {
    const { stdout } = await ceo('nobody1', 'members', 'get', 'dc-now');
    expect(stdout).toContain('Name            Dee Smith\n');
    expect(await ceo('nobody1', 'members', 'get', 'nosuch')).toMatchObject({
      status: 4,
      stdout: '',
    });
  });
});

describe('clubs', () => {
  test('list and get', async () => {
    expect(usernames((await json('nobody1', 'clubs', 'list'))['clubs'])).toEqual(
      expect.arrayContaining(['chessclub', 'csc']),
    );
    expect(await json('nobody1', 'clubs', 'get', 'chessclub')).toMatchObject({
      realname: 'Chess Club',
      members: ['mailu01'],
    });
    expect((await ceo('nobody1', 'clubs', 'get', 'ctdalek')).status).toBe(4);
  });
});

describe('groups', () => {
  const members = async (group: string) =>
    usernames((await json('nobody1', 'groups', 'members', group))['people']);

  test('list', async () => {
    const { groups } = await json('nobody1', 'groups', 'list');
    expect(groups).toContainEqual({ name: 'dcgroup', gidNumber: 27_100 });
  });

  test('add and remove, several at once, twice without harm', async () => {
    await json('sysadmin1', 'groups', 'add', 'dcgroup', 'dc-one', 'dc-now');
    expect(await members('dcgroup')).toEqual(['dc-now', 'dc-one']);
    const again = await json('sysadmin1', 'groups', 'add', 'dcgroup', 'dc-one');
    expect(again['changes']).toEqual([
      { username: 'dc-one', group: 'dcgroup', outcome: 'unchanged' },
    ]);
    await json('sysadmin1', 'groups', 'remove', 'dcgroup', 'dc-one', 'dc-now');
    expect(await members('dcgroup')).toEqual([]);
  });

  test('those that go together go together, those that are not there are passed over', async () => {
    const { stdout } = await ceo('sysadmin1', 'groups', 'add', 'syscom', 'dc-three');
    expect(stdout).toBe(
      [
        '  ✓ dc-three: syscom added',
        '  ✓ dc-three: office added',
        '  ✓ dc-three: staff added',
        '  - dc-three: adm no such group',
        '  - dc-three: src no such group',
        '',
      ].join('\n'),
    );
    await ceo('sysadmin1', 'groups', 'remove', 'syscom', 'dc-three');
    for (const group of ['syscom', 'office', 'staff'])
      expect(await members(group)).not.toContain('dc-three');
  });

  test('nothing is changed when somebody or the group is not there', async () => {
    expect((await ceo('sysadmin1', 'groups', 'add', 'dcgroup', 'dc-one', 'nosuch')).status).toBe(4);
    expect(await members('dcgroup')).toEqual([]);
    expect((await ceo('sysadmin1', 'groups', 'add', 'nosuch', 'dc-one')).status).toBe(4);
  });

  test('denied to office', async () => {
    const { status, stderr } = await ceo('ctdalek', 'groups', 'add', 'dcgroup', 'dc-one');
    expect(status).toBe(3);
    expect(stderr).toContain('The directory does not allow this.');
  });
});

describe('positions', () => {
  const holders = async (position: string) =>
    ((await json('nobody1', 'positions', 'list'))['positions'] as Record<string, string[]>)[
      position
    ];

  test('set makes these people the holders, and nobody else', async () => {
    await json('sysadmin1', 'positions', 'set', 'cro', 'dc-one', 'dc-now');
    expect(await holders('cro')).toEqual(['dc-now', 'dc-one']);
    const { changes } = await json('sysadmin1', 'positions', 'set', 'cro', 'dc-three', 'dc-now');
    expect(changes).toEqual([
      { username: 'dc-now', outcome: 'kept' },
      { username: 'dc-three', outcome: 'given' },
      { username: 'dc-one', outcome: 'taken' },
    ]);
    expect(await holders('cro')).toEqual(['dc-now', 'dc-three']);
    await json('sysadmin1', 'positions', 'set', 'cro', '--nobody');
    expect(await holders('cro')).toEqual([]);
  });

  test('list, for people', async () => {
    const { stdout } = await ceo('nobody1', 'positions', 'list');
    expect(stdout).toMatch(/^cro +Chief Returning Officer$/m);
  });

  test('no such position, no such person, denied', async () => {
    expect((await ceo('sysadmin1', 'positions', 'set', 'king', 'dc-one')).status).toBe(2);
    expect((await ceo('sysadmin1', 'positions', 'set', 'cro', 'nosuch')).status).toBe(4);
    expect((await ceo('ctdalek', 'positions', 'set', 'cro', 'dc-one')).status).toBe(3);
  });
});

describe('shell', () => {
  test('list: the executable ones of shells_file', async () => {
    expect((await ceo('nobody1', 'shell', 'list')).stdout).toBe('/bin/sh\n/bin/bash\n');
  });

  test('set: one’s own; syscom, everybody’s; others not', async () => {
    expect(await json('mailu05', 'shell', 'set', '/bin/sh')).toEqual({
      username: 'mailu05',
      shell: '/bin/sh',
      changed: true,
    });
    expect(await json('mailu05', 'shell', 'set', '/bin/sh')).toMatchObject({ changed: false });
    expect(await json('sysadmin1', 'shell', 'set', '/bin/bash', 'mailu05')).toMatchObject({
      changed: true,
    });
    expect((await ceo('nobody1', 'shell', 'set', '/bin/sh', 'mailu05')).status).toBe(3);
    for (const wrong of ['/bin/no-such-shell', '/bin/zsh', 'sh'])
      expect((await ceo('mailu05', 'shell', 'set', wrong)).status).toBe(2);
  });
});

test('--help loads neither LDAP, Kerberos nor databases', async () => {
  const loaded = await packagesLoadedBy('nobody1', ['ceo', '--help']);
  expect(loaded).toContain('yargs');
  for (const name of ['ldapts', 'kerberos', 'koffi', 'mysql2', 'pg', 'ink', '@bufbuild/protobuf'])
    expect(loaded).not.toContain(name);
});
