/** Passwords for people to type: made here, told once, kept nowhere. */
import { randomInt } from 'node:crypto';

/** Without what is easily taken for another: 0 O o, 1 l I. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const GROUPS = 4;
const GROUP_LENGTH = 4;

/**
 * A random password of four groups of four characters, such as
 * `hD7q-Kx2m-…`: 93 bits, with lower and upper case, digits and minus signs, as
 * policies of KDCs and database servers may ask for.
 */
export function generatePassword(): string {
  for (;;) {
    const groups = Array.from({ length: GROUPS }, () =>
      Array.from({ length: GROUP_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
    );
    const password = groups.join('-');
    if (/[a-z]/.test(password) && /[A-Z]/.test(password) && /\d/.test(password)) return password;
  }
}
