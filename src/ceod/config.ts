/** Everything a daemon on this host reads before it starts. */
import { accessSync, constants, readdirSync } from 'node:fs';
import path from 'node:path';
import { canonicalHost, ownHostname } from '../config/hosts.js';
import { readableByOthers, writableByOthers, type Problem } from '../config/permissions.js';
import { loadRoutes, type Route } from '../config/routes.js';
import {
  configDir,
  loadAccounts,
  loadCeod,
  loadMailman,
  loadMysql,
  type AccountsSettings,
  type CeodSettings,
} from '../config/settings.js';
import { CeoError, messageOf } from '../errors.js';
import { allOps } from '../protocol/ops.js';
import { userInNss } from './accounts/names.js';
import { isExternal, programOf } from './external.js';

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
  const { own, warnings } = await routesOf(hostname, loadRoutes(dir, allOps));
  return {
    accounts: accounts.settings,
    ceod: ceod.settings,
    hostname,
    ownRoutes: own,
    files: [...accounts.files, ...ceod.files],
    warnings: [...accounts.warnings, ...ceod.warnings, ...warnings],
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

/** Files of passwords, each for the user of one op. */
const SECRET_FILES: Readonly<Record<string, { file: string; load: (dir: string) => unknown }>> = {
  mysql: { file: 'mysql.cf', load: loadMysql },
  mailman: { file: 'mailman.cf', load: loadMailman },
};

const secretFileOf = (route: Route, ceod: CeodSettings) =>
  isExternal(route, ceod) ? undefined : SECRET_FILES[route.name];

/**
 * What the runner of an op user authenticates with: the admin keytab if it is
 * root's, else one for look-ups.
 */
export function runnerCredential(
  { adminKeytab, lookupKeytab }: CeodSettings,
  user: string,
  isAdmin: boolean,
) {
  const keytab = isAdmin ? adminKeytab : lookupKeytab.replaceAll('{user}', user);
  return { KRB5_CLIENT_KTNAME: `FILE:${keytab}`, KRB5CCNAME: 'MEMORY:ceod' };
}

/** What a daemon that runs as root refuses: files that others can change or read. */
export async function permissionProblems(config: DaemonConfig): Promise<Problem[]> {
  const { ceod, ownRoutes, files } = config;
  const dir = configDir();
  const ops = path.join(dir, 'ops');
  const programs = ownRoutes.filter((route) => isExternal(route, ceod));
  const readable = async (file: string, user: string) => {
    const found = user === 'root' ? undefined : await userInNss(user);
    return readableByOthers(file, found && { ...found, name: user });
  };
  // A program of the site's needs none of our keys.
  const builtIn = ownRoutes.filter((route) => !isExternal(route, ceod));
  const users = [...new Set(builtIn.map(({ user }) => user))];
  const keytabOf = (user: string) =>
    user === 'root' ? ceod.adminKeytab : ceod.lookupKeytab.replaceAll('{user}', user);
  const problems = await Promise.all([
    readable(ceod.serviceKeytab, ceod.sessionUser),
    ...users.map((user) => readable(keytabOf(user), user)),
    ...ownRoutes.map(async (route) => {
      const secret = secretFileOf(route, ceod);
      return secret === undefined ? [] : readable(path.join(dir, secret.file), route.user);
    }),
  ]);
  return [
    ...writableByOthers([
      ...files,
      ops,
      ...readdirSync(ops).map((name) => path.join(ops, name)),
      ...programs.map(({ name }) => programOf(name)),
      // Whoever can replace a keytab, or put something in the way of a new home, is root.
      ceod.serviceKeytab,
      ...users.map(keytabOf),
      ceod.stateDir,
      ...(users.includes('root') ? [config.accounts.memberHome, config.accounts.clubHome] : []),
    ]),
    ...problems.flat(),
  ];
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
    secretFileOf(route, ceod)?.load(configDir());
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
