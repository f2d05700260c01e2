import { causeOf, causeOfMinor, causeOfText, type Reason } from '../kerberos/causes.js';
import { displayStatus, type CallStatus } from './ffi.js';

/** Why a GSS-API call failed, as far as it matters for what to do next. */
export type GssReason = Reason | 'other';

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
const ROUTINE_ERROR = 0xff0000;

function explain(major: number, minor: number, detail: string): Explanation {
  const routineError = major & ROUTINE_ERROR;
  return (
    causeOfMinor(minor) ??
    (routineError === GSS_S_CREDENTIALS_EXPIRED ? causeOf('expired') : undefined) ??
    // libgssapi replaces some minor codes by ones of its own; only its text tells them apart.
    causeOfText(detail) ??
    (routineError === GSS_S_NO_CRED ? causeOf('no-ticket') : undefined) ?? {
      reason: 'other',
      sentence: 'Kerberos authentication failed.',
      next: `The library says: ${detail}`,
    }
  );
}
