/** What somebody may have meant who mistyped a name. */
import distance from 'damerau-levenshtein';

/** One slip in so many characters; more would be another name. */
const CHARACTERS_PER_SLIP = 3;

/**
 * @returns ` Did you mean …?`, to be put behind a sentence; nothing if no candidate is near
 */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const typed = word.toLowerCase();
  let least = Math.max(1, Math.floor(typed.length / CHARACTERS_PER_SLIP));
  let nearest: string | undefined;
  for (const candidate of candidates) {
    const { steps } = distance(typed, candidate.toLowerCase());
    // What has nothing in common is no slip.
    if (steps > least || steps >= candidate.length) continue;
    if (steps === least && nearest !== undefined) continue;
    least = steps;
    nearest = candidate;
  }
  return nearest === undefined ? '' : ` Did you mean ${nearest}?`;
}
