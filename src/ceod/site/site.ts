/** The site as the operations of one op user see it: its people, their rights, how to work as them. */
import os from 'node:os';
import { messageOf } from '../../errors.js';
import {
  basesOf,
  configDir,
  idRanges,
  type AccountsSettings,
  type CeodSettings,
} from '../../config/settings.js';
import {
  findAccount,
  findName,
  managed,
  type Account,
  type ManagedAccount,
} from '../../directory/accounts.js';
import { SiteDirectory } from '../../directory/siteDirectory.js';
import { Servers } from '../../directory/servers.js';
import { groupsOf } from '../../directory/groups.js';
import { referencesTo } from '../../directory/references.js';
import { ownId, type IdRanges } from '../../directory/idNumbers.js';
import { Kadmin } from '../../kerberos/kadmin.js';
import { printable } from '../../printable.js';
import { isKnown } from '../../process/nss.js';
import type { Identity } from '../../process/run.js';
import type { RuleSettings } from '../../protocol/fieldRules.js';
import { Status } from '../../protocol/status.js';
import { groupMembersInNss } from '../../process/nss.js';
import { tracesOfName } from '../accounts/traces.js';
import { Authority, type Caller } from './authority.js';
import type { DaemonConfig } from '../base/config.js';
import type { Logger } from '../base/log.js';
import { denied, notFound, Refusal, statusOfUnchanged } from '../base/refusal.js';

type SiteConfig = Pick<DaemonConfig, 'accounts' | 'ceod' | 'hostname' | 'ownRoutes'>;

export class Site {
  readonly accounts: AccountsSettings;
  readonly ceod: CeodSettings;
  /** Where the configuration is. */
  readonly configDir = configDir();
  /** This host's canonical full name, and the ops that it serves. */
  readonly hostname: string;
  readonly opNames: readonly string[];
  readonly ids: IdRanges;
  readonly directory: SiteDirectory;
  /** The same, at the one server that takes changes: what decides about them is read there as well. */
  readonly primary: SiteDirectory;
  readonly kadmin: Kadmin;
  readonly authority: Authority;
  readonly stepTimeoutMs: number;
  /** Of fields of requests. */
  readonly rules: RuleSettings;

  /** @param isAdmin whether this process holds the admin keytab, or only one for look-ups */
  constructor(
    { accounts, ceod, hostname, ownRoutes }: SiteConfig,
    readonly isAdmin: boolean,
    readonly log: Logger,
  ) {
    this.accounts = accounts;
    this.ceod = ceod;
    this.hostname = hostname;
    this.opNames = ownRoutes.map(({ name }) => name);
    this.ids = idRanges(accounts);
    this.rules = accounts;
    this.stepTimeoutMs = ceod.stepTimeout * 1000;
    const bases = basesOf(accounts);
    const options = {
      servers: new Servers(accounts.ldapServerUrl, accounts.ldapWriteUrl),
      timeoutMs: this.stepTimeoutMs,
      ...(isAdmin && { principal: accounts.ldapAdminPrincipal }),
    };
    this.directory = new SiteDirectory(bases, options);
    this.primary = new SiteDirectory(bases, { ...options, primaryOnly: true });
    this.kadmin = new Kadmin({
      realm: accounts.krb5Realm,
      adminPrincipal: accounts.krb5AdminPrincipal,
      keytab: ceod.adminKeytab,
      timeoutMs: this.stepTimeoutMs,
    });
    const staff = { office: ceod.officeGroup, syscom: ceod.syscomGroup };
    const groups =
      ceod.authGroups === 'nss'
        ? (username: string) => groupsInNss(username, Object.values(staff))
        : (username: string) => this.groupNames(username);
    // A group may still hold somebody whose account is gone.
    const groupsOfAccount = async (username: string) => {
      const [account, names] = await Promise.all([this.findAccount(username), groups(username)]);
      if (account !== undefined) return names;
      // Where groups are the system's, so may be staff.
      const isHere = ceod.authGroups === 'nss' && (await isKnown('user', username));
      return isHere ? names : new Set<string>();
    };
    this.authority = new Authority(groupsOfAccount, staff, log);
  }

  /** @throws Refusal if the directory cannot be asked */
  findAccount(username: string): Promise<Account | undefined> {
    return asking(Status.ELDAP, 'the directory', findAccount(this.directory, username));
  }

  /** What the directory has of a name that is to be given: `user x`, `group x`, `sudo rule x`. */
  findName(name: string): Promise<string | undefined> {
    return asking(Status.ELDAP, 'the directory', findName(this.primary, name));
  }

  /**
   * What an earlier holder of a name has left in the directory and on this host.
   * @throws Refusal if the directory cannot be asked
   */
  async tracesOf(name: string): Promise<string[]> {
    const { primary } = this;
    const [references, here] = await Promise.all([
      asking(Status.ELDAP, 'the directory', referencesTo(primary, name)),
      tracesOfName(name),
    ]);
    return [
      ...references.map(({ dn, attribute, value }) => {
        const what = `${attribute} ${printable(value)} of ${printable(dn)}`;
        const group = attribute === 'uniqueMember' ? /^cn=([\w.-]+),/i.exec(dn)?.[1] : undefined;
        const how = group === undefined ? 'delete' : `remove: ceo groups remove ${group} ${name}`;
        return `${what} in the directory, which a member of syscom can ${how}`;
      }),
      ...here.map((trace) => `${trace} on ${os.hostname()}, which root can remove there`),
    ];
  }

  /**
   * An account that ops may act on: its numbers are in the range of its kind.
   * @throws Refusal
   */
  async managedAccount(username: string): Promise<ManagedAccount> {
    const account = await this.findAccount(username);
    if (account === undefined) throw notFound(`there is no user ${printable(username)}`);
    try {
      return managed(account, this.ids);
    } catch (error) {
      throw denied(messageOf(error));
    }
  }

  /** Whether the caller stands in the directory's group of a club. */
  async isInClub(caller: Caller, club: Account): Promise<boolean> {
    if (club.kind !== 'club') return false;
    const groups = await asking(Status.ELDAP, 'the directory', this.groupNames(caller.username));
    return groups.has(club.username);
  }

  /**
   * Its uid, gid and groups in the directory, to work as; undefined: as ceod, which is not root.
   * Groups that are no member's and no club's are left out: nothing in a home needs them.
   */
  async identityOf(account: ManagedAccount): Promise<Identity | undefined> {
    if (!isRoot()) return undefined;
    const { username, uidNumber: uid, gidNumber: gid } = account;
    const found = await asking(Status.ELDAP, 'the directory', groupsOf(this.directory, username));
    const { member, club } = this.ids;
    const groups = found
      .map(({ gidNumber }) => ownId(gidNumber, member) ?? ownId(gidNumber, club))
      .filter((group) => group !== undefined);
    return { uid, gid, groups };
  }

  close(): void {
    this.directory.close();
    this.primary.close();
    this.kadmin.close();
  }

  private async groupNames(username: string): Promise<Set<string>> {
    const groups = await groupsOf(this.directory, username);
    return new Set(groups.map(({ name }) => name));
  }
}

export const isRoot = () => process.getuid?.() === 0;

/** Turns a look-up that cannot be made into a refusal: nothing was changed yet. */
export async function asking<T>(status: number, whom: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const why = messageOf(error);
    const told = statusOfUnchanged(error, status);
    throw new Refusal(told, `${whom} cannot be asked just now: ${why}`, { cause: error });
  }
}

async function groupsInNss(username: string, groups: readonly string[]): Promise<Set<string>> {
  const lists = await Promise.all(
    groups.map(async (group) => ({ group, members: await groupMembersInNss(group) })),
  );
  return new Set(
    lists.filter(({ members }) => members.includes(username)).map(({ group }) => group),
  );
}
