/**
 * A directory, over one connection, authenticated or anonymous, that is opened
 * when it is first needed and again after it was lost.
 */
import type { Socket } from 'node:net';
import {
  Attribute,
  Change,
  Client,
  ResultCodeError,
  type Entry as RawEntry,
  type Filter,
  type SearchOptions,
} from 'ldapts';
import { CeoError, type ErrorCode, messageOf } from '../errors.js';
import { printable } from '../printable.js';
import { BindRefused, openAnonymous, openBound } from './bind.js';
import { boundedPages, Intake, unusable } from './bounds.js';

export interface DirectoryOptions {
  /** Tried in turn. */
  readonly urls: readonly string[];
  /** For the connection and for each operation. */
  readonly timeoutMs: number;
  /** Whose credential is used; undefined: the default one, of the user. */
  readonly principal?: string;
  /** Nobody's: the directory tells strangers what we want of it. */
  readonly anonymous?: true;
  /** Which setting has the URLs, for people; `ldap_server_url in accounts.cf` unless given. */
  readonly setting?: string;
}

/** An entry: its DN, and the values of each attribute asked for. */
export interface Entry {
  readonly dn: string;
  /** The values of an attribute; empty if there are none. */
  values(attribute: string): readonly string[];
}

export interface Search {
  readonly scope: 'base' | 'one' | 'sub';
  readonly filter: Filter;
  readonly attributes: readonly string[];
  /** For a search that finds few entries: it need not wait for others, nor the server know paging. */
  readonly unpaged?: true;
}

/** One modification: values to add to, or delete from, an attribute. */
export interface Modification {
  readonly operation: 'add' | 'delete' | 'replace';
  readonly attribute: string;
  readonly values: readonly string[];
}

/** LDAP result codes, RFC 4511 appendix A. */
export const ResultCode = {
  noSuchAttribute: 16,
  attributeOrValueExists: 20,
  noSuchObject: 32,
  invalidCredentials: 49,
  insufficientAccessRights: 50,
  entryAlreadyExists: 68,
} as const;

const CODES: Readonly<Record<number, ErrorCode>> = {
  [ResultCode.noSuchObject]: 'not_found',
  [ResultCode.insufficientAccessRights]: 'denied',
  [ResultCode.entryAlreadyExists]: 'exists',
};

/** The directory refused an operation. */
export class DirectoryRefused extends CeoError {
  constructor(
    readonly resultCode: number,
    message: string,
    cause: unknown,
  ) {
    super(CODES[resultCode] ?? 'failed', message, { cause });
  }
}

const PAGE_SIZE = 500;

interface Link {
  readonly client: Client;
  readonly socket: Socket;
  readonly intake: Intake;
}

export class Directory {
  /** How many operations were sent: for tests and benchmarks. */
  operations = 0;
  private link: Promise<Link> | undefined;
  private lastPaged: Promise<unknown> = Promise.resolve();
  private socket: Socket | undefined;

  constructor(private readonly options: DirectoryOptions) {}

  /** The connection while it is open: another one stands for a server that was away in between. */
  get openConnection(): object | undefined {
    return this.socket?.readyState === 'open' ? this.socket : undefined;
  }

  /** Paged, so that a server's size limit does not cut the result. */
  async search(base: string, { scope, filter, attributes, unpaged }: Search): Promise<Entry[]> {
    const options = { scope, filter, attributes: [...attributes] };
    const search = async (client: Client): Promise<Entry[]> => {
      if (scope === 'base' || unpaged === true)
        return (await client.search(base, options)).searchEntries.map(toEntry);
      const entries: Entry[] = [];
      await this.eachPage(client, base, options, (page) => entries.push(...page));
      return entries;
    };
    try {
      return await this.send(search, 'read');
    } catch (error) {
      // A read may be sent again; a base that is not there has no entries.
      if (error instanceof DirectoryRefused) {
        if (error.resultCode === ResultCode.noSuchObject) return [];
        throw error;
      }
      // Without a link it was close() that ended the search.
      if (error instanceof CeoError || this.link === undefined) throw error;
      return this.send(search, 'read').catch((again: unknown) => {
        if (again instanceof CeoError || this.link === undefined) throw again;
        throw unusable(printable(messageOf(again)), this.options.setting, again);
      });
    }
  }

  /** A search that finds more than should be in memory at once. A lost connection ends it. */
  async visit(
    base: string,
    { scope, filter, attributes }: Search,
    visitor: (entry: Entry) => void,
  ): Promise<void> {
    const options = { scope, filter, attributes: [...attributes] };
    await this.send(
      (client) => this.eachPage(client, base, options, (page) => page.forEach(visitor)),
      'read',
    );
  }

  /** @throws CeoError exists, denied, outcome_unknown… */
  async add(
    dn: string,
    attributes: Readonly<Record<string, string | readonly string[]>>,
  ): Promise<void> {
    const values = Object.entries(attributes).map(
      ([type, values]) =>
        new Attribute({ type, values: typeof values === 'string' ? [values] : [...values] }),
    );
    await this.send((client) => client.add(dn, values), 'write');
  }

  async modify(dn: string, modifications: readonly Modification[]): Promise<void> {
    const changes = modifications.map(
      ({ operation, attribute: type, values }) =>
        new Change({ operation, modification: new Attribute({ type, values: [...values] }) }),
    );
    await this.send((client) => client.modify(dn, changes), 'write');
  }

  async delete(dn: string): Promise<void> {
    await this.send((client) => client.del(dn), 'write');
  }

  close(): void {
    this.link?.then(({ client }) => client.unbind()).catch(() => undefined);
    this.link = undefined;
  }

  private eachPage(
    client: Client,
    base: string,
    options: SearchOptions,
    take: (entries: Entry[]) => void,
  ): Promise<void> {
    const paged = { pageSize: PAGE_SIZE };
    return this.inTurn(async () => {
      const pages = client.searchPaginated(base, { ...options, paged });
      for await (const { searchEntries } of boundedPages(pages, this.options.timeoutMs))
        take(searchEntries.map(toEntry));
    });
  }

  /** A server keeps the place of one paged search on a connection: the next page of another is lost. */
  private inTurn<T>(search: () => Promise<T>): Promise<T> {
    const turn = this.lastPaged.then(search);
    this.lastPaged = turn.catch(() => undefined);
    return turn;
  }

  private async send<T>(
    operation: (client: Client) => Promise<T>,
    kind: 'read' | 'write',
  ): Promise<T> {
    const { client, intake } = await this.connected();
    this.operations += 1;
    try {
      const result = await operation(client);
      intake.renew();
      return result;
    } catch (error) {
      if (error instanceof ResultCodeError) {
        intake.renew();
        throw new DirectoryRefused(error.code, refusalText(error), error);
      }
      if (kind === 'read') {
        if (intake.excess === undefined) throw error;
        throw unusable(intake.excess, this.options.setting);
      }
      throw new CeoError(
        'outcome_unknown',
        'The connection to the directory was lost during a change.',
        {
          next: 'Check whether it was done before you try again.',
          cause: error,
        },
      );
    }
  }

  /** A link that is open: one for all callers. */
  private async connected(): Promise<Link> {
    const current = this.link;
    const open = await current?.catch(() => undefined);
    if (open?.socket.readyState === 'open') return open;
    if (this.link === current) this.link = this.connect();
    return this.link ?? this.connect();
  }

  private async connect(): Promise<Link> {
    const failures: string[] = [];
    for (const url of this.options.urls) {
      try {
        return await this.connectTo(url);
      } catch (error) {
        const explained = this.options.anonymous === true ? lost(error, url) : explain(error, url);
        if (explained.code === 'unauthenticated') throw explained;
        failures.push(explained.message);
      }
    }
    throw new CeoError(
      'unreachable',
      `No directory server can be reached: ${failures.join('; ')}.`,
      {
        next: `Check ${this.options.setting ?? 'ldap_server_url in accounts.cf'}, and that the server runs.`,
      },
    );
  }

  private async connectTo(url: string): Promise<Link> {
    const { principal, anonymous, timeoutMs } = this.options;
    const socket = await (anonymous === true
      ? openAnonymous(url, timeoutMs)
      : openBound(url, principal, timeoutMs));
    let handedOver = false;
    const client = new Client({
      // Whatever the URL was, the socket is TLS by now.
      url: url.replace(/^ldap:/, 'ldaps:'),
      timeout: timeoutMs,
      createSecureConnection: () => {
        // ldapts connects again by itself, but without a bind: that is for connected().
        if (handedOver) throw new Error('the connection was lost');
        handedOver = true;
        return socket;
      },
    });
    this.socket = socket;
    return { client, socket, intake: new Intake(socket) };
  }
}

function refusalText(error: ResultCodeError): string {
  if (error.code === ResultCode.insufficientAccessRights)
    return 'The directory does not allow this.';
  return `The directory refused: ${printable(error.message)}`;
}

function toEntry(raw: RawEntry): Entry {
  const attributes = new Map(
    Object.entries(raw).map(([name, value]) => [name.toLowerCase(), [value].flat().map(String)]),
  );
  return { dn: raw.dn, values: (attribute) => attributes.get(attribute.toLowerCase()) ?? [] };
}

/** krb5's words for the usual reasons, as npm kerberos passes them on. */
const TICKET_PROBLEMS: readonly (readonly [RegExp, string, string])[] = [
  // A certificate may have expired as well.
  [
    /(?<!certificate has )expired/i,
    'Your Kerberos ticket has expired.',
    'Get a new one with: kinit',
  ],
  [
    /clock skew/i,
    'The clocks of this machine and the Kerberos server differ too much.',
    'Set the clock and try again.',
  ],
  [
    /No Kerberos credentials|credentials? cache|No credentials/i,
    'You have no Kerberos ticket.',
    'Get one with: kinit',
  ],
  [
    /Server not found in Kerberos database/i,
    'The realm has no principal for the directory server.',
    'Check the host in ldap_server_url: the KDC needs ldap/HOST.',
  ],
  [
    /Cannot contact any KDC|Cannot find KDC/i,
    'No Kerberos server (KDC) of the realm can be reached.',
    'Check the network and krb5.conf.',
  ],
];

function explain(error: unknown, url: string): CeoError {
  const text = messageOf(error);
  const known = TICKET_PROBLEMS.find(([pattern]) => pattern.test(text));
  if (known !== undefined) {
    return new CeoError('unauthenticated', known[1], { next: known[2], cause: error });
  }
  if (error instanceof BindRefused) {
    return new CeoError(
      'unauthenticated',
      `The directory server ${url} refused your ticket: ${text}.`,
      {
        next: 'Get a new ticket with: kinit',
        cause: error,
      },
    );
  }
  return lost(error, url);
}

const lost = (error: unknown, url: string) =>
  new CeoError('unreachable', `${url}: ${messageOf(error)}`, {
    cause: error,
  });
