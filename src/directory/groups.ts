/** Who is in which group: the group's uniqueMember, full DNs, which the server compares. */
import { EqualityFilter } from 'ldapts';
import { accountDn, type Bases } from './accounts.js';
import type { Directory } from './connection.js';

export interface Group {
  readonly name: string;
  readonly gidNumber: number;
}

/** The groups that a user is in: one search. `uid=x` elsewhere in the tree is nobody. */
export async function groupsOf(
  directory: Directory,
  bases: Bases,
  username: string,
): Promise<Group[]> {
  const entries = await directory.search(bases.groups, {
    scope: 'one',
    filter: new EqualityFilter({ attribute: 'uniqueMember', value: accountDn(bases, username) }),
    attributes: ['cn', 'gidNumber'],
  });
  return entries.map((entry) => ({
    name: entry.values('cn')[0] ?? '',
    gidNumber: Number(entry.values('gidNumber')[0]),
  }));
}
