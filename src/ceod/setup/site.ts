/** What ceod-setup knows before it looks: the configuration, which host is meant, and what is at hand. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { canonicalHost, ownHostname } from '../../config/hosts.js';
import { loadRoutes, type Route } from '../../config/routes.js';
import {
  configDir,
  loadAccounts,
  loadCeod,
  type AccountsSettings,
  type CeodSettings,
} from '../../config/settings.js';
import { CeoError } from '../../errors.js';
import { allOps } from '../../protocol/ops.js';
import { LocalDirectory } from './localDirectory.js';
import { ask } from './step.js';

export interface SetupOptions {
  readonly host: string;
  /** The first member of syscom. */
  readonly syscom: string | undefined;
  /** Ops that this host is to serve; undefined: those of root that no other host serves. */
  readonly ops: readonly string[] | undefined;
  /** Where slapd takes root for root. */
  readonly ldapi: string;
  readonly slapdConf: string;
}

export interface Site extends Omit<SetupOptions, 'host' | 'ops'> {
  readonly dir: string;
  readonly accounts: AccountsSettings;
  readonly ceod: CeodSettings;
  /** The canonical full name of the host that is set up. */
  readonly host: string;
  /** Whether that is this machine. */
  readonly isHere: boolean;
  /** Whether the realm's database is on this machine. */
  readonly hasRealm: boolean;
  /** Undefined: slapd is on another machine, or lets root do nothing. */
  readonly directory: LocalDirectory | undefined;
  /** Those that are to be routed to the host. */
  readonly ops: readonly { readonly name: string; readonly user: string; readonly id: number }[];
}

/** @throws CeoError config, usage */
export async function lookAround({ host, ops, ...options }: SetupOptions): Promise<Site> {
  const dir = configDir();
  const { settings: accounts } = loadAccounts(dir);
  const { settings: ceod } = loadCeod(dir);
  const { name } = await canonicalHost(host);
  const [isHere, directory, realm] = await Promise.all([
    isThisMachine(name, ceod),
    LocalDirectory.open(options.ldapi),
    ask('kadmin.local', '-r', accounts.krb5Realm, 'getprinc', `krbtgt/${accounts.krb5Realm}`),
  ]);
  return {
    ...options,
    dir,
    accounts,
    ceod,
    host: name,
    isHere,
    hasRealm: realm !== undefined,
    directory,
    ops: await wantedOps(dir, name, ops),
  };
}

async function isThisMachine(name: string, { ceodHostname }: CeodSettings): Promise<boolean> {
  try {
    return (await canonicalHost(ceodHostname ?? ownHostname())).name === name;
  } catch {
    return false;
  }
}

/** Those of ops/*, which need not be there yet. */
export const routesIn = (dir: string): Route[] =>
  existsSync(path.join(dir, 'ops')) ? loadRoutes(dir, allOps) : [];

/** Where an op is served; undefined if nowhere, or on a host that is not known. */
export async function hostOf(dir: string, op: string): Promise<string | undefined> {
  const route = routesIn(dir).find(({ name }) => name === op);
  try {
    return (await route?.host())?.name;
  } catch {
    return undefined;
  }
}

async function wantedOps(dir: string, host: string, named: readonly string[] | undefined) {
  const unknown = named?.find((each) => !allOps.some(({ name }) => name === each));
  if (unknown !== undefined) {
    throw new CeoError('usage', `There is no op ${unknown}.`, {
      next: `There are ${allOps.map(({ name }) => name).join(', ')}.`,
    });
  }
  const routes = routesIn(dir);
  const served = await Promise.all(
    allOps.map(async (op) => {
      const route = routes.find(({ name }) => name === op.name);
      const at = route && (await hostOf(dir, op.name));
      const isOurs = route === undefined ? op.runAs === 'root' : at === host;
      const isWanted = named === undefined ? isOurs : named.includes(op.name) || at === host;
      return isWanted ? [{ name: op.name, user: route?.user ?? op.runAs, id: op.id }] : [];
    }),
  );
  return served.flat();
}

/** Users other than root as whom this host executes ops. */
export const opUsersOf = ({ ops }: Site): string[] => [
  ...new Set(ops.map(({ user }) => user).filter((user) => user !== 'root')),
];
