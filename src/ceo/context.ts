/**
 * What actions work with: the terminal, ceod, the directory with the user's own
 * ticket. Each is made when it is first used, so that `--help` loads none.
 */
import type { CeodClient } from '../ceoc/client.js';
import type { Account } from '../directory/accounts.js';
import type { Directory } from '../directory/connection.js';
import type { Registration } from '../directory/terms.js';
import type { BookDetails } from '../library/bookservice.js';
import type { Catalogue } from '../library/catalogue.js';
import type { Isbn } from '../library/isbn.js';
import { processTerminal, type Terminal } from './terminal.js';

/** The directory, and where things are in it. */
interface Site {
  readonly directory: Directory;
  readonly find: (username: string) => Promise<Account>;
}

/** The library's database, and who describes new books. */
interface Library {
  readonly catalogue: Catalogue;
  readonly askBookService: (isbn: Isbn) => Promise<BookDetails | undefined>;
}

export class Context {
  readonly terminal: Terminal = processTerminal();
  private client: Promise<CeodClient> | undefined;
  private site: Promise<Site> | undefined;
  private books: Promise<Library> | undefined;

  /** The typed client of ceod. */
  ceod(): Promise<CeodClient> {
    return (this.client ??= connectCeod());
  }

  /** @throws CeoError not_found */
  async account(username: string): Promise<Account> {
    return (await this.openSite()).find(username);
  }

  /** Registers somebody for the next terms not yet registered. @returns those terms */
  async registerTerms(
    username: string,
    registration: Registration,
    count: number,
  ): Promise<string[]> {
    const { directory, find } = await this.openSite();
    const { registerTerms } = await import('../directory/terms.js');
    return registerTerms(directory, await find(username), registration, count);
  }

  library(): Promise<Library> {
    return (this.books ??= openLibrary());
  }

  async close(): Promise<void> {
    (await this.client?.catch(() => undefined))?.close();
    (await this.site?.catch(() => undefined))?.directory.close();
    await (await this.books?.catch(() => undefined))?.catalogue.close();
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
  const [
    { configDir, loadAccounts, loadCeod },
    { Directory: Connection },
    { findAccount },
    { CeoError },
  ] = await Promise.all([
    import('../config/settings.js'),
    import('../directory/connection.js'),
    import('../directory/accounts.js'),
    import('../errors.js'),
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
    async find(username) {
      const account = await findAccount(directory, bases, username);
      if (account !== undefined) return account;
      throw new CeoError('not_found', `There is no account ${username}.`);
    },
  };
}

async function openLibrary(): Promise<Library> {
  const [{ configDir, loadCeod, loadLibrary }, { Catalogue: Books }, { askBookService }] =
    await Promise.all([
      import('../config/settings.js'),
      import('../library/catalogue.js'),
      import('../library/bookservice.js'),
    ]);
  const { libraryConnectString, libraryLoanDays, bookServiceUrl } =
    loadLibrary(configDir()).settings;
  const timeoutMs = loadCeod(configDir()).settings.connectTimeout * 1000;
  return {
    catalogue: await Books.open({
      connectString: libraryConnectString,
      loanDays: libraryLoanDays,
      timeoutMs,
    }),
    askBookService: (isbn) => askBookService({ url: bookServiceUrl, timeoutMs }, isbn),
  };
}
