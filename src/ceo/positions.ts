/** The positions of the club. */

/** What they are called in the directory, and for people. */
export const POSITIONS: Readonly<Record<string, string>> = {
  president: 'President',
  'vice-president': 'Vice-President',
  treasurer: 'Treasurer',
  secretary: 'Secretary',
  sysadmin: 'System Administrator',
  cro: 'Chief Returning Officer',
  librarian: 'Librarian',
  imapd: 'Imapd',
  webmaster: 'Web Master',
  offsck: 'Office Manager',
};
