/**
 * Principals, through kadmin(1): one query for each process, the password on
 * its standard input.
 */
import { CeoError, type ErrorCode } from '../errors.js';
import { printable } from '../printable.js';
import { run, type RunResult } from '../process/run.js';

export interface KadminOptions {
  readonly realm: string;
  /** Who asks, e.g. `ceod/admin@REALM`; its key is in the keytab. */
  readonly adminPrincipal: string;
  readonly keytab: string;
  readonly timeoutMs: number;
}

export interface PrincipalInfo {
  /** No tickets are issued for it. */
  readonly disabled: boolean;
  /** Full principal. */
  readonly lastModifiedBy: string;
}

/** What may be a principal's name on kadmin's command line. */
const NAME = /^[a-z0-9_][-a-z0-9_.]*$/;

export class Kadmin {
  constructor(private readonly options: KadminOptions) {}

  /**
   * Makes a principal for which no tickets are issued yet; the KDC's policy
   * judges the password. Flags that are given replace the KDC's
   * default_principal_flags, so that preauthentication has to be asked for.
   */
  async createDisabled(name: string, password: string): Promise<void> {
    const flags = ['+requires_preauth', '-allow_tix'];
    const args = ['addprinc', '-policy', 'default', ...flags, this.full(name)];
    this.check(await this.query(args, `${password}\n${password}\n`));
  }

  async enable(name: string): Promise<void> {
    this.check(await this.query(['modprinc', '+allow_tix', this.full(name)]));
  }

  async disable(name: string): Promise<void> {
    this.check(await this.query(['modprinc', '-allow_tix', this.full(name)]));
  }

  /** Sets a password, which the KDC's policy judges. It clears requireChange. */
  async setPassword(name: string, password: string): Promise<void> {
    const args = ['change_password', this.full(name)];
    this.check(await this.query(args, `${password}\n${password}\n`));
  }

  /** Whoever logs in with the password must choose another first. */
  async requireChange(name: string): Promise<void> {
    this.check(await this.query(['modprinc', '+needchange', this.full(name)]));
  }

  async remove(name: string): Promise<void> {
    this.check(await this.query(['delprinc', '-force', this.full(name)]));
  }

  /** @returns undefined if there is no such principal */
  async get(name: string): Promise<PrincipalInfo | undefined> {
    const result = await this.query(['getprinc', this.full(name)]);
    if (result.status !== 0 && /does not exist/.test(result.stderr)) return undefined;
    this.check(result);
    const attributes = /^Attributes:(.*)$/m.exec(result.stdout)?.[1];
    const lastModifiedBy = /^Last modified:.*\((.*)\)$/m.exec(result.stdout)?.[1];
    if (attributes === undefined || lastModifiedBy === undefined) {
      throw new CeoError('failed', 'The answer of kadmin is not understood.');
    }
    return { disabled: attributes.includes('DISALLOW_ALL_TIX'), lastModifiedBy };
  }

  private full(name: string): string {
    if (!NAME.test(name)) throw new Error(`not the name of a principal: ${printable(name)}`);
    return `${name}@${this.options.realm}`;
  }

  private query(args: readonly string[], input = ''): Promise<RunResult> {
    const { adminPrincipal, keytab, realm, timeoutMs } = this.options;
    const { PATH = '', KRB5_CONFIG } = process.env;
    return run('kadmin', ['-r', realm, '-k', '-t', keytab, '-p', adminPrincipal, ...args], {
      env: { PATH, LC_ALL: 'C', ...(KRB5_CONFIG !== undefined && { KRB5_CONFIG }) },
      timeoutMs,
      input,
    });
  }

  /** @throws CeoError; outcome_unknown if kadmin did not end by itself */
  private check(result: RunResult): void {
    if (result.status === 0) return;
    if (result.timedOut || result.status === undefined) {
      throw new CeoError('outcome_unknown', 'kadmin did not end: it is not known what it did.');
    }
    const text = printable(reason(result.stderr));
    const code = ERRORS.find(([pattern]) => pattern.test(text))?.[1] ?? 'failed';
    throw new CeoError(code, text);
  }
}

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
