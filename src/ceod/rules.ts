/** The rules for fields, docs/protocol.md §5. Each check throws a Refusal that names the field. */
import { printable } from '../printable.js';
import { invalid } from './refusal.js';

const MAX_USERNAME = 32;
const MAX_TEXT_BYTES = 255;
const MAX_FORWARD_BYTES = 512;
/** kadmin(1) cuts what is longer, without a word. */
const MAX_PASSWORD_BYTES = 1022;

const CONTROL = /\p{Cc}/u;
/** What a mailer would take for more than one plain address. */
const REFUSED_IN_FORWARD = /["',|$/#:\t\n\v\f\r ]/;

/** A username for a new account. */
export function checkNewUsername(field: string, username: string, pattern: RegExp): void {
  if (username.length > MAX_USERNAME) {
    throw invalid(field, `at most ${MAX_USERNAME} characters are allowed`);
  }
  if (!pattern.test(username)) {
    throw invalid(
      field,
      `"${printable(username)}" is not allowed: it must match ${pattern.source}`,
    );
  }
}

/** One line of text that ends up in gecos-like places. */
export function checkText(field: string, text: string): void {
  if (CONTROL.test(text)) throw invalid(field, 'control characters are not allowed');
  if (text.includes(':')) throw invalid(field, '":" is not allowed');
  if (Buffer.byteLength(text) > MAX_TEXT_BYTES) {
    throw invalid(field, `at most ${MAX_TEXT_BYTES} bytes are allowed`);
  }
}

export function checkAscii(field: string, text: string): void {
  if (!/^\p{ASCII}*$/u.test(text)) throw invalid(field, 'only ASCII is allowed');
}

export function checkPassword(field: string, password: string, minLength: number): void {
  if (CONTROL.test(password)) throw invalid(field, 'control characters are not allowed');
  if (Array.from(password).length < minLength) {
    throw invalid(field, `at least ${minLength} characters are needed`);
  }
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) {
    throw invalid(field, `at most ${MAX_PASSWORD_BYTES} bytes are allowed`);
  }
}

/** One address for ~/.forward; empty is allowed. */
export function checkForward(field: string, forward: string): void {
  const refused = REFUSED_IN_FORWARD.exec(forward) ?? CONTROL.exec(forward);
  if (refused !== null)
    throw invalid(field, `invalid character in forward: ${printable(refused[0])}`);
  if (Buffer.byteLength(forward) > MAX_FORWARD_BYTES) {
    throw invalid(field, `at most ${MAX_FORWARD_BYTES} bytes are allowed`);
  }
}
