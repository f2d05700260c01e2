/**
 * What other entries hold of a name. The directory does not clear it when an account is deleted:
 * whoever is given the name next would come into it.
 */
import { EqualityFilter, OrFilter } from 'ldapts';
import { accountDn, groupDn } from './accounts.js';
import type { Bases, SiteDirectory } from './siteDirectory.js';

interface Holder {
  readonly base: keyof Bases;
  /** Whose values are DNs: RFC 4519, RFC 2307bis, RFC 4524. */
  readonly byDn: readonly string[];
  /** Whose values are usernames: RFC 2307, sudoers.ldap(5). */
  readonly byName: readonly string[];
  /** Whose values are names of groups, behind this prefix. */
  readonly byGroup: readonly (readonly [attribute: string, prefix: string])[];
}

/** Each attribute needs an index (docs/directory.md). */
const HOLDERS: readonly Holder[] = [
  { base: 'users', byDn: ['manager', 'secretary', 'seeAlso'], byName: [], byGroup: [] },
  {
    base: 'groups',
    byDn: ['uniqueMember', 'member', 'owner', 'roleOccupant', 'seeAlso'],
    byName: ['memberUid'],
    byGroup: [],
  },
  {
    base: 'sudo',
    byDn: [],
    byName: ['sudoUser', 'sudoRunAs', 'sudoRunAsUser'],
    byGroup: [
      ['sudoUser', '%'],
      ['sudoRunAsGroup', ''],
    ],
  },
];

export interface Reference {
  /** Of the entry that has it. */
  readonly dn: string;
  readonly attribute: string;
  readonly value: string;
}

/** Every value that stands for the account of that name, or for its group. */
export async function referencesTo(
  directory: SiteDirectory,
  username: string,
): Promise<Reference[]> {
  const dns = [accountDn(directory.bases, username), groupDn(directory.bases, username)];
  const found = await Promise.all(
    HOLDERS.map(async ({ base, byDn, byName, byGroup }) => {
      const wanted = [
        ...byDn.flatMap((attribute) => dns.map((value) => ({ attribute, value }))),
        ...byName.map((attribute) => ({ attribute, value: username })),
        ...byGroup.map(([attribute, prefix]) => ({ attribute, value: `${prefix}${username}` })),
      ];
      const entries = await directory.search(directory.bases[base], {
        scope: 'sub',
        filter: new OrFilter({ filters: wanted.map((each) => new EqualityFilter(each)) }),
        attributes: wanted.map(({ attribute }) => attribute),
        unpaged: true,
      });
      const isWanted = new Set(wanted.map(({ attribute, value }) => key(attribute, value)));
      const attributes = [...new Set(wanted.map(({ attribute }) => attribute))];
      return entries.flatMap((entry) =>
        attributes.flatMap((attribute) =>
          entry
            .values(attribute)
            .filter((value) => isWanted.has(key(attribute, value)))
            .map((value) => ({ dn: entry.dn, attribute, value })),
        ),
      );
    }),
  );
  return found.flat();
}

/** As the server compares: case and blanks around separators do not tell values apart. */
const key = (attribute: string, value: string) =>
  `${attribute} ${value.toLowerCase().replace(/\s*([,=])\s*/g, '$1')}`;
