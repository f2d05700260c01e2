/**
 * The rules for fields of requests, docs/protocol.md §5: each function says what
 * is wrong with a text, or nothing. ceod decides by them; ceo looks beforehand.
 */
import { printable } from './printable.js';

const MAX_USERNAME = 32;
const MAX_TEXT_BYTES = 255;
const MAX_FORWARD_BYTES = 512;
const MAX_PHONE = 32;
const MIN_PHONE_DIGITS = 3;
/** kadmin(1) cuts what is longer, without a word. */
const MAX_PASSWORD_BYTES = 1022;

const CONTROL = /\p{Cc}/u;
/** What a mailer would take for more than one plain address. */
const REFUSED_IN_FORWARD = /["',|$/#:\s]/u;

/** Decoders drop it, so that another password would be set than the one that was given. */
const BYTE_ORDER_MARK = '\ufeff';
const BEGINS_WITH_MARK = 'a byte-order mark at the beginning is not allowed';

/** What a decoder puts in the place of bytes that are no UTF-8, as of a terminal's in Latin-1. */
const REPLACEMENT = '\ufffd';

type Problem = string | undefined;

/** What a username may be at all; existing members may have names that new ones may not. */
const USERNAME = /^[a-z0-9_][-a-z0-9_.]{0,31}$/;

export const isUsername = (text: string): boolean => USERNAME.test(text);

/** A username for a new account. */
export function newUsernameProblem(username: string, pattern: RegExp): Problem {
  if (username.length > MAX_USERNAME) return `at most ${MAX_USERNAME} characters are allowed`;
  if (pattern.test(username)) return undefined;
  return `"${printable(username)}" is not allowed: it must match ${pattern.source}`;
}

/** One line of text that ends up in gecos-like places. */
export function textProblem(text: string): Problem {
  if (CONTROL.test(text)) return 'control characters are not allowed';
  if (text.includes(REPLACEMENT)) return 'a character of it was lost, as it is no UTF-8';
  if (text.includes(':')) return '":" is not allowed';
  if (Buffer.byteLength(text) > MAX_TEXT_BYTES)
    return `at most ${MAX_TEXT_BYTES} bytes are allowed`;
  return undefined;
}

export const asciiProblem = (text: string): Problem =>
  /^\p{ASCII}*$/u.test(text) ? undefined : 'only ASCII is allowed';

export function passwordProblem(password: string, minLength: number): Problem {
  if (password.startsWith(BYTE_ORDER_MARK)) return BEGINS_WITH_MARK;
  if (CONTROL.test(password)) return 'control characters are not allowed';
  if (Array.from(password).length < minLength) return `at least ${minLength} characters are needed`;
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES)
    return `at most ${MAX_PASSWORD_BYTES} bytes are allowed`;
  return undefined;
}

/** One address for ~/.forward; empty is allowed. */
export function forwardProblem(forward: string): Problem {
  const refused = REFUSED_IN_FORWARD.exec(forward) ?? CONTROL.exec(forward);
  if (refused !== null) return `invalid character in forward: ${printable(refused[0])}`;
  if (Buffer.byteLength(forward) > MAX_FORWARD_BYTES)
    return `at most ${MAX_FORWARD_BYTES} bytes are allowed`;
  return undefined;
}

/** A phone number as people write it, and as LDAP's telephoneNumber takes it. */
export function phoneProblem(phone: string): Problem {
  if (!/^[-0-9 +().\/]*$/.test(phone)) return 'only digits, blanks and + ( ) - . / are allowed';
  if (phone.length > MAX_PHONE) return `at most ${MAX_PHONE} characters are allowed`;
  if (phone.replace(/\D/g, '').length < MIN_PHONE_DIGITS)
    return `at least ${MIN_PHONE_DIGITS} digits are needed`;
  return undefined;
}
