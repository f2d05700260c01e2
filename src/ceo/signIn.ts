/** Signing in: without a ticket, the password is asked for, and becomes one. */
import os from 'node:os';
import { configDir, loadAccounts } from '../config/settings.js';
import { CeoError } from '../errors.js';
import { holdsTicket } from '../gssapi/context.js';
import { getTicket, ticketPrincipal, WrongPassword } from '../kerberos/ticket.js';
import type { Attendant } from './terminal.js';

const ATTEMPTS = 3;

/**
 * Asks only if there is no ticket, and somebody to ask.
 * @returns the full principal of the ticket
 * @throws CeoError unauthenticated, unreachable
 */
export async function signIn(attendant: Attendant): Promise<string> {
  const principal = await ticketPrincipal();
  if (principal !== undefined && holdsTicket()) return principal;
  if (!attendant.interactive) {
    throw new CeoError(
      'unauthenticated',
      principal === undefined
        ? 'You have no Kerberos ticket.'
        : 'Your Kerberos ticket has expired.',
      { next: 'Get one with: kinit' },
    );
  }
  return askFor(principal ?? defaultPrincipal(), attendant);
}

async function askFor(principal: string, attendant: Attendant): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const password = await attendant.askSecret(`Kerberos password of ${principal}:`);
    try {
      await getTicket(principal, password);
      return principal;
    } catch (error) {
      if (!(error instanceof WrongPassword) || attempt === ATTEMPTS) throw error;
      attendant.note(error.message);
    }
  }
}

/** The Unix user's name, in the site's realm. */
function defaultPrincipal(): string {
  const { settings } = loadAccounts(configDir());
  return `${os.userInfo().username}@${settings.krb5Realm}`;
}
