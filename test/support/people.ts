/** People and groups put into the directory by hand, as the systems committee does it. */
import { expect } from '@jest/globals';
import { runAs, variable } from './realm.js';

const base = variable('LDAP_BASE');

export interface Person {
  readonly username: string;
  readonly realname: string;
  /** Their uidNumber, beyond those that ceod gives. */
  readonly id: number;
}

/** Without homes and principals. */
export async function addPeople(people: readonly Person[]): Promise<void> {
  await add(
    people.map(({ username, realname, id }) => [
      `dn: uid=${username},ou=People,${base}`,
      ...classes('account', 'posixAccount', 'shadowAccount', 'member'),
      `uid: ${username}`,
      `cn:: ${Buffer.from(realname).toString('base64')}`,
      `uidNumber: ${id}`,
      `gidNumber: ${id}`,
      `homeDirectory: /nonexistent/${username}`,
    ]),
  );
}

export async function addGroup(
  name: string,
  id: number,
  members: readonly string[],
): Promise<void> {
  await add([
    [
      `dn: cn=${name},ou=Group,${base}`,
      ...classes('group', 'posixGroup'),
      `cn: ${name}`,
      `gidNumber: ${id}`,
      ...members.map((username) => `uniqueMember: uid=${username},ou=People,${base}`),
    ],
  ]);
}

const classes = (...names: string[]) => names.map((name) => `objectClass: ${name}`);

async function add(entries: readonly (readonly string[])[]): Promise<void> {
  const ldapadd = ['ldapadd', '-Q', '-Y', 'GSSAPI', '-H', variable('LDAP_URI')] as const;
  const input = entries.map((lines) => `${lines.join('\n')}\n\n`).join('');
  const { status, stderr } = await runAs('sysadmin1', ldapadd, { input });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
}
