/**
 * Promise: nobody comes into a database or a database user by having its name: only what ceod made
 * for that very account is the account's, and a member of syscom is told how to give the rest.
 * On a server of its own, whose rights it changes.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { send, type JsonReply } from '../../support/json.js';
import { addPeople } from '../../support/people.js';
import type { OwnCeod } from '../../support/ownCeod.js';
import { startOwnMariadb, type OwnMariadb } from '../../support/ownMariadb.js';
import { run, runAs, variable } from '../../support/realm.js';
import { cacheOf } from '../../support/tickets.js';

let mariadb: OwnMariadb;
let ceod: OwnCeod;
beforeAll(async () => {
  mariadb = await startOwnMariadb();
  ceod = await mariadb.startCeod();
});
afterAll(async () => {
  await ceod.stop();
  await mariadb.server.stop();
});

const query: OwnMariadb['query'] = (user, password, sql) => mariadb.query(user, password, sql);
const asRoot = async (sql: string): Promise<string> => {
  const { status, stdout, stderr } = await query('root', '', sql);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
};
const worksFor = async (user: string, password: string) =>
  (await query(user, password, 'SELECT 1')).status === 0;

const mysql = (username: string) => send('sysadmin1', 'mysql', { username }, ceod.env);

function expectRefused({ status, messages, ...reply }: JsonReply): string {
  expect({ status, password: reply['password'] }).toEqual({ status: 3, password: undefined });
  expect(messages[0]?.status).toBe(1);
  return messages[0]?.message ?? '';
}

/** Members without home and principal: syscom asks for them. */
const people = (...names: string[]) =>
  addPeople(names.map((username, index) => ({ username, realname: username, id: ids + index })));
let ids = 28_700;
const addMembers = async (...names: string[]) => {
  await people(...names);
  ids += names.length;
};

const traces = async (name: string) => ({
  databases: await asRoot(
    `SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '${name}'`,
  ),
  users: await asRoot(`SELECT COUNT(*) FROM mysql.user WHERE User = '${name}'`),
  marks: await asRoot(`SELECT COUNT(*) FROM ceod.accounts WHERE name = '${name}'`),
});
const NOTHING = { databases: '0\n', users: '0\n', marks: '0\n' };

describe('an application’s database', () => {
  const password = 'of-the-application';
  beforeAll(async () => {
    await asRoot(`
      CREATE DATABASE ourpages; CREATE TABLE ourpages.page (text TEXT);
      CREATE USER ourpages@localhost IDENTIFIED BY '${password}';
      GRANT ALL PRIVILEGES ON ourpages.* TO ourpages@localhost;
    `);
    const request = { type: 1, username: 'ourpages', realname: 'Eve', password: 'correct-horse' };
    expect(await send('ctdalek', 'adduser', request)).toMatchObject({ status: 0 });
  });

  test('is not had by signing up under its name; its password goes on working', async () => {
    const cache = `FILE:${cacheOf('ourpages')}`;
    await run(['kinit', '-c', cache, 'ourpages'], { input: 'correct-horse\n' });
    const reply = await send(
      'ourpages',
      'mysql',
      { username: 'ourpages' },
      { ...ceod.env, KRB5CCNAME: cache },
    );
    expect(expectRefused(reply)).toContain('ceod did not make');
    expect(await worksFor('ourpages', password)).toBe(true);
  });

  test('the reply has the statement by which it can be given, which works', async () => {
    const message = expectRefused(await mysql('ourpages'));
    const statement = /INSERT INTO [^;]*/.exec(message)?.[0] ?? 'none';
    await asRoot(statement);
    const reply = await mysql('ourpages');
    expect(reply).toMatchObject({ status: 0 });
    expect(await worksFor('ourpages', String(reply['password']))).toBe(true);
    expect(await worksFor('ourpages', password)).toBe(false);
  });
});

describe('refused, and nothing is changed', () => {
  beforeAll(() => addMembers('msdb', 'msuser', 'mshost', 'msrole'));

  test.each([
    ['msdb', 'CREATE DATABASE msdb', { ...NOTHING, databases: '1\n' }],
    ['msuser', `CREATE USER msuser@localhost IDENTIFIED BY 'x'`, { ...NOTHING, users: '1\n' }],
    ['mshost', `CREATE USER mshost@'10.%' IDENTIFIED BY 'x'`, { ...NOTHING, users: '1\n' }],
    ['msrole', 'CREATE ROLE msrole', { ...NOTHING, users: '1\n' }],
  ])('%s: %s', async (name, sql, before) => {
    await asRoot(sql);
    expect(expectRefused(await mysql(name))).toContain('ceod did not make');
    expect(await traces(name)).toEqual(before);
  });
});

describe('a name that is reused', () => {
  test('does not come into its former holder’s database', async () => {
    await addMembers('msformer');
    const first = String((await mysql('msformer'))['password']);
    expect(await worksFor('msformer', first)).toBe(true);
    const ldapmodify = ['ldapmodify', '-Q', '-Y', 'GSSAPI', '-H', variable('LDAP_URI')] as const;
    const dn = `uid=msformer,ou=People,${variable('LDAP_BASE')}`;
    await runAs('sysadmin1', ldapmodify, {
      input: `dn: ${dn}\nchangetype: modify\nreplace: uidNumber\nuidNumber: 28790\n-\nreplace: gidNumber\ngidNumber: 28790\n`,
    });
    const message = expectRefused(await mysql('msformer'));
    expect(message).toContain('28790');
    expect(await worksFor('msformer', first)).toBe(true);
    const statement = /UPDATE [^;]*/.exec(message)?.[0] ?? 'none';
    await asRoot(statement);
    expect(await mysql('msformer')).toMatchObject({ status: 0 });
  });
});

describe('the marks', () => {
  test('are out of the reach of whoever has a database', async () => {
    await addMembers('msmarks');
    const password = String((await mysql('msmarks'))['password']);
    for (const sql of [
      "INSERT INTO ceod.accounts (name, uid) VALUES ('wiki', 20003)",
      'SELECT * FROM ceod.accounts',
      'DELETE FROM ceod.accounts',
    ])
      expect((await query('msmarks', password, sql)).stderr).toContain('denied');
  });

  test('count for nothing if somebody else may write them', async () => {
    // As a GRANT without a backslash before _ gives it: any four letters and one more.
    await addMembers('msforge');
    await asRoot(
      "CREATE USER ceo_@localhost IDENTIFIED BY 'x'; GRANT ALL ON `ceo_`.* TO ceo_@localhost",
    );
    try {
      expect(expectRefused(await mysql('msforge'))).toContain("'ceo_'@'localhost'");
    } finally {
      await asRoot('DROP USER ceo_@localhost');
    }
    expect(await mysql('msforge')).toMatchObject({ status: 0 });
  });

  test('can be set beforehand, as the documentation says', async () => {
    const text = readFileSync(
      path.resolve(import.meta.dirname, '../../../docs/configuration.md'),
      'utf8',
    );
    const [, sql = ''] = /```sql\n(.*?)```/s.exec(text) ?? [];
    expect(sql).toContain('CREATE TABLE');
    await asRoot(
      `CREATE DATABASE alice; CREATE USER alice@localhost IDENTIFIED BY 'x'; DROP DATABASE ceod`,
    );
    await addPeople([{ username: 'alice', realname: 'Alice', id: 20_020 }]);
    await asRoot(sql);
    expect(await mysql('alice')).toMatchObject({ status: 0 });
  });
});

describe('a sequence that is refused half-way', () => {
  beforeAll(() => addMembers('mshalf', 'mskept'));
  afterAll(() => asRoot('GRANT ALL PRIVILEGES ON *.* TO ceod@localhost WITH GRANT OPTION'));

  /** With a privilege less. */
  const without = async <T>(privilege: string, work: () => Promise<T>): Promise<T> => {
    // Who may write mysql.* may make users; the marks are to be writable all the same.
    await asRoot(
      `GRANT INSERT ON ceod.* TO ceod@localhost; REVOKE ${privilege} ON *.* FROM ceod@localhost`,
    );
    try {
      return await work();
    } finally {
      await asRoot(`GRANT ALL PRIVILEGES ON *.* TO ceod@localhost WITH GRANT OPTION;
        REVOKE INSERT ON ceod.* FROM ceod@localhost`);
    }
  };

  test.each(['GRANT OPTION', 'CREATE USER, INSERT', 'CREATE'])(
    'without %s: what was made is undone, and the reply tells',
    async (privilege) => {
      const reply = await without(privilege, () => mysql('mshalf'));
      expect(expectRefused(reply)).toContain('refused');
      expect(await traces('mshalf')).toEqual(NOTHING);
      if (privilege === 'GRANT OPTION')
        expect(reply.messages.slice(1).map(({ message }) => message)).toEqual([
          'removed the user mshalf again',
          'removed the database mshalf again',
        ]);
    },
  );

  test('an old password works until there is a new one', async () => {
    const first = String((await mysql('mskept'))['password']);
    const reply = await without('GRANT OPTION', () => mysql('mskept'));
    expect(expectRefused(reply)).toContain('refused');
    expect(reply.messages.at(-1)?.message).toContain('the password of mskept is the one before');
    expect(await worksFor('mskept', first)).toBe(true);
  });
});
