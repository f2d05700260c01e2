/** What a keytab holds, held against the KDC: klist(1), kinit(1) and kvno(1), which change nothing. */
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { CeoError } from '../errors.js';
import { printable } from '../printable.js';
import { run } from '../process/run.js';
import { causeOfText, type Reason } from './causes.js';

/** A file system in memory: tickets in it reach no disk. */
const IN_MEMORY = '/dev/shm';

/** A key is refused, or a question cannot be put. */
export class KeytabProblem extends CeoError {
  constructor(
    readonly reason: Reason | 'wrong-key' | undefined,
    message: string,
  ) {
    super('unauthenticated', message);
  }
}

/** setpriv(1) says so, which starts them. */
const NOT_STARTED = /failed to execute/;

/** The programs say everything in English, and the time in UTC. */
function environment(): Record<string, string> {
  const { PATH = '', KRB5_CONFIG } = process.env;
  return { PATH, LC_ALL: 'C', TZ: 'UTC', ...(KRB5_CONFIG !== undefined && { KRB5_CONFIG }) };
}

async function ask(program: string, args: readonly string[], timeoutMs: number): Promise<string> {
  const result = await run(program, args, { env: environment(), timeoutMs });
  if (result.status === 0) return result.stdout;
  if (result.timedOut) throw new KeytabProblem('kdc-unreachable', `${program} got no answer`);
  if (NOT_STARTED.test(result.stderr))
    throw new CeoError('failed', `There is no program ${program}.`, {
      next: 'It is in krb5-user: apt-get install krb5-user',
    });
  const said = printable(result.stderr.trim().replace(/^\w+: /, '')) || `${program} failed`;
  const isWrong = /Preauthentication failed|Password incorrect|Decrypt integrity/.test(said);
  throw new KeytabProblem(isWrong ? 'wrong-key' : causeOfText(said)?.reason, said);
}

/** The key versions that a keytab has of a principal. @throws KeytabProblem if it cannot be read */
export async function keytabVersions(
  keytab: string,
  principal: string,
  timeoutMs: number,
): Promise<number[]> {
  const entries = await entriesOf(keytab, timeoutMs);
  return entries.filter(({ name }) => name === principal).map(({ version }) => version);
}

/** Whom libkrb5 takes a keytab to be, unless told otherwise. @throws KeytabProblem */
export async function firstPrincipal(keytab: string, timeoutMs: number): Promise<string> {
  const [first] = await entriesOf(keytab, timeoutMs);
  if (first === undefined) throw new KeytabProblem('keytab', 'it is empty');
  return first.name;
}

async function entriesOf(keytab: string, timeoutMs: number) {
  const text = await ask('klist', ['-k', `FILE:${keytab}`], timeoutMs);
  return [...text.matchAll(/^ *(\d+) (\S+)$/gm)].map(([, version, name = '']) => ({
    version: Number(version),
    name,
  }));
}

/** A ticket by a keytab, which nobody else sees. */
export interface Ticket {
  /** By the KDC's clock; milliseconds since the epoch. */
  readonly issuedAt: number;
  /** The key version by which the KDC issues tickets for a service. */
  versionOf(service: string): Promise<number>;
}

/** Gets a ticket, uses it, forgets it. @throws KeytabProblem */
export async function withTicket<T>(
  { keytab, principal }: { readonly keytab: string; readonly principal: string },
  timeoutMs: number,
  use: (ticket: Ticket) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(path.join(IN_MEMORY, 'ceod-check-'));
  const cache = `FILE:${path.join(folder, 'ccache')}`;
  try {
    await ask('kinit', ['-k', '-t', `FILE:${keytab}`, '-c', cache, '--', principal], timeoutMs);
    const listed = await ask('klist', ['-c', cache], timeoutMs);
    return await use({
      issuedAt: issueTime(listed),
      async versionOf(service) {
        const text = await ask('kvno', ['-c', cache, '--', service], timeoutMs);
        return Number(/kvno = (\d+)/.exec(text)?.[1]);
      },
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `11/25/26 22:52:08  11/26/26 22:52:08  krbtgt/…`: of an initial ticket, when it was issued. */
function issueTime(listed: string): number {
  const [, ...parts] = /^(\d\d)\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d) /m.exec(listed) ?? [];
  const [month = NaN, day = NaN, year = NaN, hour = NaN, minute = NaN, second = NaN] =
    parts.map(Number);
  return Date.UTC(2000 + year, month - 1, day, hour, minute, second);
}
