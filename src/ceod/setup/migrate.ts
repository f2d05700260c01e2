/** What of a legacy system's configuration counts for ceod, and what it needs besides. Only looks. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { accountsTable } from '../../config/keys.js';
import { readCf } from '../../config/cf.js';
import { configDir, loadAccounts, loadCeod } from '../../config/settings.js';
import { canonicalHost, ownHostname } from '../../config/hosts.js';
import { messageOf } from '../../errors.js';
import { allOps } from '../../protocol/ops.js';
import { lookupKeytabOf } from '../base/config.js';
import { isExternal, programOf } from '../base/opPrograms.js';
import { hostOf, routesIn } from './site.js';
import { ask } from './step.js';

export interface Finding {
  readonly topic: string;
  readonly says: string;
}

/** Where the legacy daemon has its keys. */
const SYSTEM_KEYTAB = '/etc/krb5.keytab';

export async function migrationReport(): Promise<Finding[]> {
  const dir = configDir();
  const findings = [...keys(path.join(dir, 'accounts.cf'))];
  try {
    const { settings: accounts } = loadAccounts(dir);
    const { settings: ceod } = loadCeod(dir);
    findings.push({ topic: 'accounts.cf', says: 'can be used as it is' });
    const { name: host } = await canonicalHost(ceod.ceodHostname ?? ownHostname());
    const realm = accounts.krb5Realm;
    findings.push(...(await routes(dir, host, ceod)));
    const users = routesIn(dir).map(({ user }) => user);
    findings.push(
      ...(await keytab(`ceod/${host}@${realm}`, ceod.serviceKeytab, 'service_keytab')),
      ...(await keytab(accounts.ldapAdminPrincipal, ceod.adminKeytab, 'admin_keytab')),
      ...(await keytab(accounts.krb5AdminPrincipal, ceod.adminKeytab, 'admin_keytab')),
    );
    for (const user of new Set(users.filter((each) => each !== 'root'))) {
      const file = lookupKeytabOf(ceod, user);
      findings.push(...(await keytab(`${user}/${host}@${realm}`, file, 'lookup_keytab')));
    }
  } catch (error) {
    findings.push({ topic: 'configuration', says: `needs a change: ${messageOf(error)}` });
  }
  return findings;
}

/** Values are not shown: other programs may keep secrets in the file. */
function keys(file: string): Finding[] {
  let entries: ReturnType<typeof readCf>['entries'];
  try {
    entries = readCf(file).entries;
  } catch (error) {
    return [{ topic: file, says: messageOf(error) }];
  }
  const table = Object.entries(accountsTable) as [
    string,
    { usage: string; default?: string; optional?: true },
  ][];
  const isIgnored = ({ usage }: { usage: string }) => usage.includes('for compatibility');
  return [
    ...[...entries.values()].map(({ key, file: at, line }) => {
      const row = table.find(([name]) => name === key)?.[1];
      const says =
        row === undefined ? 'is not known, and ignored' : isIgnored(row) ? 'is ignored' : 'counts';
      return { topic: `${at}:${line} ${key}`, says };
    }),
    ...table
      .filter(
        ([key, row]) => !entries.has(key) && row.default === undefined && row.optional !== true,
      )
      .map(([key, { usage }]) => ({ topic: key, says: `is missing, and needed (${usage})` })),
  ];
}

async function routes(
  dir: string,
  own: string,
  ceod: ReturnType<typeof loadCeod>['settings'],
): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const route of routesIn(dir)) {
    const host = (await hostOf(dir, route.name)) ?? 'a host that is not known';
    const program = programOf(route.name);
    const isThere = existsSync(program);
    const says = isExternal(route, ceod)
      ? `${program} executes it${isThere ? '' : ', but it does not exist'}`
      : `ceod executes it itself${isThere ? ` in place of ${program} (external_ops = ${route.name} keeps that)` : ''}`;
    found.push({
      topic: `op ${route.name} at ${host}`,
      says: host === own ? says : 'another host serves it',
    });
  }
  const served = routesIn(dir).map(({ name }) => name);
  return [
    ...found,
    ...allOps
      .filter(({ name }) => !served.includes(name))
      .map(({ name }) => ({
        topic: `op ${name}`,
        says: 'no host serves it; the legacy system may not have it',
      })),
  ];
}

async function keytab(principal: string, file: string, key: string): Promise<Finding[]> {
  const holds = async (each: string) =>
    (await ask('klist', '-k', each))?.includes(` ${principal}\n`);
  const topic = `the key of ${principal}`;
  if ((await holds(file)) === true) return [{ topic, says: `is in ${file}` }];
  const says =
    (await holds(SYSTEM_KEYTAB)) === true
      ? `is in ${SYSTEM_KEYTAB}, but ${key} is ${file}: ceod-setup copies it there, and both go on working`
      : `is not in ${file} (${key}): ceod-setup puts it there`;
  return [{ topic, says }];
}
