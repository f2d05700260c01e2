/** Everything a daemon on this host reads before it starts. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { canonicalHost, ownHostname } from '../config/hosts.js';
import { keytabProblems, writableByOthers, type Problem } from '../config/permissions.js';
import { loadRoutes, type Route } from '../config/routes.js';
import {
  configDir,
  loadAccounts,
  loadCeod,
  type AccountsSettings,
  type CeodSettings,
} from '../config/settings.js';
import { CeoError } from '../errors.js';
import { allOps } from '../protocol/ops.js';
import { userInNss } from './accounts/names.js';

export interface DaemonConfig {
  readonly accounts: AccountsSettings;
  readonly ceod: CeodSettings;
  /** This host's canonical full name: the host of `ceod/HOST`. */
  readonly hostname: string;
  /** The ops that are routed to this host. */
  readonly ownRoutes: readonly Route[];
  /** Every *.cf file that was read, also included ones. */
  readonly files: readonly string[];
  readonly warnings: readonly string[];
}

/** @throws CeoError config */
export async function loadDaemonConfig(): Promise<DaemonConfig> {
  const dir = configDir();
  const accounts = loadAccounts(dir);
  const ceod = loadCeod(dir);
  const { name: hostname } = await canonicalHost(ceod.settings.ceodHostname ?? ownHostname());
  const routes = await loadRoutes(dir, allOps);
  return {
    accounts: accounts.settings,
    ceod: ceod.settings,
    hostname,
    ownRoutes: routes.filter(({ host }) => host.name === hostname),
    files: [...accounts.files, ...ceod.files],
    warnings: [...accounts.warnings, ...ceod.warnings],
  };
}

/** What a daemon that runs as root refuses: files that others can change or read. */
export async function permissionProblems({ ceod, files: read }: DaemonConfig): Promise<Problem[]> {
  const dir = configDir();
  const ops = path.join(dir, 'ops');
  const files = [...read, ops, ...readdirSync(ops).map((name) => path.join(ops, name))];
  const sessionUser = await userInNss(ceod.sessionUser);
  return [
    ...writableByOthers(files),
    ...keytabProblems(
      ceod.serviceKeytab,
      sessionUser && { ...sessionUser, name: ceod.sessionUser },
    ),
    ...keytabProblems(ceod.adminKeytab, undefined),
  ];
}

/** @throws CeoError config, if no op is routed to this host */
export function requireOps({ hostname, ownRoutes }: DaemonConfig): void {
  if (ownRoutes.length > 0) return;
  throw new CeoError('config', `No op is routed to this host, ${hostname}.`, {
    next: `Add a line to ${configDir()}/ops/*, or set ceod_hostname in ceod.cf.`,
  });
}
