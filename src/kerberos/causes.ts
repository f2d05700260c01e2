/**
 * Why Kerberos says no, and what to do about it: one sentence for each of the usual causes,
 * whoever tells it: GSS-API, a directory server, kinit(1).
 */
import type { ErrorCode } from '../errors.js';

export type Reason = keyof typeof CAUSES;

export interface Cause {
  readonly reason: Reason;
  readonly code: ErrorCode;
  readonly sentence: string;
  readonly next: string;
}

const CAUSES = {
  'no-ticket': {
    code: 'unauthenticated',
    sentence: 'You have no Kerberos ticket.',
    next: 'Get one with: kinit',
  },
  expired: {
    code: 'unauthenticated',
    sentence: 'Your Kerberos ticket has expired.',
    next: 'Get a new one with: kinit',
  },
  'not-yet-valid': {
    code: 'unauthenticated',
    sentence: 'Your Kerberos ticket is not valid yet, or the clock of this machine is behind.',
    next: 'klist says from when on it is valid; to set the clock: timedatectl, chronyc tracking.',
  },
  'clock-skew': {
    code: 'unauthenticated',
    sentence: 'The clocks of this machine and the Kerberos server differ too much.',
    next: 'Set the clock (timedatectl, chronyc tracking) and try again.',
  },
  'wrong-host': {
    code: 'unauthenticated',
    sentence: 'The server does not have the key for the host name that was asked for.',
    next: 'Check the host in ops/* or ldap_server_url, its principal in the KDC, and the service keytab.',
  },
  keytab: {
    code: 'unauthenticated',
    sentence: 'The keytab cannot be read, or holds no key for this service.',
    next: 'Check it with klist -k FILE, and its owner and mode.',
  },
  'kdc-unreachable': {
    code: 'unreachable',
    sentence: 'No Kerberos server (KDC) of the realm can be reached.',
    next: 'Check the network and the [realms] section of krb5.conf.',
  },
  'stale-key': {
    code: 'unauthenticated',
    sentence: 'The other side did not accept the authentication.',
    next: 'Get a new ticket with: kinit, and try again.',
  },
  'password-expired': {
    code: 'unauthenticated',
    sentence: 'The password has expired.',
    next: 'Choose another with: kinit',
  },
  unknown: {
    code: 'unauthenticated',
    sentence: 'There is no such principal in Kerberos.',
    next: 'Check the spelling, or get a ticket yourself with: kinit USERNAME',
  },
  locked: {
    code: 'unauthenticated',
    sentence: 'The principal is locked in Kerberos.',
    next: 'Ask the systems committee.',
  },
} as const;

export const causeOf = (reason: Reason): Cause => ({ reason, ...CAUSES[reason] });

/** krb5 error codes (krb5.h): the table's base plus the RFC 4120 §7.5.9 number, or libkrb5's own. */
const ERROR_TABLE_BASE_krb5 = -1765328384;

const BY_NUMBER: Readonly<Record<number, Reason>> = {
  6: 'unknown', // KDC_ERR_C_PRINCIPAL_UNKNOWN
  7: 'wrong-host', // KDC_ERR_S_PRINCIPAL_UNKNOWN
  18: 'locked', // KDC_ERR_CLIENT_REVOKED
  23: 'password-expired', // KDC_ERR_KEY_EXPIRED
  31: 'stale-key', // KRB_AP_ERR_BAD_INTEGRITY
  32: 'expired', // KRB_AP_ERR_TKT_EXPIRED
  33: 'not-yet-valid', // KRB_AP_ERR_TKT_NYV
  35: 'wrong-host', // KRB_AP_ERR_NOT_US
  37: 'clock-skew', // KRB_AP_ERR_SKEW
  44: 'keytab', // KRB_AP_ERR_BADKEYVER
  45: 'keytab', // KRB_AP_ERR_NOKEY
  141: 'no-ticket', // KRB5_CC_NOTFOUND
  144: 'wrong-host', // KRB5KRB_AP_WRONG_PRINC
  154: 'kdc-unreachable', // KRB5_REALM_UNKNOWN
  156: 'kdc-unreachable', // KRB5_KDC_UNREACH
  181: 'keytab', // KRB5_KT_NOTFOUND
  195: 'no-ticket', // KRB5_FCC_NOFILE
};

/** @param minor of a mechanism krb5, signed or not */
export function causeOfMinor(minor: number): Cause | undefined {
  const reason = BY_NUMBER[(minor | 0) - ERROR_TABLE_BASE_krb5];
  return reason && causeOf(reason);
}

/** Programs and other libraries pass on nothing but the text, in English; the first one counts. */
const BY_TEXT: readonly (readonly [RegExp, Reason])[] = [
  [/Password (?:has )?expired|must change/i, 'password-expired'],
  [/Server .*not found in Kerberos database/i, 'wrong-host'],
  [/not found in Kerberos database/i, 'unknown'],
  [/credentials have been revoked/i, 'locked'],
  [/not yet valid/i, 'not-yet-valid'],
  [/clock skew/i, 'clock-skew'],
  [/contact any KDC|Cannot find KDC|Cannot resolve/i, 'kdc-unreachable'],
  [/Decrypt integrity check|key version|Wrong principal/i, 'stale-key'],
  [/key ?tab(?:le)?\b/i, 'keytab'],
  // A certificate may have expired as well.
  [/(?<!certificate has )expired/i, 'expired'],
  [/credentials? cache|No (?:Kerberos )?credentials|\bticket\b/i, 'no-ticket'],
];

export function causeOfText(text: string): Cause | undefined {
  const known = BY_TEXT.find(([pattern]) => pattern.test(text));
  return known && causeOf(known[1]);
}
