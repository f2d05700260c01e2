/**
 * What actions work with: the terminal, ceod, the directory with the user's own
 * ticket. Each is made when it is first used, so that `--help` loads none.
 */
import type { CeodClient } from '../ceoc/client.js';
import type { Account } from '../directory/accounts.js';
import type { Directory } from '../directory/connection.js';
import type { Registration, Term } from '../directory/terms.js';
import { processTerminal, type Terminal } from './terminal.js';

/** The directory, and where things are in it. */
interface Site {
  readonly directory: Directory;
  readonly find: (username: string) => Promise<Account | undefined>;
}

export class Context {
  readonly terminal: Terminal = processTerminal();
  private client: Promise<CeodClient> | undefined;
  private site: Promise<Site> | undefined;

  /** The typed client of ceod. */
  ceod(): Promise<CeodClient> {
    return (this.client ??= connectCeod());
  }

  /** @throws CeoError not_found */
  async account(username: string): Promise<Account> {
    const account = await this.findAccount(username);
    if (account !== undefined) return account;
    const { CeoError } = await import('../errors.js');
    throw new CeoError('not_found', `There is no account ${username}.`);
  }

  async findAccount(username: string): Promise<Account | undefined> {
    return (await this.openSite()).find(username);
  }

  /** Registers somebody for the next terms not yet registered. @returns those terms */
  async registerTerms(
    username: string,
    registration: Registration,
    count: number,
  ): Promise<string[]> {
    const { directory } = await this.openSite();
    const { registerTerms } = await import('../directory/terms.js');
    return registerTerms(directory, await this.account(username), registration, count);
  }

  /** Registers somebody for what is missing of `count` terms. @returns those that were */
  async registerMissingTerms(
    username: string,
    registration: Registration,
    count: number,
    from: Term,
  ): Promise<string[]> {
    const { directory } = await this.openSite();
    const { addTerms, missingTerms } = await import('../directory/terms.js');
    const account = await this.account(username);
    const missing = missingTerms(account, registration, count, from);
    return addTerms(directory, account, registration, missing);
  }

  async close(): Promise<void> {
    (await this.client?.catch(() => undefined))?.close();
    (await this.site?.catch(() => undefined))?.directory.close();
  }

  private openSite(): Promise<Site> {
    return (this.site ??= openSite());
  }
}

async function connectCeod(): Promise<CeodClient> {
  const [{ createClient }, { siteRouter, siteTimeouts }, { Ceod }] = await Promise.all([
    import('../ceoc/client.js'),
    import('../ceoc/site.js'),
    import('../generated/ceo/ceo_pb.js'),
  ]);
  return createClient(Ceod, siteRouter(), siteTimeouts());
}

async function openSite(): Promise<Site> {
  const [{ configDir, loadAccounts, loadCeod }, { Directory: Connection }, { findAccount }] =
    await Promise.all([
      import('../config/settings.js'),
      import('../directory/connection.js'),
      import('../directory/accounts.js'),
    ]);
  const { settings } = loadAccounts(configDir());
  const { connectTimeout } = loadCeod(configDir()).settings;
  const bases = {
    users: settings.ldapUsersBase,
    groups: settings.ldapGroupsBase,
    sudo: settings.ldapSudoBase,
  };
  const directory = new Connection({
    urls: settings.ldapServerUrl,
    timeoutMs: connectTimeout * 1000,
  });
  return {
    directory,
    find: (username) => findAccount(directory, bases, username),
  };
}
