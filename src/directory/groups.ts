/** Who is in which group: the group's uniqueMember, full DNs, which the server compares. */
import { EqualityFilter } from 'ldapts';
import { CeoError } from '../errors.js';
import { didYouMean } from '../nearest.js';
import { accountDn, groupDn } from './accounts.js';
import { DirectoryRefused, ResultCode } from './connection.js';
import type { SiteDirectory } from './siteDirectory.js';
import { idNumber } from './idNumbers.js';

export interface Group {
  readonly name: string;
  /** As the directory says; undefined if it is no such number. */
  readonly gidNumber: number | undefined;
}

/** The groups that a user is in: one search. `uid=x` elsewhere in the tree is nobody. */
export async function groupsOf(directory: SiteDirectory, username: string): Promise<Group[]> {
  const entries = await directory.search(directory.bases.groups, {
    scope: 'one',
    filter: new EqualityFilter({
      attribute: 'uniqueMember',
      value: accountDn(directory.bases, username),
    }),
    attributes: ['cn', 'gidNumber'],
    unpaged: true,
  });
  return entries.map((entry) => ({
    name: entry.values('cn')[0] ?? '',
    gidNumber: idNumber(entry.values('gidNumber')),
  }));
}

export async function groupExists(directory: SiteDirectory, name: string): Promise<boolean> {
  const entries = await directory.search(directory.bases.groups, {
    scope: 'one',
    filter: new EqualityFilter({ attribute: 'cn', value: name }),
    attributes: ['cn'],
    unpaged: true,
  });
  return entries.length > 0;
}

/** Every group, in the order of names. */
export async function listGroups(directory: SiteDirectory): Promise<Group[]> {
  const entries = await directory.search(directory.bases.groups, {
    scope: 'one',
    filter: new EqualityFilter({ attribute: 'objectClass', value: 'posixGroup' }),
    attributes: ['cn', 'gidNumber'],
  });
  return entries
    .map((entry) => ({
      name: entry.values('cn')[0] ?? '',
      gidNumber: idNumber(entry.values('gidNumber')),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The DNs of a group's members. @throws CeoError not_found */
export async function groupMembers(
  directory: SiteDirectory,
  group: string,
): Promise<readonly string[]> {
  const [entry] = await directory.search(groupDn(directory.bases, group), {
    scope: 'base',
    filter: new EqualityFilter({ attribute: 'objectClass', value: 'posixGroup' }),
    attributes: ['uniqueMember'],
  });
  if (entry === undefined) {
    const names = (await listGroups(directory)).map(({ name }) => name);
    throw new CeoError('not_found', `There is no group ${group}.${didYouMean(group, names)}`);
  }
  return entry.values('uniqueMember');
}

/**
 * Puts somebody into a group, or takes them out.
 * @param member their DN, which need not be an account's any more
 * @returns false if there was nothing to change
 * @throws CeoError not_found, denied
 */
export async function changeMembership(
  directory: SiteDirectory,
  group: string,
  member: string,
  operation: 'add' | 'delete',
): Promise<boolean> {
  try {
    await directory.modify(groupDn(directory.bases, group), [
      { operation, attribute: 'uniqueMember', values: [member] },
    ]);
    return true;
  } catch (error) {
    if (error instanceof DirectoryRefused && NOTHING_TO_CHANGE[operation] === error.resultCode)
      return false;
    if (error instanceof CeoError && error.code === 'not_found') {
      throw new CeoError('not_found', `There is no group ${group}.`, { cause: error });
    }
    throw error;
  }
}

const NOTHING_TO_CHANGE = {
  add: ResultCode.attributeOrValueExists,
  delete: ResultCode.noSuchAttribute,
} as const;
