/**
 * uid and gid numbers. The directory is not believed: nothing is done with a number that does not
 * lie in the ranges of members and clubs, or root's children would have whatever group it names.
 */

/** From the least to the greatest, both included. */
export interface IdRange {
  readonly min: number;
  readonly max: number;
}

/** The uids and gids that are this site's own; no number is of both kinds. */
export interface IdRanges {
  readonly member: IdRange;
  readonly club: IdRange;
}

/** A number of one of the ranges: the only kind that a file is given to or a child runs with. */
export type OwnId = number & { readonly __brand: 'OwnId' };

/** (uid_t) -1 says "leave it as it is" to chown(2) and setresuid(2). */
const GREATEST = 2 ** 32 - 2;

/**
 * The values of uidNumber, gidNumber or a counter as a number.
 * @returns undefined unless there is one value, in decimal digits alone, that a system can know
 */
export function idNumber(values: readonly string[]): number | undefined {
  const [text = '', ...more] = values;
  if (more.length > 0 || !/^(?:0|[1-9]\d{0,9})$/.test(text)) return undefined;
  const number = Number(text);
  return number <= GREATEST ? number : undefined;
}

/** @returns undefined unless it lies in the range */
export const ownId = (id: number | undefined, { min, max }: IdRange): OwnId | undefined =>
  id !== undefined && Number.isInteger(id) && id >= min && id <= max ? (id as OwnId) : undefined;
