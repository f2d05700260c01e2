/** The demo site as directory entries, shaped as ceod leaves them. */
import { join } from 'node:path';
import { BASE, clubs, groups, people, students, termOf, UNIVERSITY } from './site.js';

type Entry = Readonly<Record<string, string | number | readonly string[]>>;

function ldif(dn: string, entry: Entry): string {
  const lines = Object.entries(entry).flatMap(([attribute, values]) =>
    (Array.isArray(values) ? values : [values]).map((value) =>
      /^[\x20-\x7e]*$/.test(String(value))
        ? `${attribute}: ${value}`
        : `${attribute}:: ${Buffer.from(String(value)).toString('base64')}`,
    ),
  );
  return [`dn: ${dn}`, ...lines, ''].join('\n');
}

const personDn = (username: string): string => `uid=${username},ou=People,${BASE}`;

function group(name: string, id: number, members: readonly string[]): string {
  return ldif(`cn=${name},ou=Group,${BASE}`, {
    objectClass: ['top', 'group', 'posixGroup'],
    cn: name,
    gidNumber: id,
    uniqueMember: members.map(personDn),
  });
}

/** LDIF of the whole directory (RFC 2849); homes are under `folder`/users. */
export function directoryLdif(folder: string, today: Date): string {
  const account = (username: string, realname: string, id: number): Entry => ({
    uid: username,
    cn: realname,
    loginShell: '/bin/bash',
    uidNumber: id,
    gidNumber: id,
    homeDirectory: join(folder, 'users', username),
  });
  return [
    ldif(BASE, {
      objectClass: ['top', 'dcObject', 'organization'],
      dc: 'csclub',
      o: 'Computer Science Club',
    }),
    ...['People', 'Group', 'SUDOers'].map((ou) =>
      ldif(`ou=${ou},${BASE}`, { objectClass: ['top', 'organizationalUnit'], ou }),
    ),
    ...people.flatMap(({ username, realname, id, program }) => [
      ldif(personDn(username), {
        objectClass: ['top', 'account', 'posixAccount', 'shadowAccount', 'member'],
        ...account(username, realname, id),
        program: program ?? [],
        term: termOf(today),
      }),
      group(username, id, []),
    ]),
    ...clubs.flatMap(({ username, realname, id, members }) => [
      ldif(personDn(username), {
        objectClass: ['top', 'account', 'posixAccount', 'shadowAccount', 'club'],
        ...account(username, realname, id),
      }),
      group(username, id, members),
      ldif(`cn=%${username},ou=SUDOers,${BASE}`, {
        objectClass: ['top', 'sudoRole'],
        cn: `%${username}`,
        sudoUser: `%${username}`,
        sudoHost: 'ALL',
        sudoCommand: 'ALL',
        sudoOption: '!authenticate',
        sudoRunAsUser: username,
      }),
    ]),
    ...groups.map(({ name, id, members }) => group(name, id, members)),
  ].join('\n');
}

/** The uid of the first of the further members: above every range of the demo site. */
export const FURTHER_MEMBERS_FROM = 100_001;

/** LDIF of members and their groups, for directories of any size. */
export function furtherMembersLdif(count: number): string {
  return Array.from({ length: count }, (_, index) => {
    const id = FURTHER_MEMBERS_FROM + index;
    const username = `m${id}`;
    return [
      ldif(personDn(username), {
        objectClass: ['top', 'account', 'posixAccount', 'shadowAccount', 'member'],
        uid: username,
        cn: `Member ${id}`,
        loginShell: '/bin/bash',
        uidNumber: id,
        gidNumber: id,
        homeDirectory: `/users/${username}`,
        term: 'f2020',
      }),
      group(username, id, []),
    ].join('\n');
  }).join('\n');
}

/** LDIF of the university's directory. */
export function universityLdif(): string {
  return [
    ldif(UNIVERSITY, {
      objectClass: ['top', 'dcObject', 'organization'],
      dc: 'university',
      o: 'The University',
    }),
    ...students.map(({ username, realname, ou }) =>
      ldif(`uid=${username},${UNIVERSITY}`, {
        objectClass: ['top', 'inetOrgPerson'],
        uid: username,
        cn: realname,
        sn: realname.replace(/.* /, ''),
        ou,
      }),
    ),
  ].join('\n');
}
