/**
 * What actions work with: ceod, the directory with the user's own ticket, the
 * library. Each is opened when it is first used, so that `--help` loads none.
 */
import type { CeodClient } from '../ceoc/client.js';
import type { AccountsSettings, CeodSettings } from '../config/settings.js';
import type { Account, ManagedAccount } from '../directory/accounts.js';
import type { IdRanges } from '../directory/idNumbers.js';
import type { SiteDirectory } from '../directory/siteDirectory.js';
import type { University } from '../directory/university.js';
import { CeoError } from '../errors.js';
import type { NewAccountRules } from '../newAccount.js';
import type { BookDetails } from '../library/bookservice.js';
import type { Catalogue } from '../library/catalogue.js';
import type { Isbn } from '../library/isbn.js';
import type { Attendant } from './terminal.js';
import type { UnderWay } from './underWay.js';

/** The directory, and the settings of the site. */
export interface Site {
  readonly directory: SiteDirectory;
  readonly accounts: AccountsSettings;
  readonly settings: CeodSettings;
  /** The numbers of members and clubs. */
  readonly ranges: IdRanges;
  /** Of new accounts and forwards, before anything is sent. */
  readonly rules: NewAccountRules;
}

/** The library's database, and who describes new books. */
interface Library {
  readonly catalogue: Catalogue;
  readonly askBookService: (isbn: Isbn) => Promise<BookDetails | undefined>;
}

export class Context {
  private client: Promise<CeodClient> | undefined;
  private opened: Promise<Site> | undefined;
  private asked: Promise<University | undefined> | undefined;
  private ticket: Promise<string> | undefined;
  private books: Promise<Library> | undefined;

  private current: UnderWay | undefined;

  constructor(readonly attendant: Attendant) {}

  /** What is being changed just now. */
  get underWay(): UnderWay | undefined {
    return this.current;
  }

  /** Makes a change; one that is a part of another counts as that. */
  async change<T>(underWay: UnderWay, make: () => Promise<T>): Promise<T> {
    if (this.current !== undefined) return make();
    this.current = underWay;
    try {
      return await make();
    } finally {
      this.current = undefined;
    }
  }

  /** The same through ceod: whoever has to sign in for it is not interrupted in it. */
  async changeByCeod<T>(underWay: UnderWay, make: (ceod: CeodClient) => Promise<T>): Promise<T> {
    await this.signIn();
    return this.change(underWay, async () => make(await this.ceod()));
  }

  /** The typed client of ceod. */
  ceod(): Promise<CeodClient> {
    return (this.client ??= this.signIn().then(connectCeod));
  }

  /** The directory, with the user's own ticket. */
  site(): Promise<Site> {
    return (this.opened ??= this.signIn().then(openSite));
  }

  /** The university's directory, without a ticket; undefined if the site names none. */
  university(): Promise<University | undefined> {
    return (this.asked ??= openUniversity());
  }

  /** Who you are: the username of the ticket, whatever the Unix user's is. */
  async username(): Promise<string> {
    return (await this.signIn()).replace(/@.*/, '');
  }

  /** @throws CeoError not_found */
  async account(username: string): Promise<Account> {
    const account = await this.findAccount(username);
    if (account !== undefined) return account;
    throw await this.noAccount(username);
  }

  /** The error that says so, with the name that may have been meant. */
  async noAccount(username: string): Promise<CeoError> {
    const { directory } = await this.site();
    const [{ usernamesLike }, { didYouMean }] = await Promise.all([
      import('../directory/accounts.js'),
      import('../nearest.js'),
    ]);
    // Whatever hinders the search, what was asked for is not there.
    const names = await usernamesLike(directory, username).catch(() => []);
    return new CeoError(
      'not_found',
      `There is no account ${username}.${didYouMean(username, names)}`,
    );
  }

  /**
   * An account to which something may be given, or as which something may be done.
   * @throws CeoError not_found; denied, if its numbers are none of the site's own
   */
  async managedAccount(username: string): Promise<ManagedAccount> {
    const { ranges } = await this.site();
    const { managed } = await import('../directory/accounts.js');
    return managed(await this.account(username), ranges);
  }

  async findAccount(username: string): Promise<Account | undefined> {
    const { directory } = await this.site();
    const { findAccount } = await import('../directory/accounts.js');
    return findAccount(directory, username);
  }

  /** Opened again after the connection was lost. */
  async library(): Promise<Library> {
    const current = this.books;
    const open = await current?.catch(() => undefined);
    if (open?.catalogue.isOpen === true) return open;
    if (this.books === current) this.books = openLibrary();
    return this.books ?? openLibrary();
  }

  /** What is needed again is opened anew, with the ticket that there is then. */
  async close(): Promise<void> {
    const { client, opened, books, asked } = this;
    this.client = this.opened = this.books = this.asked = this.ticket = undefined;
    (await client?.catch(() => undefined))?.close();
    (await opened?.catch(() => undefined))?.directory.close();
    await (await books?.catch(() => undefined))?.catalogue.close();
    (await asked?.catch(() => undefined))?.close();
  }

  /** The principal of a ticket, which is asked for if there is none. @throws CeoError */
  private signIn(): Promise<string> {
    return (this.ticket ??= import('./signIn.js').then(({ signIn }) => signIn(this.attendant)));
  }
}

async function connectCeod(): Promise<CeodClient> {
  const [{ createClient }, { loadSite }, { Ceod }] = await Promise.all([
    import('../ceoc/client.js'),
    import('../ceoc/site.js'),
    import('../generated/ceo/ceo_pb.js'),
  ]);
  const { route, timeouts } = loadSite();
  return createClient(Ceod, route, timeouts);
}

async function openSite(): Promise<Site> {
  const [
    { basesOf, clientRules, configDir, idRanges, loadAccounts, loadCeod },
    { SiteDirectory: Connection },
    { Servers },
  ] = await Promise.all([
    import('../config/settings.js'),
    import('../directory/siteDirectory.js'),
    import('../directory/servers.js'),
  ]);
  const { settings: accounts } = loadAccounts(configDir());
  const { settings } = loadCeod(configDir());
  const directory = new Connection(basesOf(accounts), {
    servers: new Servers(accounts.ldapServerUrl, accounts.ldapWriteUrl),
    timeoutMs: settings.connectTimeout * 1000,
  });
  const rules = clientRules(accounts, settings);
  return { directory, accounts, settings, ranges: idRanges(accounts), rules };
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

async function openUniversity(): Promise<University | undefined> {
  const [{ configDir, loadCeod }, { University: Connection }] = await Promise.all([
    import('../config/settings.js'),
    import('../directory/university.js'),
  ]);
  const { universityLdapUrl: urls, universityLdapBase: base } = loadCeod(configDir()).settings;
  return urls && base ? new Connection({ urls, base }) : undefined;
}
