/** Everything a daemon on this host reads before it starts. */
import { accessSync, constants } from 'node:fs';
import { adviceOn, adviceOnQuota } from '../../config/advice.js';
import { canonicalHost, ownHostname } from '../../config/hosts.js';
import { loadRoutes, type Route } from '../../config/routes.js';
import {
  configDir,
  loadAccounts,
  loadCeod,
  ownSettings,
  type AccountsSettings,
  type CeodSettings,
} from '../../config/settings.js';
import { CeoError, messageOf } from '../../errors.js';
import { allOps, ops } from '../../protocol/ops.js';
import { isExternal, programOf } from './opPrograms.js';
import { together } from './together.js';

export interface DaemonConfig {
  readonly accounts: AccountsSettings;
  readonly ceod: CeodSettings;
  /** This host's canonical full name: the host of `ceod/HOST`. */
  readonly hostname: string;
  /** The ops that are routed to this host. */
  readonly ownRoutes: readonly Route[];
  /** Every *.cf file that was read, also included ones. */
  readonly files: readonly string[];
  /** Of accounts.cf and ceod.cf: each key with the value that counts. */
  readonly lines: readonly string[];
  readonly warnings: readonly string[];
}

/** @throws CeoError config */
export async function loadDaemonConfig(): Promise<DaemonConfig> {
  const dir = configDir();
  const { accounts, ceod, routes } = await together({
    accounts: () => loadAccounts(dir),
    ceod: () => loadCeod(dir),
    routes: () => loadRoutes(dir, allOps),
  });
  const { name: hostname } = await canonicalHost(ceod.settings.ceodHostname ?? ownHostname());
  const { own: routed, warnings } = await routesOf(hostname, routes);
  const own = withPing(routed);
  const makesAccounts = own.some(
    (route) => route.name === ops.addUser.name && !isExternal(route, ceod.settings),
  );
  return {
    accounts: accounts.settings,
    ceod: ceod.settings,
    hostname,
    ownRoutes: own,
    files: [...accounts.files, ...ceod.files],
    lines: [...accounts.lines, ...ceod.lines],
    warnings: [
      ...accounts.warnings,
      ...adviceOn(accounts),
      ...ceod.warnings,
      ...(makesAccounts
        ? adviceOnQuota(
            [accounts.settings.memberHome, accounts.settings.clubHome],
            ceod.settings.quotaCommand,
          )
        : []),
      ...warnings,
    ],
  };
}

/** The routes to a host; that another host is not known is no reason not to serve. */
async function routesOf(hostname: string, routes: readonly Route[]) {
  const own: Route[] = [];
  const warnings: string[] = [];
  for (const route of routes) {
    try {
      if ((await route.host()).name === hostname) own.push(route);
    } catch (error) {
      warnings.push(messageOf(error));
    }
  }
  return { own, warnings };
}

/** The files that hold the password of an op, if it has one. @throws CeoError config */
export const secretFilesOf = (route: Pick<Route, 'name'>, ceod: CeodSettings) =>
  settingsOf(route, ceod)?.files ?? [];

/**
 * Every ceod serves ping, as whoever asks it wants to hear of that host: where no routing file gives
 * it to this one, by the runner that knows most.
 */
function withPing(own: readonly Route[]): readonly Route[] {
  const { id, name, runAs } = ops.ping;
  const [any] = own;
  if (any === undefined || own.some((route) => route.name === name)) return own;
  const { user, host } = own.find((route) => route.user === runAs) ?? any;
  return [...own, { id, name, user, host }];
}

/** What an op has of its own, beside what all have. @throws CeoError config */
function settingsOf(route: Pick<Route, 'name'>, ceod: CeodSettings) {
  const settings = allOps.find(({ name }) => name === route.name)?.settings ?? '';
  return settings === '' || isExternal(route, ceod)
    ? undefined
    : ownSettings(settings, configDir());
}

/** Every setting that counts on this host, a line each. @throws CeoError config */
export const settingsInForce = ({ lines, ownRoutes, ceod }: DaemonConfig): readonly string[] => [
  ...lines,
  ...ownRoutes.flatMap((route) => settingsOf(route, ceod)?.lines ?? []),
];

/** By which the ops of a user other than root look people up. */
export const lookupKeytabOf = (
  { lookupKeytab }: Pick<CeodSettings, 'lookupKeytab'>,
  user: string,
) => lookupKeytab.replaceAll('{user}', user);

/**
 * What the runner of an op user authenticates with: the admin keytab if it is
 * root's, else one for look-ups.
 */
export function runnerCredential(
  { adminKeytab, lookupKeytab }: CeodSettings,
  user: string,
  isAdmin: boolean,
) {
  const keytab = isAdmin ? adminKeytab : lookupKeytabOf({ lookupKeytab }, user);
  return { KRB5_CLIENT_KTNAME: `FILE:${keytab}`, KRB5CCNAME: 'MEMORY:ceod' };
}

/** @throws CeoError config, if no op is routed to this host */
export function requireOps({ hostname, ownRoutes }: DaemonConfig): void {
  if (ownRoutes.length > 0) return;
  throw new CeoError('config', `No op is routed to this host, ${hostname}.`, {
    next: `Add a line to ${configDir()}/ops/*, or set ceod_hostname in ceod.cf.`,
  });
}

/**
 * Reads what the ops of this host need besides, as root can.
 * @throws CeoError config
 */
export function requireOpFiles({ ownRoutes, ceod }: DaemonConfig): void {
  for (const route of ownRoutes) {
    secretFilesOf(route, ceod);
    if (isExternal(route, ceod)) requireProgram(route.name);
  }
}

function requireProgram(opName: string): void {
  const program = programOf(opName);
  try {
    accessSync(program, constants.X_OK);
  } catch (cause) {
    throw new CeoError('config', `There is no program ${program} that executes the op ${opName}.`, {
      next: 'Install it, set CEO_LIB_DIR, or remove the line from ops/*.',
      cause,
    });
  }
}
