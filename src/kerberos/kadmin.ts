/**
 * Principals, through kadmin(1). Most of its time is its start and its ticket, so
 * that what comes soon after goes to the same process. Who asks at the same time has
 * another one, up to a few.
 */
import { CeoError, type ErrorCode } from '../errors.js';
import { printable } from '../printable.js';
import { KadminSession, type KadminAnswer, type KadminQuery } from './kadminSession.js';

export interface KadminOptions {
  readonly realm: string;
  /** Who asks, e.g. `ceod/admin@REALM`; its key is in the keytab. */
  readonly adminPrincipal: string;
  readonly keytab: string;
  readonly timeoutMs: number;
  /** How long a process is used; 1 s unless given. */
  readonly lifetimeMs?: number;
}

export interface PrincipalInfo {
  /** No tickets are issued for it. */
  readonly disabled: boolean;
  /** Full principal. */
  readonly lastModifiedBy: string;
  /** From when on no tickets are issued for it; milliseconds since the epoch, undefined: never. */
  readonly expiresAt: number | undefined;
}

/** What may be a principal's name on kadmin's command line. */
const NAME = /^[a-z0-9_][-a-z0-9_.]*$/;

/**
 * No process is used longer: its ticket does not expire, and a change seldom
 * meets a kadmind that was restarted since, which would leave its outcome open.
 */
const LIFETIME_MS = 1_000;

/**
 * kadmind works at one query at a time, accepts five connections behind it, and
 * closes the oldest of more than 45: more processes would be slower, not faster.
 */
const MAX_PROCESSES = 4;

export class Kadmin {
  /** Those that may be used again; what is not among them is closed after its query. */
  private readonly usable = new Set<KadminSession>();
  private readonly idle = new Set<KadminSession>();
  private atWork = 0;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly options: KadminOptions) {}

  /**
   * Makes a principal for which no tickets are issued yet; the KDC's policy
   * judges the password. Flags that are given replace the KDC's
   * default_principal_flags, so that preauthentication has to be asked for.
   */
  async createDisabled(name: string, password: string): Promise<void> {
    const principal = this.full(name);
    await this.query({
      command: 'add_principal',
      args: ['-policy', 'default', '+requires_preauth', '-allow_tix', principal],
      passwords: [password, password],
      success: `Principal "${principal}" created.`,
    });
  }

  /** @param mustChange whether whoever logs in must choose another password first */
  async enable(name: string, { mustChange = false } = {}): Promise<void> {
    await this.modify(name, '+allow_tix', ...(mustChange ? ['+needchange'] : []));
  }

  async disable(name: string): Promise<void> {
    await this.modify(name, '-allow_tix');
  }

  /** Sets a password, which the KDC's policy judges. It clears requireChange. */
  async setPassword(name: string, password: string): Promise<void> {
    const principal = this.full(name);
    await this.query({
      command: 'change_password',
      args: [principal],
      passwords: [password, password],
      success: `Password for "${principal}" changed.`,
    });
  }

  /** Whoever logs in with the password must choose another first. */
  async requireChange(name: string): Promise<void> {
    await this.modify(name, '+needchange');
  }

  async remove(name: string): Promise<void> {
    const principal = this.full(name);
    await this.query({
      command: 'delete_principal',
      args: ['-force', principal],
      success: `Principal "${principal}" deleted.`,
    });
  }

  /** @returns undefined if there is no such principal */
  async get(name: string): Promise<PrincipalInfo | undefined> {
    const principal = this.full(name);
    let text: string;
    try {
      text = await this.query({
        command: 'get_principal',
        args: [principal],
        success: `Principal: ${principal}\n`,
      });
    } catch (error) {
      if (error instanceof CeoError && error.code === 'not_found') return undefined;
      throw error;
    }
    const attributes = /^Attributes:(.*)$/m.exec(text)?.[1];
    const lastModifiedBy = /^Last modified:.*\((.*)\)$/m.exec(text)?.[1];
    if (attributes === undefined || lastModifiedBy === undefined) {
      throw new CeoError('failed', 'The answer of kadmin is not understood.');
    }
    const expiresAt = Date.parse(/^Expiration date: (.*)$/m.exec(text)?.[1] ?? '');
    return {
      disabled: attributes.includes('DISALLOW_ALL_TIX'),
      lastModifiedBy,
      expiresAt: Number.isNaN(expiresAt) ? undefined : expiresAt,
    };
  }

  /**
   * What keeps the KDC from giving tickets for a principal, whatever its password. A lock-out for
   * wrong ones does not: setPassword ends it.
   * @returns for each a sentence, and the command of kadmin that ends it
   */
  async obstacles(name: string): Promise<string[]> {
    const info = await this.get(name);
    if (info === undefined) return [];
    const { disabled, expiresAt } = info;
    return [
      ...(disabled ? [`its principal is disabled (kadmin: modprinc +allow_tix ${name})`] : []),
      ...(expiresAt !== undefined && expiresAt <= Date.now()
        ? [`its principal has expired (kadmin: modprinc -expire never ${name})`]
        : []),
    ];
  }

  /** Ends the processes, those at work after their query. What is asked later begins anew. */
  close(): void {
    for (const session of this.usable) this.retire(session);
  }

  private full(name: string): string {
    if (!NAME.test(name)) throw new Error(`not the name of a principal: ${printable(name)}`);
    return `${name}@${this.options.realm}`;
  }

  private async modify(name: string, ...flags: string[]): Promise<void> {
    const principal = this.full(name);
    await this.query({
      command: 'modify_principal',
      args: [...flags, principal],
      success: `Principal "${principal}" modified.`,
    });
  }

  /**
   * @returns what kadmin printed
   * @throws CeoError; outcome_unknown if the query was sent and kadmin's own answer is missing
   */
  private async query(query: KadminQuery): Promise<string> {
    const isRead = query.command === 'get_principal';
    const answer = await this.inTurn(async () => {
      const reused = [...this.idle].findLast(({ isReady }) => isReady);
      const first = await this.ask(reused ?? this.open(), query);
      if (!isRead || reused === undefined || !wasLost(first)) return first;
      return this.ask(this.open(), query);
    });
    const { outcome, text } = answer;
    if (outcome === 'done') return text;
    if (outcome === 'timed_out') {
      throw new CeoError('outcome_unknown', 'kadmin did not end: it is not known what it did.');
    }
    if (outcome === 'ended' || (wasLost(answer) && !isRead)) {
      throw new CeoError('outcome_unknown', 'kadmin was cut off: it is not known what it did.');
    }
    const why = printable(reason(text));
    const code = ERRORS.find(([pattern]) => pattern.test(why))?.[1] ?? 'failed';
    // That it could not ask tells nothing of what is there.
    throw new CeoError(outcome === 'refused' || code === 'unreachable' ? code : 'failed', why);
  }

  private async ask(session: KadminSession, query: KadminQuery): Promise<KadminAnswer> {
    this.idle.delete(session);
    try {
      const answer = await session.query(query, this.options.timeoutMs);
      // The others have lost the same server.
      if (wasLost(answer)) this.close();
      return answer;
    } finally {
      if (this.usable.has(session) && session.isReady) this.idle.add(session);
      else session.close();
    }
  }

  /** @throws CeoError unreachable if it does not come to this one's turn */
  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.atWork < MAX_PROCESSES) this.atWork += 1;
    else await this.turn();
    try {
      return await work();
    } finally {
      const [next] = this.waiting;
      if (next === undefined) this.atWork -= 1;
      else next();
    }
  }

  private turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = () => {
        clearTimeout(timer);
        this.waiting.delete(begin);
        resolve();
      };
      const timer = setTimeout(() => {
        this.waiting.delete(begin);
        reject(new CeoError('busy', 'kadmin is busy, and was not asked.'));
      }, this.options.timeoutMs);
      this.waiting.add(begin);
    });
  }

  private open(): KadminSession {
    const session = adminSession(this.options);
    this.usable.add(session);
    setTimeout(() => this.retire(session), this.options.lifetimeMs ?? LIFETIME_MS).unref();
    return session;
  }

  private retire(session: KadminSession): void {
    this.usable.delete(session);
    if (this.idle.delete(session)) session.close();
  }
}

/** A kadmin(1) of the admin principal's. */
export function adminSession({ realm, keytab, adminPrincipal }: KadminOptions): KadminSession {
  const { PATH = '', KRB5_CONFIG } = process.env;
  return new KadminSession(['-r', realm, '-k', '-t', keytab, '-p', adminPrincipal], {
    PATH,
    ...(KRB5_CONFIG !== undefined && { KRB5_CONFIG }),
  });
}

/** Whether kadmin, or its connection to kadmind, ended in the middle of a query. */
const wasLost = ({ outcome, text }: KadminAnswer): boolean =>
  outcome === 'ended' || (outcome === 'refused' && CONNECTION_LOST.test(text));

const CONNECTION_LOST = /Communication failure|GSS-API \(or Kerberos\) error/;

const ERRORS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/already exists/, 'exists'],
  [/does not exist/, 'not_found'],
  [/requires ``\w+'' privilege/, 'denied'],
  [/contact any KDC|Communication failure|Connection refused|initializing kadmin/, 'unreachable'],
];

/** kadmin's own words without its prefix: `add_principal: Password is too short while …`. */
function reason(stderr: string): string {
  const lines = stderr.trim().split('\n');
  const line = lines.find((each) => /^\w+: /.test(each)) ?? lines.at(-1) ?? '';
  return line.replace(/^\w+: /, '').replace(/ while .*$/, '') || 'kadmin failed';
}
