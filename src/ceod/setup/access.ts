/**
 * What slapd must allow, and have indexes for: docs/directory.md explains it, and
 * etc/slapd.conf.example has the same for an example (a test holds them together).
 */

/** The names of a site that occur in its rules: DNs. */
export interface Names {
  readonly realm: string;
  /** Of the database. */
  readonly suffix: string;
  readonly users: string;
  readonly groups: string;
  readonly sudo: string;
  readonly counters: string;
  /** ldap_admin_principal without the realm. */
  readonly admin: string;
  readonly office: string;
  readonly syscom: string;
}

interface Rule {
  readonly to: string;
  readonly by: readonly string[];
}

/** Root on the machine of slapd, who is never locked out. */
const ROOT = 'dn.exact="gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth" manage';

const adminDn = ({ admin, suffix }: Names) => `cn=${admin},${suffix}`;

const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** A regular expression for these DNs, as short as people would write it. */
function oneOf(dns: readonly string[]): string {
  const parts = dns.map((dn) => /^ou=([^,]+),(.+)$/i.exec(dn) ?? []);
  const [[, , suffix] = []] = parts;
  const isShort = suffix !== undefined && parts.every((each) => each[2] === suffix);
  if (!isShort) return `(${dns.map(literally).join('|')})`;
  return `ou=(${parts.map(([, name = '']) => literally(name)).join('|')}),${literally(suffix)}`;
}

function rules(names: Names): Rule[] {
  const { users, groups, sudo, counters } = names;
  const of = (group: string) => `group/group/uniqueMember.exact="cn=${group},${groups}" write`;
  const ceod = `dn.exact="${adminDn(names)}" write`;
  const syscom = of(names.syscom);
  const trees = oneOf([...new Set([users, groups, sudo, counters])]);
  return [
    {
      to: `dn.onelevel="${users}" attrs=term,nonMemberTerm,program`,
      by: [ceod, syscom, of(names.office)],
    },
    { to: `dn.onelevel="${users}" attrs=loginShell`, by: [ceod, syscom, 'self write'] },
    { to: `dn.regex="^(.+,)?${trees}$"`, by: [ceod, syscom] },
    { to: '*', by: [syscom] },
  ];
}

/** For a server that is ours alone: what nobody is given here nobody has. */
export const closedRules = (names: Names): string[] =>
  withRoot(rules(names).map(({ to, by }) => ({ to, by: [...by, 'users read'] })));

/**
 * For a server that others use as well: the rules only give. Whoever is not named, and what is not
 * said, is for the rules behind them, so that nobody loses what they had.
 */
export const givingRules = (names: Names): string[] =>
  withRoot(rules(names).map(({ to, by }) => ({ to, by: [...by, '* break'] })));

/** The rules without that of root, which a site may have in another way. */
export const besidesRoot = (all: readonly string[]): string[] => all.slice(1);

const withRoot = (all: readonly Rule[]): string[] =>
  [{ to: '*', by: [ROOT, '* break'] }, ...all].map(
    ({ to, by }) => `to ${to} ${by.map((each) => `by ${each}`).join(' ')}`,
  );

/** Who a ticket is; the first that fits counts. */
export function mappings(names: Names): string[] {
  const from = (who: string) =>
    `^uid=${who},(cn=${literally(names.realm.toLowerCase())},)?cn=gssapi,cn=auth$`;
  return [
    `${from(literally(names.admin))} ${adminDn(names)}`,
    `${from('([^,/]+)')} uid=$1,${names.users}`,
  ];
}

/** Searches come in pages: a limit for each, none for their sum. */
export const LIMITS = 'users size.soft=500 size.pr=unlimited size.prtotal=unlimited';

/** One search at least is by each of them. */
export const INDEXES = [
  'objectClass eq',
  'uid eq,sub',
  'uidNumber,gidNumber eq',
  'uniqueMember eq',
  'term,nonMemberTerm eq',
  'position eq,pres',
  'cn eq,sub,approx',
  'telephoneNumber eq',
  'sudoUser,sudoRunAsUser eq',
  'memberUid eq',
  'member,owner,roleOccupant,seeAlso,manager,secretary eq',
];

/** slapd writes back in its own words what it was given. */
export const canonical = (text: string): string =>
  text
    .replace(/^\{\d+\}/, '')
    .replace(/["\s]+/g, ' ')
    .replace(/\bdn\.exact=/g, 'dn.base=')
    .replace(/\bdn\.onelevel=/g, 'dn.one=')
    .replace(/ \+0 /g, ' ')
    .trim()
    .toLowerCase();

/** Whether all of them are among the others, in this order. */
export function contains(all: readonly string[], wanted: readonly string[]): boolean {
  let left = wanted.map(canonical);
  for (const each of all.map(canonical)) if (each === left[0]) left = left.slice(1);
  return left.length === 0;
}

/** Each attribute with the kinds that either has: two lines for one attribute are an error to slapd. */
export function mergedIndexes(existing: readonly string[], wanted: readonly string[]): string[] {
  const kinds = new Map<string, { name: string; kinds: Set<string> }>();
  for (const line of [...existing, ...wanted]) {
    const [names = '', list = ''] = line.trim().split(/\s+/);
    for (const name of names.split(',')) {
      const entry = kinds.get(name.toLowerCase()) ?? { name, kinds: new Set() };
      for (const kind of list.split(',').filter((each) => each !== '')) entry.kinds.add(kind);
      kinds.set(name.toLowerCase(), entry);
    }
  }
  return [...kinds.values()].map((each) => `${each.name} ${[...each.kinds].join(',')}`.trim());
}
