/**
 * A directory, authenticated or anonymous, over a connection to each of its servers that is opened
 * when it is first needed and again after it was lost. Which server is asked, ./servers.ts says.
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
import { causeOfText, type Reason } from '../kerberos/causes.js';
import { BindRefused, openAnonymous, openBound } from './bind.js';
import { boundedPages, Intake, unusable } from './bounds.js';
import type { Purpose, Servers } from './servers.js';
import { isSilence, whileAlive } from './silence.js';

export interface DirectoryOptions {
  /** May be another directory's as well: what one meets, the other knows. */
  readonly servers: Servers;
  /** Nothing is read or changed but at the primary. */
  readonly primaryOnly?: true;
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
  referral: 10,
  noSuchAttribute: 16,
  attributeOrValueExists: 20,
  noSuchObject: 32,
  invalidCredentials: 49,
  insufficientAccessRights: 50,
  busy: 51,
  unavailable: 52,
  unwillingToPerform: 53,
  entryAlreadyExists: 68,
} as const;

const CODES: Readonly<Record<number, ErrorCode>> = {
  [ResultCode.noSuchObject]: 'not_found',
  [ResultCode.insufficientAccessRights]: 'denied',
  [ResultCode.entryAlreadyExists]: 'exists',
  [ResultCode.busy]: 'busy',
  [ResultCode.unavailable]: 'unreachable',
};

/** With these a server says that another may do what it has not done. */
const ELSEWHERE: Readonly<Record<Purpose, readonly number[]>> = {
  read: [ResultCode.referral, ResultCode.busy, ResultCode.unavailable],
  write: [
    ResultCode.referral,
    ResultCode.busy,
    ResultCode.unavailable,
    ResultCode.unwillingToPerform,
  ],
};

/** A replica says so, whether or not it knows whose it is. */
const TAKES_NO_CHANGES: readonly number[] = [ResultCode.referral, ResultCode.unwillingToPerform];

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
  /** The server keeps the place of one paged search on it: the next page of another would be lost. */
  lastPaged: Promise<unknown>;
}

/** Why one server has not done it. */
interface Failure {
  readonly why: string;
  /** What it comes to if there is no other server; undefined: that none can be reached. */
  readonly error?: CeoError;
}

export class Directory {
  /** How many operations were sent: for tests and benchmarks. */
  operations = 0;
  /** By URL; one for all callers. */
  private readonly links = new Map<string, Promise<Link>>();
  private timesClosed = 0;

  constructor(private readonly options: DirectoryOptions) {}

  /** Paged, so that a server's size limit does not cut the result. */
  async search(base: string, { scope, filter, attributes, unpaged }: Search): Promise<Entry[]> {
    const options = { scope, filter, attributes: [...attributes] };
    const search = async (link: Link): Promise<Entry[]> => {
      if (scope === 'base' || unpaged === true)
        return (await link.client.search(base, options)).searchEntries.map(toEntry);
      const entries: Entry[] = [];
      await this.eachPage(link, base, options, (page) => entries.push(...page));
      return entries;
    };
    try {
      return await this.send(search, 'read');
    } catch (error) {
      // A base that is not there has no entries.
      if (error instanceof DirectoryRefused && error.resultCode === ResultCode.noSuchObject)
        return [];
      throw error;
    }
  }

  /**
   * A search that finds more than should be in memory at once: what a server may send is bounded for
   * each page, and in time. A lost connection ends it.
   */
  async visit(
    base: string,
    { scope, filter, attributes }: Search,
    visitor: (entry: Entry) => void,
  ): Promise<void> {
    const options = { scope, filter, attributes: [...attributes] };
    let hasBegun = false;
    const visit = ({ intake }: Link, page: Entry[]) => {
      hasBegun = true;
      intake.renew();
      page.forEach(visitor);
    };
    await this.send(async (link) => {
      try {
        await this.eachPage(link, base, options, (page) => visit(link, page));
      } catch (error) {
        // The visitor would see them again.
        throw hasBegun ? unusable(printable(messageOf(error)), this.options.setting, error) : error;
      }
    }, 'read');
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
    await this.send(({ client }) => client.add(dn, values), 'write');
  }

  async modify(dn: string, modifications: readonly Modification[]): Promise<void> {
    const changes = modifications.map(
      ({ operation, attribute: type, values }) =>
        new Change({ operation, modification: new Attribute({ type, values: [...values] }) }),
    );
    await this.send(({ client }) => client.modify(dn, changes), 'write');
  }

  async delete(dn: string): Promise<void> {
    await this.send(({ client }) => client.del(dn), 'write');
  }

  close(): void {
    this.timesClosed += 1;
    for (const link of this.links.values())
      link.then(({ client }) => client.unbind()).catch(() => undefined);
    this.links.clear();
  }

  private eachPage(
    link: Link,
    base: string,
    options: SearchOptions,
    take: (entries: Entry[]) => void,
  ): Promise<void> {
    const paged = { pageSize: PAGE_SIZE };
    const turn = link.lastPaged.then(async () => {
      const pages = link.client.searchPaginated(base, { ...options, paged });
      for await (const { searchEntries } of boundedPages(pages, this.options.timeoutMs))
        take(searchEntries.map(toEntry));
    });
    link.lastPaged = turn.catch(() => undefined);
    return turn;
  }

  /** Has one server after the other do it, until one has. */
  private async send<T>(operation: (link: Link) => Promise<T>, purpose: Purpose): Promise<T> {
    const { servers } = this.options;
    const { timesClosed } = this;
    const failures = new Map<string, Failure>();
    /** Those that have lost the connection once, which may have been open for long. */
    const lost = new Set<string>();
    const spent = new Set<string>();
    const next = () => this.candidates(purpose).find((each) => !spent.has(each));
    for (let url = next(); url !== undefined; url = next()) {
      let link: Link;
      try {
        link = await this.linkTo(url);
      } catch (error) {
        servers.failed(url);
        spent.add(url);
        failures.set(url, this.unreached(error, url));
        continue;
      }
      this.operations += 1;
      try {
        const result = await this.answerOver(link, operation(link));
        link.intake.renew();
        servers.answered(url, purpose);
        return result;
      } catch (error) {
        if (error instanceof ResultCodeError) {
          link.intake.renew();
          failures.set(url, this.leftToOthers(error, url, purpose));
          spent.add(url);
          continue;
        }
        if (error instanceof CeoError) throw error;
        const isOurs = this.timesClosed !== timesClosed;
        if (!isOurs) servers.failed(url);
        if (purpose === 'write') throw outcomeUnknown(error);
        if (isOurs) throw error;
        const why = printable(link.intake.excess ?? messageOf(error));
        failures.set(url, { why, error: unusable(why, this.options.setting, error) });
        const isSpent = lost.has(url) || link.intake.excess !== undefined || isSilence(why);
        (isSpent ? spent : lost).add(url);
      }
    }
    throw this.noneLeft(failures);
  }

  /** @throws DirectoryRefused, unless another server may do it */
  private leftToOthers(error: ResultCodeError, url: string, purpose: Purpose): Failure {
    const { servers } = this.options;
    const refused = new DirectoryRefused(error.code, refusalText(error, url), error);
    if (!ELSEWHERE[purpose].includes(error.code)) throw refused;
    if (purpose === 'write' && TAKES_NO_CHANGES.includes(error.code)) servers.tookNoChange(url);
    else servers.failed(url);
    return { why: refused.message, error: refused };
  }

  private candidates(purpose: Purpose): readonly string[] {
    const { servers, primaryOnly } = this.options;
    return primaryOnly === true ? [servers.primary] : servers.inOrder(purpose);
  }

  /** A silent server is given up only if there is another. */
  private answerOver<T>({ client, socket }: Link, answer: Promise<T>): Promise<T> {
    const { patienceMs } = this.options.servers;
    if (patienceMs === undefined) return answer;
    const ask = () => client.search('', { scope: 'base', attributes: ['1.1'] });
    return whileAlive(socket, patienceMs, ask, answer);
  }

  private unreached(error: unknown, url: string): Failure {
    const said = messageOf(error);
    const why = OF_ITS_TIME.test(said) ? `${said}, or the clock of this machine is wrong` : said;
    if (this.options.anonymous === true) return { why };
    const problem = ticketProblem(error, url);
    return problem === undefined ? { why } : { why, error: problem };
  }

  /** What the failures of all of them come to. */
  private noneLeft(failures: ReadonlyMap<string, Failure>): CeoError {
    const { servers, setting = 'ldap_server_url in accounts.cf' } = this.options;
    const errors = [...failures.values()].map(({ error }) => error);
    const ofTicket = errors.find((error) => error?.code === 'unauthenticated');
    const [only] = errors;
    if (ofTicket !== undefined) return ofTicket;
    if (only !== undefined && errors.length === 1) return only;
    const told = [...failures].map(([url, { why }]) => `${url}: ${why}`).join('; ');
    // Who refuses has been reached; but it is for the primary to say what it comes to.
    const refused = errors.some((error) => error instanceof DirectoryRefused);
    return new CeoError(
      failures.get(servers.primary)?.error?.code ?? 'unreachable',
      `No directory server can ${refused ? 'do this' : 'be reached'}: ${told}.`,
      { next: `Check ${setting}, and that the server runs.` },
    );
  }

  /** A link that is open. */
  private async linkTo(url: string): Promise<Link> {
    const current = this.links.get(url);
    const open = await current?.catch(() => undefined);
    if (open?.socket.readyState === 'open') return open;
    const other = this.links.get(url);
    if (other !== undefined && other !== current) return other;
    const link = this.connectTo(url);
    this.links.set(url, link);
    return link;
  }

  private async connectTo(url: string): Promise<Link> {
    const { principal, anonymous, timeoutMs, servers } = this.options;
    const limits = { timeoutMs, patienceMs: Math.min(servers.patienceMs ?? timeoutMs, timeoutMs) };
    const socket = await (anonymous === true
      ? openAnonymous(url, limits)
      : openBound(url, principal, limits));
    let handedOver = false;
    const client = new Client({
      // Whatever the URL was, the socket is TLS by now.
      url: url.replace(/^ldap:/, 'ldaps:'),
      timeout: timeoutMs,
      createSecureConnection: () => {
        // ldapts connects again by itself, but without a bind: that is for linkTo().
        if (handedOver) throw new Error('the connection was lost');
        handedOver = true;
        return socket;
      },
    });
    return { client, socket, intake: new Intake(socket), lastPaged: Promise.resolve() };
  }
}

const outcomeUnknown = (cause: unknown) =>
  new CeoError('outcome_unknown', 'The connection to the directory was lost during a change.', {
    next: 'Check whether it was done before you try again.',
    cause,
  });

function refusalText(error: ResultCodeError, url: string): string {
  if (error.code === ResultCode.referral)
    return `${url} refers to another server: ldap_write_url names the one that takes changes`;
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

/** OpenSSL's words of a certificate that is good at another time. */
const OF_ITS_TIME = /certificate (?:has expired|is not yet valid)/i;

/** @returns undefined if it is the server's trouble */
function ticketProblem(error: unknown, url: string): CeoError | undefined {
  const text = messageOf(error);
  if (error instanceof BindRefused) return saidByServer(error, url);
  const cause = causeOfText(text);
  return cause && new CeoError(cause.code, cause.sentence, { next: cause.next, cause: error });
}

/** By which a server tells its own trouble. */
const OF_SERVER: readonly (Reason | undefined)[] = ['keytab', 'stale-key', 'wrong-host'];
const OF_TICKET: readonly (Reason | undefined)[] = ['expired', 'not-yet-valid'];

/** What a server says of a ticket is told as what it said. */
function saidByServer(error: BindRefused, url: string): CeoError | undefined {
  if (ELSEWHERE.read.includes(error.resultCode)) return undefined;
  const text = messageOf(error);
  const cause = causeOfText(text);
  const server = `The directory server ${url}`;
  if (OF_SERVER.includes(cause?.reason)) {
    return new CeoError('unreachable', `${server} cannot check tickets: ${text}.`, {
      next: 'Its keytab is wrong: tell its administrator.',
      cause: error,
    });
  }
  if (cause?.reason === 'clock-skew') {
    const sentence = `The clocks of this machine and of ${url} differ too much.`;
    return new CeoError(cause.code, sentence, { next: cause.next, cause: error });
  }
  if (cause !== undefined && OF_TICKET.includes(cause.reason))
    return new CeoError(cause.code, cause.sentence, { next: cause.next, cause: error });
  return new CeoError('unauthenticated', `${server} did not accept your ticket: ${text}.`, {
    // As a rule servers do not say more.
    next: 'If a new one (kinit) does not help, its keytab or its clock is wrong: tell its administrator.',
    cause: error,
  });
}
