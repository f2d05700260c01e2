/** What must be in the directory before the first sign-up: bases, groups, the first of syscom. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { idIsInNss } from '../../process/nss.js';
import { ldifLine } from '../../ldif.js';
import { shellWord } from '../../shellWord.js';
import { addition, deletion, feed } from './localDirectory.js';
import { namesOf } from './rights.js';
import { groupsCanBeMade } from './schema.js';
import type { Site } from './site.js';
import { ask, type Step } from './step.js';

type Attributes = Readonly<Record<string, readonly string[]>>;

export function entrySteps(site: Site): Step[] {
  const { suffix, users, groups, sudo, counters, office, syscom } = namesOf(site);
  const bases = [...new Set([suffix, users, groups, sudo, counters])];
  const inDirectory = site.ceod.authGroups === 'ldap';
  const ranges = [
    { min: site.accounts.memberMinId, max: site.accounts.memberMaxId },
    { min: site.accounts.clubMinId, max: site.accounts.clubMaxId },
  ];
  const isOurs = (id: number) => ranges.some(({ min, max }) => id >= min && id <= max);
  /** Both are shown before either is there: they must not have the same number. */
  const gids = async () => {
    const first = await freeId(site, FIRST_GID, isOurs);
    const isThere = (await site.directory?.entry(`cn=${office},${groups}`, '1.1')) !== undefined;
    return { first, second: isThere ? first : await freeId(site, first + 1, isOurs) };
  };
  const group = (name: string, gid: () => Promise<number>) =>
    groupEntry(site, `cn=${name},${groups}`, async () => groupAttributes(name, await gid()));
  return [
    ...bases.map((dn) => entry(site, dn, () => Promise.resolve(baseAttributes(dn)))),
    group(office, async () => (await gids()).first),
    group(syscom, async () => (await gids()).second),
    ...(site.syscom === undefined ? [] : firstAccount(site, site.syscom)),
    ...(inDirectory ? [someSyscom(site, site.syscom)] : []),
  ];
}

const elsewhere = ({ directory }: Site) =>
  directory === undefined
    ? 'it is done on the host of the directory: ceod-setup there does it'
    : undefined;

function entry(site: Site, dn: string, attributes: () => Promise<Attributes | undefined>): Step {
  const { directory } = site;
  const url = directory?.url ?? site.ldapi;
  return {
    what: dn,
    isDone: async () =>
      directory === undefined ? undefined : (await directory.entry(dn, '1.1')) !== undefined,
    commands: async () => addition(url, dn, (await attributes()) ?? {}),
    undo: () => deletion(url, dn),
    byHand: async () =>
      elsewhere(site) ??
      ((await attributes()) === undefined ? 'what kind of entry it is, is not known' : undefined),
  };
}

function groupEntry(site: Site, dn: string, attributes: () => Promise<Attributes>): Step {
  const step = entry(site, dn, attributes);
  return {
    ...step,
    byHand: async () =>
      (await step.byHand?.()) ??
      ((await groupsCanBeMade(site)) ? undefined : 'posixGroup has to be auxiliary before'),
  };
}

/** By the attribute of its name: RFC 4519. */
function baseAttributes(dn: string): Attributes | undefined {
  const [, attribute = '', value = ''] = /^([^=]+)=([^,+]+)/.exec(dn) ?? [];
  switch (attribute.toLowerCase()) {
    case 'ou':
      return { objectClass: ['top', 'organizationalUnit'], ou: [value] };
    case 'dc':
      return { objectClass: ['top', 'dcObject', 'organization'], dc: [value], o: [value] };
    default:
      return undefined;
  }
}

/** Where groups without an account have theirs as a rule: outside of what ceod gives out. */
const FIRST_GID = 10_001;

const groupAttributes = (name: string, gid: number): Attributes => ({
  objectClass: ['top', 'group', 'posixGroup'],
  cn: [name],
  gidNumber: [String(gid)],
});

/** The first number from there on that nobody has, as uid or gid, in the directory or in NSS. */
async function freeId(
  site: Site,
  from: number,
  isRefused: (id: number) => boolean = () => false,
): Promise<number> {
  const { suffix } = namesOf(site);
  for (let id = from; ; id += 1) {
    const filter = `(|(uidNumber=${id})(gidNumber=${id}))`;
    const found = (await site.directory?.search(suffix, 'sub', filter, '1.1')) ?? [];
    if (found.length === 0 && !isRefused(id) && !(await idIsInNss(id))) return id;
  }
}

/** Whoever signs up the others: ceod serves nobody without an account. */
function firstAccount(site: Site, username: string): Step[] {
  const { accounts, directory } = site;
  const { users, groups } = namesOf(site);
  const home = path.join(accounts.memberHome, username);
  const realm = accounts.krb5Realm;
  const kadmin = ['kadmin.local', '-r', realm].map(shellWord).join(' ');
  const dn = `uid=${username},${users}`;
  const own = async () => {
    const [id] = (await directory?.entry(dn, 'uidNumber'))?.values('uidNumber') ?? [];
    return id === undefined ? freeId(site, accounts.memberMinId) : Number(id);
  };
  return [
    entry(site, dn, async () => {
      const id = String(await own());
      return {
        objectClass: ['top', 'account', 'posixAccount', 'shadowAccount', 'member'],
        uid: [username],
        cn: [username],
        loginShell: [accounts.memberShell],
        uidNumber: [id],
        gidNumber: [id],
        homeDirectory: [home],
      };
    }),
    groupEntry(site, `cn=${username},${groups}`, async () =>
      groupAttributes(username, await own()),
    ),
    {
      what: `the home ${home}`,
      isDone: () => Promise.resolve(site.isHere ? existsSync(home) : undefined),
      commands: async () => {
        const [folder, owner] = [shellWord(home), await own()];
        const copy = `cp -R ${shellWord(accounts.memberHomeSkel)}/. ${folder}`;
        return `install -d -m 0755 ${folder}\n${copy}\nchown -R -h ${owner}:${owner} ${folder}`;
      },
      undo: () => `rm -r ${shellWord(home)}`,
      byHand: () => (site.isHere ? undefined : `it is a folder of ${site.host}`),
    },
    {
      what: `the principal ${username}`,
      isDone: async () =>
        site.hasRealm
          ? (await ask('kadmin.local', '-r', realm, 'getprinc', username)) !== undefined
          : undefined,
      commands: () => `${kadmin} addprinc -policy default +requires_preauth ${shellWord(username)}`,
      undo: () => `${kadmin} delprinc -force ${shellWord(username)}`,
      byHand: () => 'it asks for the password',
    },
  ];
}

/** Without anybody in it nobody could put anybody in. */
function someSyscom(site: Site, username: string | undefined): Step {
  const { directory } = site;
  const { users, groups, syscom } = namesOf(site);
  const dn = `cn=${syscom},${groups}`;
  const url = directory?.url ?? site.ldapi;
  const member = `uid=${username ?? 'USERNAME'},${users}`;
  const change = (operation: 'add' | 'delete') =>
    feed('ldapmodify', url, [
      ldifLine('dn', dn),
      'changetype: modify',
      `${operation}: uniqueMember`,
      ldifLine('uniqueMember', member),
    ]);
  return {
    what: `${username ?? 'somebody'} in ${syscom}`,
    isDone: async () => {
      if (directory === undefined) return undefined;
      const members = (await directory.entry(dn, 'uniqueMember'))?.values('uniqueMember') ?? [];
      if (username === undefined) return members.length > 0;
      return members.some((each) => each.toLowerCase() === member.toLowerCase());
    },
    commands: () => change('add'),
    undo: () => change('delete'),
    byHand: async () => {
      if (username === undefined) return 'name somebody with --syscom USERNAME';
      const isPossible = await groupsCanBeMade(site);
      return elsewhere(site) ?? (isPossible ? undefined : `${syscom} is not there yet`);
    },
  };
}
