/**
 * uid numbers: one entry for each range holds the next one. It is moved by a
 * modify that deletes the old and adds the new value, which the directory
 * refuses if somebody else was faster: safe for any number of ceods. A number is
 * never given out twice, whatever becomes of its account.
 */
import { DN, EqualityFilter } from 'ldapts';
import { CeoError } from '../errors.js';
import { idIsTaken, type Bases } from './accounts.js';
import { DirectoryRefused, ResultCode, type Directory } from './connection.js';

export interface IdRange {
  readonly min: number;
  readonly max: number;
}

export interface IdOptions {
  readonly bases: Bases;
  /** Where the counters are kept. */
  readonly counterBase: string;
  /** Whether the system itself knows the number (NSS). */
  takenElsewhere(id: number): Promise<boolean>;
}

/** Others may be faster many times in a row, but not for ever. */
const MAX_ATTEMPTS = 200;

/**
 * Reserves the next number of a range. @throws CeoError failed, at the end of the range
 */
export async function allocateId(
  directory: Directory,
  range: IdRange,
  options: IdOptions,
): Promise<number> {
  const dn = counterDn(range, options.counterBase);
  let next = await readCounter(directory, dn, range, options);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    if (next > range.max) throw rangeIsFull(range);
    if (!(await moveCounter(directory, dn, next, next + 1))) {
      next = await readCounter(directory, dn, range, options);
      continue;
    }
    const [inDirectory, elsewhere] = await Promise.all([
      idIsTaken(directory, options.bases, next),
      options.takenElsewhere(next),
    ]);
    if (!inDirectory && !elsewhere) return next;
    if (inDirectory) await skipUsed(directory, dn, next + 1, range, options.bases);
    next = await readCounter(directory, dn, range, options);
  }
  throw new CeoError('failed', `No uid could be reserved: the counter is too busy.`, {
    next: 'Try again in a moment.',
  });
}

const counterDn = (range: IdRange, base: string): string =>
  `${new DN().addPairRDN('cn', counterName(range)).toString()},${base}`;

const counterName = ({ min, max }: IdRange) => `ceod next uid ${min}-${max}`;

async function readCounter(
  directory: Directory,
  dn: string,
  range: IdRange,
  options: IdOptions,
): Promise<number> {
  const found = await findCounter(directory, dn);
  if (found !== undefined) return found;
  const first = (await highestUsed(directory, range, options.bases)) + 1;
  try {
    await directory.add(dn, {
      objectClass: ['top', 'device'],
      cn: counterName(range),
      serialNumber: String(first),
      description: `the next uid from ${range.min} to ${range.max}; kept by ceod`,
    });
    return first;
  } catch (error) {
    if (!(error instanceof CeoError) || error.code !== 'exists') throw error;
    const made = await findCounter(directory, dn);
    if (made === undefined) throw error;
    return made;
  }
}

async function findCounter(directory: Directory, dn: string): Promise<number | undefined> {
  const filter = new EqualityFilter({ attribute: 'objectClass', value: 'device' });
  const [entry] = await directory.search(dn, {
    scope: 'base',
    filter,
    attributes: ['serialNumber'],
  });
  const value = entry?.values('serialNumber')[0];
  return value === undefined ? undefined : Number(value);
}

/** @returns false if the counter does not stand at `from` any more */
async function moveCounter(
  directory: Directory,
  dn: string,
  from: number,
  to: number,
): Promise<boolean> {
  try {
    await directory.modify(dn, [
      { operation: 'delete', attribute: 'serialNumber', values: [String(from)] },
      { operation: 'add', attribute: 'serialNumber', values: [String(to)] },
    ]);
    return true;
  } catch (error) {
    if (error instanceof DirectoryRefused && error.resultCode === ResultCode.noSuchAttribute)
      return false;
    throw error;
  }
}

/** Numbers were used behind the counter's back: it jumps past all of them at once. */
async function skipUsed(
  directory: Directory,
  dn: string,
  from: number,
  range: IdRange,
  bases: Bases,
): Promise<void> {
  const to = (await highestUsed(directory, range, bases)) + 1;
  if (to > from) await moveCounter(directory, dn, from, to);
}

/**
 * The highest number of the range that an account or group has; min - 1 if there is none.
 * It looks through all of them: an indexed `>=` that very many match takes slapd longer than a step may.
 */
async function highestUsed(
  directory: Directory,
  { min, max }: IdRange,
  bases: Bases,
): Promise<number> {
  let highest = min - 1;
  const look = (base: string, objectClass: string, attributes: readonly string[]) => {
    const filter = new EqualityFilter({ attribute: 'objectClass', value: objectClass });
    return directory.visit(base, { scope: 'one', filter, attributes }, (entry) => {
      for (const number of attributes.flatMap((each) => entry.values(each).map(Number)))
        if (number <= max) highest = Math.max(highest, number);
    });
  };
  await look(bases.users, 'posixAccount', ['uidNumber', 'gidNumber']);
  await look(bases.groups, 'posixGroup', ['gidNumber']);
  return highest;
}

function rangeIsFull({ min, max }: IdRange): CeoError {
  return new CeoError('failed', `All uids from ${min} to ${max} are used.`, {
    next: 'A member of syscom can widen the range in accounts.cf.',
  });
}
