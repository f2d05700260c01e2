/** Principals as GSS-API displays them: a username of the realm, to the letter, or nobody. */
import { usernameOf } from '../../src/ceod/base/principal.js';
import { promise } from '../target.js';

const REALM = 'CSCLUB.TEST';

export const seeds = [
  'ctdalek@CSCLUB.TEST',
  'alice@OTHER.REALM',
  'alice/admin@CSCLUB.TEST',
  'alice\\@x@CSCLUB.TEST',
  'alice\0@CSCLUB.TEST',
].map((text) => Buffer.from(text));

export function fuzz(data: Buffer): void {
  const principal = data.toString('utf8');
  const username = usernameOf(principal, REALM);
  if (username === undefined) return;
  promise(`${username}@${REALM}` === principal, 'the principal is the username in the realm');
  promise(/^[a-z0-9_.-]{1,32}$/.test(username), 'a username has no other characters');
}
