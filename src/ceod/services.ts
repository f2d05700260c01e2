/** Puts a runner together: the operations, and what they work with. */
import path from 'node:path';
import {
  clubSettings,
  memberSettings,
  type AccountsSettings,
  type CeodSettings,
} from '../config/settings.js';
import { shippedReservedNames } from '../config/reservedNames.js';
import { findAccount, findName, type Account, type Bases } from '../directory/accounts.js';
import { Directory } from '../directory/connection.js';
import { groupsOf } from '../directory/groups.js';
import { Kadmin } from '../kerberos/kadmin.js';
import type { Identity } from '../process/run.js';
import { Status } from '../protocol/status.js';
import { accountSteps } from './accounts/steps.js';
import { groupMembersInNss, userInNss } from './accounts/names.js';
import type { AccountPlan, AccountSecrets } from './accounts/plan.js';
import { Authority, type GroupsOf } from './authority.js';
import type { DaemonConfig } from './config.js';
import { notServed, type Operations } from './dispatcher.js';
import type { Hook } from './hook.js';
import { Journal } from './journal.js';
import type { Logger } from './log.js';
import { addUser } from './ops/adduser.js';
import { mail } from './ops/mail.js';
import { Refusal } from './refusal.js';
import { Transactions, type Observer } from './transaction.js';

export interface Services {
  readonly operations: Operations;
  readonly authority: Authority;
  /** Rolls back what a runner that died left half-made. */
  recover(): Promise<void>;
  close(): void;
}

/** @param observe called around each step of a transaction */
export async function createServices(
  { accounts, ceod }: DaemonConfig,
  log: Logger,
  observe?: Observer,
): Promise<Services> {
  const stepTimeoutMs = ceod.stepTimeout * 1000;
  const bases: Bases = {
    users: accounts.ldapUsersBase,
    groups: accounts.ldapGroupsBase,
    sudo: accounts.ldapSudoBase,
  };
  const directory = new Directory({
    urls: accounts.ldapServerUrl,
    timeoutMs: stepTimeoutMs,
    principal: accounts.ldapAdminPrincipal,
  });
  const kadmin = new Kadmin({
    realm: accounts.krb5Realm,
    adminPrincipal: accounts.krb5AdminPrincipal,
    keytab: ceod.adminKeytab,
    timeoutMs: stepTimeoutMs,
  });
  const staff = { office: ceod.officeGroup, syscom: ceod.syscomGroup };
  const lookUp: GroupsOf =
    ceod.authGroups === 'nss'
      ? (username) => groupsInNss(username, Object.values(staff))
      : async (username) =>
          new Set((await groupsOf(directory, bases, username)).map(({ name }) => name));
  const authority = new Authority(lookUp, staff, log);
  const transactions = new Transactions<AccountPlan, AccountSecrets>(
    accountSteps({ accounts, ceod, bases, directory, kadmin }),
    new Journal(path.join(ceod.stateDir, 'journal')),
    log,
    observe,
  );

  const operations: Operations = {
    addUser: addUser({
      transactions,
      usernameRegex: accounts.usernameRegex,
      minPasswordLength: accounts.minPasswordLength,
      plan: {
        settings: accounts,
        reservedNames: new Set([...shippedReservedNames, ...ceod.reservedNames]),
        nameInDirectory: (name) =>
          asking(Status.ELDAP, 'the directory', findName(directory, bases, name)),
        principalExists: async (name) =>
          (await asking(Status.EKERB, 'Kerberos', kadmin.get(name))) !== undefined,
      },
      hasQuota: ceod.quotaCommand !== undefined,
      hook: await notifyHook(accounts, ceod),
    }),
    updateMail: mail({
      authority,
      findAccount: (username) =>
        asking(Status.ELDAP, 'the directory', findAccount(directory, bases, username)),
      isManagedId: (uid) =>
        [memberSettings(accounts), clubSettings(accounts)].some(
          ({ minId, maxId }) => uid >= minId && uid <= maxId,
        ),
      identityOf: (account) =>
        asking(Status.ELDAP, 'the directory', identityOf(account, directory, bases)),
      stepTimeoutMs,
    }),
    addMySQLUser: notServed,
    subscribe: notServed,
  };

  return {
    operations,
    authority,
    recover: () => transactions.recover(),
    close: () => directory.close(),
  };
}

const isRoot = () => process.getuid?.() === 0;

/** Turns a look-up that cannot be made into a refusal: nothing was changed yet. */
async function asking<T>(status: number, whom: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal(status, `${whom} cannot be asked just now: ${why}`, { cause: error });
  }
}

/** The account's uid, gid, and the groups that the directory says it is in. */
async function identityOf(
  { username, uidNumber: uid, gidNumber: gid }: Account,
  directory: Directory,
  bases: Bases,
): Promise<Identity | undefined> {
  if (!isRoot()) return undefined;
  const groups = (await groupsOf(directory, bases, username)).map(({ gidNumber }) => gidNumber);
  return { uid, gid, groups: groups.filter((group) => Number.isInteger(group) && group > 0) };
}

async function groupsInNss(username: string, groups: readonly string[]): Promise<Set<string>> {
  const lists = await Promise.all(
    groups.map(async (group) => ({ group, members: await groupMembersInNss(group) })),
  );
  return new Set(
    lists.filter(({ members }) => members.includes(username)).map(({ group }) => group),
  );
}

async function notifyHook(
  { notifyHook: program }: AccountsSettings,
  { hookUser, hookTimeout }: CeodSettings,
): Promise<Hook | undefined> {
  if (program === undefined) return undefined;
  const user = isRoot() ? await userInNss(hookUser) : undefined;
  if (isRoot() && user === undefined) throw new Error(`hook_user ${hookUser} does not exist`);
  return {
    program,
    as: user && { ...user, groups: [] },
    timeoutMs: hookTimeout * 1000,
  };
}
