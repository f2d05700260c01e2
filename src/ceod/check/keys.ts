/** The keys of this host, held against the KDC: one that was changed there opens nothing any more. */
import { messageOf } from '../../errors.js';
import {
  firstPrincipal,
  KeytabProblem,
  keytabVersions,
  withTicket,
  type Ticket,
} from '../../kerberos/keytab.js';
import { shellWord } from '../../shellWord.js';
import { lookupKeytabOf } from '../base/config.js';
import { fault, unasked, type Finding } from './finding.js';
import { makesAccounts, opUsers, type Host } from './host.js';

interface Key {
  /** Of the ids. */
  readonly role: 'service' | 'admin' | 'lookup';
  readonly keytab: string;
  readonly principal: string;
}

export const serviceKey = ({ accounts, ceod, hostname }: Host): Key => ({
  role: 'service',
  keytab: ceod.serviceKeytab,
  principal: `ceod/${hostname}@${accounts.krb5Realm}`,
});

export async function keys(host: Host): Promise<Finding[]> {
  const { accounts, ceod, timeoutMs } = host;
  const admins = [...new Set([accounts.krb5AdminPrincipal, accounts.ldapAdminPrincipal])];
  const fixed: Key[] = [
    serviceKey(host),
    ...(makesAccounts(host)
      ? admins.map((principal) => ({
          role: 'admin' as const,
          keytab: ceod.adminKeytab,
          principal,
        }))
      : []),
  ];
  const lookups = opUsers(host).filter((user) => user !== 'root');
  const found = await Promise.all([
    ...fixed.map((key) => look(key, timeoutMs)),
    ...lookups.map((user) => lookup(lookupKeytabOf(ceod, user), timeoutMs)),
  ]);
  return found.flat();
}

async function look(key: Key, timeoutMs: number): Promise<Finding[]> {
  const { role, keytab, principal } = key;
  const mend = `kadmin -q ${shellWord(`ktadd -k ${keytab} ${principal}`)}`;
  const wrong = (id: string, what: string) => [fault(`keys.${role}.${id}`, what, mend)];
  let versions: number[];
  try {
    versions = await keytabVersions(keytab, principal, timeoutMs);
  } catch (error) {
    if (!(error instanceof KeytabProblem)) throw error;
    return wrong('absent', `the keytab ${keytab} cannot be read: ${messageOf(error)}`);
  }
  if (versions.length === 0) return wrong('absent', `${keytab} has no key of ${principal}`);
  const newest = Math.max(...versions);
  const stale = (theirs: string) =>
    wrong('stale', `${keytab} has the key ${newest} of ${principal}, the KDC ${theirs}`);
  try {
    const theirs = await withTicket(key, timeoutMs, (ticket) => versionAt(key, ticket));
    return theirs === undefined || versions.includes(theirs) ? [] : stale(`issues by ${theirs}`);
  } catch (error) {
    const reason = error instanceof KeytabProblem ? error.reason : undefined;
    if (reason === 'wrong-key') return stale('has another one');
    if (reason === 'unknown') {
      const make = `kadmin -q ${shellWord(`addprinc -randkey ${principal}`)} && ${mend}`;
      return [fault(`keys.${role}.unknown`, `the KDC knows no ${principal}`, make)];
    }
    if (reason === 'locked' || reason === 'password-expired')
      return [
        fault(
          `keys.${role}.locked`,
          `the KDC gives ${principal} no tickets: ${messageOf(error)}`,
          `kadmin -q ${shellWord(`modprinc +allow_tix ${principal}`)}`,
        ),
      ];
    return [unasked(`keys.${role}`, error)];
  }
}

/** Tickets are issued for services alone. */
const versionAt = ({ role, principal }: Key, ticket: Ticket) =>
  role === 'service' ? ticket.versionOf(principal) : Promise.resolve(undefined);

/** It may be of any principal: that which libkrb5 takes is its first. */
async function lookup(keytab: string, timeoutMs: number): Promise<Finding[]> {
  let principal: string;
  try {
    principal = await firstPrincipal(keytab, timeoutMs);
  } catch (error) {
    if (!(error instanceof KeytabProblem)) throw error;
    const mend = `kadmin -q ${shellWord(`ktadd -k ${keytab} PRINCIPAL`)}`;
    return [
      fault('keys.lookup.absent', `the keytab ${keytab} cannot be read: ${messageOf(error)}`, mend),
    ];
  }
  return look({ role: 'lookup', keytab, principal }, timeoutMs);
}
