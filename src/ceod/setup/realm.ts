/** What the realm needs: a policy, what ceod may do, principals; and their keys in keytabs. */
import { readFileSync } from 'node:fs';
import { lookupKeytabOf } from '../base/config.js';
import { readableByOthers } from '../../config/permissions.js';
import { userInNss } from '../../process/nss.js';
import { shellWord } from '../../shellWord.js';
import { opUsersOf, type Site } from './site.js';
import { ask, type Step } from './step.js';

interface Key {
  /** Without the realm. */
  readonly principals: readonly string[];
  readonly keytab: string;
  /** Who besides root reads it. */
  readonly reader: string;
}

function keysOf(site: Site): Key[] {
  const { accounts, ceod, host, ops } = site;
  const admins = [accounts.ldapAdminPrincipal, accounts.krb5AdminPrincipal];
  const admin = {
    principals: [...new Set(admins.map((each) => inRealm(site, each)))],
    keytab: ceod.adminKeytab,
    reader: 'root',
  };
  return [
    { principals: [`ceod/${host}`], keytab: ceod.serviceKeytab, reader: ceod.sessionUser },
    ...(ops.some(({ user }) => user === 'root') ? [admin] : []),
    ...opUsersOf(site).map((user) => ({
      principals: [`${user}/${host}`],
      keytab: lookupKeytabOf(ceod, user),
      reader: user,
    })),
  ];
}

const inRealm = ({ accounts }: Site, principal: string) =>
  principal.endsWith(`@${accounts.krb5Realm}`)
    ? principal.slice(0, principal.lastIndexOf('@'))
    : principal;

export const realmSteps = (site: Site): Step[] => [
  policy(site),
  rights(site),
  ...keysOf(site).flatMap(({ principals }) => principals.map((each) => principal(site, each))),
  ...keysOf(site).flatMap((key) => [
    ...key.principals.map((each) => keytab(site, key, each)),
    owner(site, key),
  ]),
];

const kadminLocal = ({ accounts }: Site, ...query: string[]): string =>
  ['kadmin.local', '-r', accounts.krb5Realm, ...query].map(shellWord).join(' ');

const inDatabase = ({ accounts }: Site, ...query: string[]) =>
  ask('kadmin.local', '-r', accounts.krb5Realm, ...query);

const onKdc = ({ hasRealm }: Site) =>
  hasRealm ? undefined : 'it is done on the host of the KDC: ceod-setup there does it';

function policy(site: Site): Step {
  const length = String(Math.max(8, site.accounts.minPasswordLength));
  return {
    what: 'the password policy default, without which any password is accepted',
    isDone: async () =>
      site.hasRealm ? (await inDatabase(site, 'getpol', 'default')) !== undefined : undefined,
    commands: () => kadminLocal(site, 'addpol', '-minlength', length, 'default'),
    undo: () => kadminLocal(site, 'delpol', '-force', 'default'),
    byHand: () => onKdc(site),
  };
}

/** A policy with a maximum age would let a key expire that nobody thinks of: they have none. */
function principal(site: Site, name: string): Step {
  return {
    what: `the principal ${name}`,
    isDone: async () =>
      site.hasRealm ? (await inDatabase(site, 'getprinc', name)) !== undefined : undefined,
    commands: () => kadminLocal(site, 'addprinc', '-randkey', '-clearpolicy', name),
    undo: () => kadminLocal(site, 'delprinc', '-force', name),
    byHand: () => onKdc(site),
  };
}

/** What ceod does: add, delete, modify, inquire, change passwords. */
const NEEDED = 'admci';

function rights(site: Site): Step {
  const { krb5Realm, krb5AdminPrincipal } = site.accounts;
  const file = aclFile(krb5Realm);
  const line = `${krb5AdminPrincipal} ${NEEDED} *@${krb5Realm}`;
  const first = () => firstLineOf(file, krb5AdminPrincipal, krb5Realm);
  return {
    what: `${krb5AdminPrincipal} in ${file}`,
    isDone: () =>
      Promise.resolve(site.hasRealm ? suffices(first()?.rights ?? '', NEEDED) : undefined),
    commands: () =>
      `printf '%s\\n' ${shellWord(line)} >>${shellWord(file)}` +
      (isUnderSystemd() ? '\nsystemctl restart krb5-admin-server' : ''),
    undo: () =>
      `sed -i ${shellWord(`\\|^${line.replaceAll('*', String.raw`\*`)}$|d`)} ${shellWord(file)}`,
    byHand: () => {
      const other = first();
      return (
        onKdc(site) ??
        (other &&
          `the first line that fits counts: put it before line ${other.line}, and restart kadmind`)
      );
    },
  };
}

const isUnderSystemd = (): boolean => textOf('/proc/1/comm').trim() === 'systemd';

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** kdc.conf(5). */
function aclFile(realm: string): string {
  const profile = textOf(process.env['KRB5_KDC_PROFILE'] ?? '/etc/krb5kdc/kdc.conf');
  const own = profile.split(`${realm} =`).at(-1) ?? '';
  return /^\s*acl_file\s*=\s*(\S+)/m.exec(own)?.[1] ?? '/etc/krb5kdc/kadm5.acl';
}

/** kadm5.acl(5): `*` stands for one component of a principal; the first line that fits counts. */
function firstLineOf(file: string, principal: string, realm: string) {
  const components = (text: string) =>
    (text.includes('@') ? text : `${text}@${realm}`).split(/[/@]/);
  const wanted = components(principal);
  const fits = (pattern: string) => {
    if (pattern === '*') return true;
    const parts = components(pattern);
    return (
      parts.length === wanted.length &&
      parts.every((part, index) => part === '*' || part === wanted[index])
    );
  };
  return textOf(file)
    .split('\n')
    .map((text, index) => {
      const [pattern = '', rights = '', target = '*'] = text.replace(/#.*/, '').trim().split(/\s+/);
      const isWide = ['*', `*@${realm}`, '*@*'].includes(target);
      return { pattern, rights: isWide ? rights : '', line: index + 1 };
    })
    .find(({ pattern }) => pattern !== '' && fits(pattern));
}

const suffices = (rights: string, needed: string): boolean =>
  /[*x]/.test(rights) || Array.from(needed).every((each) => rights.includes(each));

/** `-norandkey`: a key that is deployed elsewhere as well goes on working. */
function keytab(site: Site, { keytab: file, reader }: Key, name: string): Step {
  const full = `${name}@${site.accounts.krb5Realm}`;
  const ktadd = (to: string) => kadminLocal(site, 'ktadd', '-norandkey', '-k', to, full);
  const carried = `${site.host}-${reader}.keytab`;
  return {
    what: `the key of ${name} in ${file}`,
    isDone: async () => {
      if (!site.isHere) return undefined;
      const held = await versionsIn(file, full);
      const current = await versionOf(site, name);
      return current === undefined ? held.length > 0 : held.includes(current);
    },
    commands: () =>
      site.isHere && site.hasRealm
        ? ktadd(file)
        : `# on the host of the KDC\n${ktadd(carried)}\n` +
          `scp ${carried} ${shellWord(`root@${site.host}:${file}`)} && rm ${carried}`,
    undo: () => kadminLocal(site, 'ktremove', '-k', file, full, 'all'),
    byHand: () => {
      if (!site.isHere) return `it is a file of ${site.host}`;
      return site.hasRealm ? undefined : 'the KDC is on another host, from which it is copied';
    },
  };
}

/** Which versions of a principal's key a keytab has. */
async function versionsIn(file: string, principal: string): Promise<number[]> {
  const listed = (await ask('klist', '-k', file)) ?? '';
  return [...listed.matchAll(/^ *(\d+) (\S+)$/gm)]
    .filter(([, , name]) => name === principal)
    .map(([, version]) => Number(version));
}

async function versionOf(site: Site, name: string): Promise<number | undefined> {
  if (!site.hasRealm) return undefined;
  const told = (await inDatabase(site, 'getprinc', name)) ?? '';
  const versions = [...told.matchAll(/^Key: vno (\d+)/gm)].map(([, version]) => Number(version));
  return versions.length === 0 ? undefined : Math.max(...versions);
}

function owner(site: Site, { keytab: file, reader }: Key): Step {
  const word = shellWord(file);
  const commands =
    reader === 'root'
      ? `chown root:root ${word} && chmod 0600 ${word}`
      : `chown root:"$(id -gn ${shellWord(reader)})" ${word} && chmod 0640 ${word}`;
  return {
    what: `${file}, to be read by ${reader === 'root' ? 'root alone' : `root and ${reader}`}`,
    isDone: async () => {
      if (!site.isHere) return undefined;
      const user = reader === 'root' ? undefined : await userInNss(reader);
      if (reader !== 'root' && user === undefined) return false;
      return readableByOthers(file, user && { ...user, name: reader }).length === 0;
    },
    commands: () => commands,
    undo: () => `chown root:root ${word} && chmod 0600 ${word}`,
    byHand: () => (site.isHere ? undefined : `it is a file of ${site.host}`),
  };
}
