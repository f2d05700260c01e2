import { displayStatus, type CallStatus } from './ffi.js';

/** Why a GSS-API call failed, as far as it matters for what to do next. */
export type GssReason =
  | 'no-ticket'
  | 'expired'
  | 'clock-skew'
  | 'wrong-host'
  | 'keytab'
  | 'kdc-unreachable'
  | 'refused'
  | 'other';

/**
 * A failed GSS-API call: major and minor status (RFC 2744 §3.9), the library's
 * own text, and a plain sentence with the next step.
 */
export class GssError extends Error {
  override readonly name = 'GssError';
  readonly major: number;
  readonly minor: number;
  /** The library's own words for both statuses. */
  readonly detail: string;
  readonly reason: GssReason;
  readonly next: string;

  constructor(
    readonly call: string,
    { major, minor }: CallStatus,
    /** By which the peer learns of it (KRB-ERROR, RFC 4120 §5.9.1), if the mechanism made one. */
    readonly token?: Buffer,
  ) {
    const detail = [
      displayStatus(major, 'gss'),
      minor === 0 ? '' : displayStatus(minor, 'mechanism'),
    ]
      .filter((text) => text !== '' && text !== 'Success')
      .join(': ');
    const { reason, sentence, next } = explain(major, minor, detail);
    super(sentence);
    this.major = major;
    this.minor = minor;
    this.detail = detail;
    this.reason = reason;
    this.next = next;
  }
}

interface Explanation {
  readonly reason: GssReason;
  readonly sentence: string;
  readonly next: string;
}

/** GSS_ERROR routine codes, RFC 2744 §3.9.1. */
const GSS_S_NO_CRED = 7 << 16;
const GSS_S_CREDENTIALS_EXPIRED = 11 << 16;

/** krb5 error codes (krb5.h): the table's base plus the RFC 4120 §7.5.9 number, or libkrb5's own. */
const ERROR_TABLE_BASE_krb5 = -1765328384;
const krb5 = (offset: number) => ERROR_TABLE_BASE_krb5 + offset;

const EXPIRED: Explanation = {
  reason: 'expired',
  sentence: 'Your Kerberos ticket has expired.',
  next: 'Get a new one with: kinit',
};
const NO_TICKET: Explanation = {
  reason: 'no-ticket',
  sentence: 'You have no Kerberos ticket.',
  next: 'Get one with: kinit',
};
const WRONG_HOST: Explanation = {
  reason: 'wrong-host',
  sentence: 'The server does not have the key for the host name that was asked for.',
  next: 'Check the host in ops/*, the principal ceod/HOST in the KDC and the service keytab.',
};
const CLOCK_SKEW: Explanation = {
  reason: 'clock-skew',
  sentence: 'The clocks of this machine and the Kerberos server differ too much.',
  next: 'Set the clock (timedatectl, chronyc tracking) and try again.',
};
const NOT_YET_VALID: Explanation = {
  reason: 'clock-skew',
  sentence: 'Your Kerberos ticket is not valid yet.',
  next: 'It may be post-dated (klist says from when on), or a clock is wrong.',
};
const KEYTAB: Explanation = {
  reason: 'keytab',
  sentence: 'The keytab cannot be read, or holds no key for this service.',
  next: 'Check it with klist -k FILE, and its owner and mode.',
};
const KDC_UNREACHABLE: Explanation = {
  reason: 'kdc-unreachable',
  sentence: 'No Kerberos server (KDC) of the realm can be reached.',
  next: 'Check the network and the [realms] section of krb5.conf.',
};
const REFUSED: Explanation = {
  reason: 'refused',
  sentence: 'The other side did not accept the authentication.',
  next: 'Get a new ticket with: kinit, and try again.',
};

const BY_MINOR: Readonly<Record<number, Explanation>> = {
  [krb5(7)]: WRONG_HOST, // KDC_ERR_S_PRINCIPAL_UNKNOWN
  [krb5(31)]: REFUSED, // KRB_AP_ERR_BAD_INTEGRITY
  [krb5(32)]: EXPIRED, // KRB_AP_ERR_TKT_EXPIRED
  [krb5(33)]: NOT_YET_VALID, // KRB_AP_ERR_TKT_NYV
  [krb5(35)]: WRONG_HOST, // KRB_AP_ERR_NOT_US
  [krb5(37)]: CLOCK_SKEW, // KRB_AP_ERR_SKEW
  [krb5(44)]: KEYTAB, // KRB_AP_ERR_BADKEYVER
  [krb5(45)]: KEYTAB, // KRB_AP_ERR_NOKEY
  [krb5(144)]: WRONG_HOST, // KRB5KRB_AP_WRONG_PRINC
  [krb5(141)]: NO_TICKET, // KRB5_CC_NOTFOUND
  [krb5(154)]: KDC_UNREACHABLE, // KRB5_REALM_UNKNOWN
  [krb5(156)]: KDC_UNREACHABLE, // KRB5_KDC_UNREACH
  [krb5(181)]: KEYTAB, // KRB5_KT_NOTFOUND
  [krb5(195)]: NO_TICKET, // KRB5_FCC_NOFILE
};

/** libgssapi replaces some minor codes by ones of its own; only its text tells them apart. */
const BY_TEXT: readonly (readonly [RegExp, Explanation])[] = [
  [/key ?tab(le)?\b/i, KEYTAB],
  [/credentials? cache|No Kerberos credentials available|ticket/i, NO_TICKET],
  [/contact any KDC|Cannot find KDC/i, KDC_UNREACHABLE],
  [/clock skew/i, CLOCK_SKEW],
];

function explain(major: number, minor: number, detail: string): Explanation {
  const byMinor = BY_MINOR[minor | 0];
  if (byMinor !== undefined) return byMinor;
  if ((major & 0xff0000) === GSS_S_CREDENTIALS_EXPIRED || /expired/i.test(detail)) return EXPIRED;
  const byText = BY_TEXT.find(([pattern]) => pattern.test(detail));
  if (byText !== undefined) return byText[1];
  if ((major & 0xff0000) === GSS_S_NO_CRED) return NO_TICKET;
  return {
    reason: 'other',
    sentence: 'Kerberos authentication failed.',
    next: `The library says: ${detail}`,
  };
}
