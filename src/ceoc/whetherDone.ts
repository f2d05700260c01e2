/** How to find out whether a change was made whose outcome nobody was told: sentences for people. */
import { shellWord } from '../shellWord.js';

export const checkAccount = (username: string, kind: 'clubs' | 'members' = 'members'): string =>
  `Check with: ceo ${kind} get ${shellWord(username)}`;

/** Where a database that exists was to be left alone. */
export const checkDatabase = (username: string): string =>
  `Do it again; if it exists by then: ceo mysql create ${shellWord(username)} --reset`;
