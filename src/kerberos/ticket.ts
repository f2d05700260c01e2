/** The user's own ticket: whose it is, and getting one by password (kinit, klist). */
import { CeoError } from '../errors.js';
import { printable } from '../printable.js';
import { run } from '../process/run.js';
import { causeOfText, type Reason } from './causes.js';

/** kinit asks KDCs in turn before it gives up. */
const TIMEOUT_MS = 60_000;

/** Messages in English, whatever the user's language: they are told apart below. */
const environment = () => ({ ...(process.env as Record<string, string>), LC_ALL: 'C' });

/** The full principal of the credential cache; undefined if there is none. */
export async function ticketPrincipal(): Promise<string | undefined> {
  const { stdout } = await run('klist', [], { env: environment(), timeoutMs: TIMEOUT_MS });
  return /^(?:Default principal|\s*Principal): (.+)$/m.exec(stdout)?.[1];
}

/** The password is not the principal's: another may be tried. */
export class WrongPassword extends CeoError {
  constructor(principal: string) {
    super('unauthenticated', `That is not the password of ${principal}.`, {
      next: 'Try again, or ask the office for a new one.',
    });
  }
}

/**
 * Gets a ticket into the default credential cache.
 * @param password written to kinit's standard input, never an argument
 * @throws WrongPassword, CeoError unauthenticated, unreachable
 */
export async function getTicket(principal: string, password: string): Promise<void> {
  const { status, stdout, stderr, timedOut } = await run('kinit', ['--', principal], {
    env: environment(),
    timeoutMs: TIMEOUT_MS,
    input: `${password}\n`,
  });
  if (status === 0) return;
  const said = `${stdout}\n${stderr}`;
  if (/Password incorrect|Preauthentication failed|Decrypt integrity check/.test(said)) {
    throw new WrongPassword(principal);
  }
  const cause = causeOfText(said);
  if (cause !== undefined) {
    const { code, sentence, next } = cause;
    throw new CeoError(code, SAID_OF[cause.reason]?.(principal) ?? sentence, { next });
  }
  const why = timedOut ? 'it took too long' : printable(stderr.trim().replace(/^kinit: /, ''));
  throw new CeoError('unauthenticated', `There is no ticket for ${principal}: ${why}.`, {
    next: 'Try kinit, which may tell more.',
  });
}

/** With the name that kinit was told. */
const SAID_OF: Partial<Record<Reason, (principal: string) => string>> = {
  'password-expired': (principal) => `The password of ${principal} has expired.`,
  unknown: (principal) => `There is no ${principal} in Kerberos.`,
  locked: (principal) => `${principal} is locked in Kerberos.`,
};
