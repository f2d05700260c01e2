/** Access rules, indexes and limits in the directory's own configuration, cn=config or slapd.conf. */
import { readRegularText } from '../../regularFile.js';
import {
  besidesRoot,
  canonical,
  closedRules,
  contains,
  givingRules,
  INDEXES,
  LIMITS,
  mappings,
  mergedIndexes,
  type Names,
} from './access.js';
import { replacement, type Entry } from './localDirectory.js';
import type { Site } from './site.js';
import type { Step } from './step.js';

/** A setting of slapd with several values. */
interface Setting {
  readonly what: string;
  /** As slapd.conf(5) and as slapd-config(5) call it. */
  readonly keyword: string;
  readonly attribute: string;
  /** Of slapd as a whole, or of the database. */
  readonly of: 'server' | 'database';
  /** Whether nothing is missing. */
  suffices(current: readonly string[]): boolean;
  /** All that there are to be. */
  wanted(current: readonly string[]): readonly string[];
  /** For slapd.conf. */
  readonly lines: readonly string[];
}

export function rightsSteps(site: Site): Step[] {
  const names = namesOf(site);
  const inFront = (ours: readonly string[]) => ({
    suffices: (current: readonly string[]) => contains(current, ours),
    wanted: (current: readonly string[]) => numbered([...ours, ...without(current, ours)]),
  });
  const giving = givingRules(names);
  const settings: Setting[] = [
    {
      what: 'who a ticket is in the directory',
      keyword: 'authz-regexp',
      attribute: 'olcAuthzRegexp',
      of: 'server',
      ...inFront(mappings(names)),
      lines: mappings(names),
    },
    {
      what: 'what ceod, office, syscom and root may change',
      keyword: 'access',
      attribute: 'olcAccess',
      of: 'database',
      suffices: (current) =>
        contains(current, giving) || contains(current, besidesRoot(closedRules(names))),
      // Without a rule everybody may read everything, slapd.access(5): that stays as it is.
      wanted: (current) =>
        numbered([
          ...giving,
          ...(current.length === 0 ? ['to * by * read'] : without(current, giving)),
        ]),
      lines: closedRules(names),
    },
    {
      what: 'indexes for all searches',
      keyword: 'index',
      attribute: 'olcDbIndex',
      of: 'database',
      suffices: (current) => {
        const isSame = (text: string) => canonical(text).split(/[ ,]/).sort().join();
        const merged = mergedIndexes(current, INDEXES).map(isSame);
        const before = mergedIndexes(current, []).map(isSame);
        return merged.every((each) => before.includes(each));
      },
      wanted: (current) => mergedIndexes(current, INDEXES),
      lines: INDEXES,
    },
    {
      what: 'lists of any length for everybody with a ticket',
      keyword: 'limits',
      attribute: 'olcLimits',
      of: 'database',
      ...inFront([LIMITS]),
      lines: [LIMITS],
    },
  ];
  return settings.map((each) => setting(site, each));
}

const numbered = (values: readonly string[]) =>
  values.map((value, index) => `{${index}}${value.replace(/^\{\d+\}/, '')}`);

const without = (all: readonly string[], ours: readonly string[]) =>
  all.filter((each) => !ours.map(canonical).includes(canonical(each)));

function setting(site: Site, { what, keyword, attribute, of, ...rest }: Setting): Step {
  const { directory, slapdConf } = site;
  const place = async () => (of === 'server' ? directory?.entry('cn=config') : databaseOf(site));
  const current = async (): Promise<readonly string[]> => (await place())?.values(attribute) ?? [];
  const replaced = async (values: readonly string[]) =>
    replacement(directory?.url ?? '', (await place())?.dn ?? '', attribute, values);
  return {
    what,
    isDone: async () => {
      if (directory?.hasConfig === true) return rest.suffices(await current());
      const lines = linesOf(slapdConf, keyword);
      return lines === undefined ? undefined : rest.suffices(lines);
    },
    commands: async () =>
      directory?.hasConfig === true
        ? replaced(rest.wanted(await current()))
        : rest.lines.map((line) => `${keyword} ${line}`).join('\n'),
    undo: async () =>
      directory?.hasConfig === true
        ? replaced(await current())
        : `# these lines, out of ${slapdConf} again`,
    byHand: async () => {
      if (directory?.hasConfig !== true) return inFile(site, of);
      if ((await place()) !== undefined) return undefined;
      return `no database of slapd has ${site.accounts.ldapUsersBase} in it: make one first`;
    },
  };
}

const inFile = ({ slapdConf }: Site, of: Setting['of']): string =>
  `on the host of the directory, in ${slapdConf}, ` +
  `${of === 'server' ? 'above its databases' : 'in its database, above other rules'}; then restart slapd`;

/** The database that the accounts are in. */
async function databaseOf({ directory, accounts }: Site): Promise<Entry | undefined> {
  const databases = (await directory?.search('cn=config', 'sub', '(olcSuffix=*)')) ?? [];
  return databases.find((each) =>
    each.values('olcSuffix').some((suffix) => isBelow(accounts.ldapUsersBase, suffix)),
  );
}

const isBelow = (dn: string, suffix: string) =>
  `,${tidy(dn).toLowerCase()}`.endsWith(`,${tidy(suffix).toLowerCase()}`);

const tidy = (dn: string) => dn.replace(/\s*([,=])\s*/g, '$1');

/** What a directive of slapd.conf says, each time; undefined if the file cannot be read. */
function linesOf(file: string, keyword: string): string[] | undefined {
  try {
    return readRegularText(file)
      .replace(/\n[ \t]+/g, ' ')
      .split('\n')
      .filter((line) => line.startsWith(`${keyword} `))
      .map((line) => line.slice(keyword.length + 1));
  } catch {
    return undefined;
  }
}

export function namesOf({ accounts, ceod }: Site): Names {
  const users = tidy(accounts.ldapUsersBase);
  return {
    realm: accounts.krb5Realm,
    suffix: /(?<=,|^)dc=.*/i.exec(users)?.[0] ?? users.slice(users.indexOf(',') + 1),
    users,
    groups: tidy(accounts.ldapGroupsBase),
    sudo: tidy(accounts.ldapSudoBase),
    counters: tidy(ceod.uidCounterBase ?? accounts.ldapUsersBase),
    admin: accounts.ldapAdminPrincipal.replace(/@[^@]*$/, ''),
    office: ceod.officeGroup,
    syscom: ceod.syscomGroup,
  };
}
