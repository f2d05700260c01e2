/**
 * How to find out whether a change was made whose outcome nobody was told, or that it may be made
 * again: sentences for people.
 */
import { shellWord } from '../shellWord.js';

export const SAFE_AGAIN = 'It is safe to do it again.';

export const PASSWORD_AGAIN = 'It is safe to do it again: that sets another password.';

export const checkAccount = (username: string, kind: 'clubs' | 'members' = 'members'): string =>
  `Check with: ceo ${kind} get ${shellWord(username)}`;

/** @param onlyNew whether a database that exists was to be left alone */
export const checkDatabase = (username: string, onlyNew: boolean): string =>
  onlyNew
    ? `Do it again; if it exists by then: ceo mysql create ${shellWord(username)} --reset`
    : 'It is safe to do it again: that sets a new password.';
