/** What the letters of ceo stand for: another thing at each start, by tradition of the house. */
const C = ['Club', 'Computer', 'Campus', 'Conscientious', 'Cheerful', 'Curious', 'Caffeinated'];
const E = ['Electronic', 'Effective', 'Excellent', 'Elegant', 'Everlasting', 'Extraordinary'];
const O = ['Office', 'Operator', 'Organizer', 'Oracle', 'Overseer', 'Orchestra'];

/** @param random numbers from 0 to below 1 */
export function randomTitle(random: () => number = Math.random): string {
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)] ?? '';
  return [C, E, O].map(pick).join(' ');
}
