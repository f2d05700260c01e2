/**
 * uid numbers: one entry for each range holds the next one. It is moved by a
 * modify that deletes the old and adds the new value, which the directory
 * refuses if somebody else was faster: safe for any number of ceods. A number is
 * never given out twice, whatever becomes of its account.
 */
import { DN, EqualityFilter } from 'ldapts';
import { CeoError } from '../errors.js';
import { printable } from '../printable.js';
import { shellWord } from '../shellWord.js';
import { idIsTaken } from './accounts.js';
import { DirectoryRefused, ResultCode, type Entry } from './connection.js';
import type { SiteDirectory } from './siteDirectory.js';
import { idNumber, ownId, type IdRange, type OwnId } from './idNumbers.js';

export interface CounterOptions {
  /** Where the counters are kept. */
  readonly counterBase: string;
  /** Whether the system itself knows the number (NSS). */
  takenElsewhere(id: number): Promise<boolean>;
  /** The numbers to which something belongs on this host; few, or none, as a rule. */
  withTraces(): Promise<ReadonlySet<number>>;
  /** The highest number that is known to have been given out, whatever the directory says. */
  readonly mark: {
    read(): Promise<number | undefined>;
    raise(id: OwnId): Promise<void>;
  };
  /** Hears that the directory has forgotten the numbers up to one, as after a restore. */
  tellForgotten(range: IdRange, next: number, highest: number): void;
  /** Hears of numbers that are taken for strays. */
  tellStrays(range: IdRange, strays: readonly number[], next: number): void;
}

/** Others may be faster many times in a row, but not for ever. */
const MAX_ATTEMPTS = 200;

/** The counter of one range. */
export class UidCounter {
  private readonly dn: string;
  private readonly name: string;
  private making: Promise<number> | undefined;

  constructor(
    private readonly directory: SiteDirectory,
    private readonly range: IdRange,
    private readonly options: CounterOptions,
  ) {
    this.name = `ceod next uid ${range.min}-${range.max}`;
    this.dn = `${new DN().addPairRDN('cn', this.name).toString()},${options.counterBase}`;
  }

  /**
   * Makes the counter if there is none, which takes long among very many accounts.
   * @throws CeoError failed, if it holds what cannot be right
   */
  async prepare(): Promise<void> {
    await this.next();
  }

  /**
   * Reserves the next number of the range.
   * @throws CeoError failed, at the end of the range or if the counter cannot be right
   */
  async allocate(): Promise<OwnId> {
    const { directory, range, options } = this;
    const withTraces = await options.withTraces();
    await this.skipForgotten();
    let next = await this.next();
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const id = ownId(next, range);
      if (id === undefined) throw rangeIsFull(range);
      if (await this.move(id, id + 1)) {
        const [inDirectory, elsewhere] = await Promise.all([
          idIsTaken(directory, id),
          options.takenElsewhere(id),
        ]);
        if (!inDirectory && !elsewhere && !withTraces.has(id)) {
          await options.mark.raise(id);
          return id;
        }
        if (inDirectory || withTraces.has(id)) await this.skipUsed(id + 1, withTraces);
      }
      next = await this.next();
    }
    throw new CeoError('failed', `No uid could be reserved: the counter is too busy.`, {
      next: 'Try again in a moment.',
    });
  }

  /** Where it stands: a number of the range, or the one behind its end. */
  private async next(): Promise<number> {
    const entry = await this.find();
    if (entry !== undefined) return this.valueOf(entry);
    return (this.making ??= this.make().finally(() => (this.making = undefined)));
  }

  private async find(): Promise<Entry | undefined> {
    const [entry] = await this.directory.search(this.dn, {
      scope: 'base',
      filter: new EqualityFilter({ attribute: 'objectClass', value: 'device' }),
      attributes: ['serialNumber'],
    });
    return entry;
  }

  private async valueOf(entry: Entry): Promise<number> {
    const { min, max } = this.range;
    const values = entry.values('serialNumber');
    const value = ownId(idNumber(values), { min, max: max + 1 });
    return value ?? this.refuse(values);
  }

  /** What it should hold nobody but people can tell: numbers of accounts that are gone count as well. */
  private async refuse(values: readonly string[]): Promise<never> {
    const { min, max } = this.range;
    const { next } = numbersInOrder(await this.used(), this.range);
    const held = values.length === 0 ? 'nothing' : values.map((each) => `"${each}"`).join(' and ');
    const ldif = ['changetype: modify', 'replace: serialNumber', `serialNumber: ${next}`];
    const lines = [`dn: ${this.dn}`, ...ldif].map(shellWord).join(' ');
    throw new CeoError(
      'failed',
      `the uid counter ${printable(this.dn)} holds ${printable(held, 100)}, and not one number ` +
        `from ${min} to ${max + 1}; a member of syscom can set it to ${next}, or to a higher ` +
        `number if those from there on were given to accounts that are gone: ` +
        String.raw`printf '%s\n' ${lines} | ldapmodify`,
    );
  }

  private async make(): Promise<number> {
    const { min, max } = this.range;
    const { next, strays } = numbersInOrder(await this.used(), this.range);
    if (strays.length > 0) this.options.tellStrays(this.range, strays, next);
    try {
      await this.directory.add(this.dn, {
        objectClass: ['top', 'device'],
        cn: this.name,
        serialNumber: String(next),
        description: `the next uid from ${min} to ${max}; kept by ceod`,
      });
      return next;
    } catch (error) {
      if (!(error instanceof CeoError) || error.code !== 'exists') throw error;
      const made = await this.find();
      if (made === undefined) throw error;
      return this.valueOf(made);
    }
  }

  /** @returns false if the counter does not stand at `from` any more */
  private async move(from: number, to: number): Promise<boolean> {
    try {
      await this.directory.modify(this.dn, [
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

  /** A directory that was restored from an older backup: the numbers in between are others'. */
  private async skipForgotten(): Promise<void> {
    const highest = await this.options.mark.read();
    if (highest === undefined) return;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const next = await this.next();
      if (next > highest) return;
      this.options.tellForgotten(this.range, next, highest);
      await this.move(next, highest + 1);
    }
  }

  /** Numbers were used behind the counter's back: it jumps past those given out in order at once. */
  private async skipUsed(from: number, withTraces: ReadonlySet<number>): Promise<void> {
    const used = await this.used();
    let to = Math.max(from, numbersInOrder(used, this.range).next);
    while (used.has(to) || withTraces.has(to)) to += 1;
    if (to > from) await this.move(from, to);
  }

  /**
   * The numbers of the range that an account or group has.
   * It looks through all of them: an indexed `>=` that very many match takes slapd longer than a step may.
   */
  private async used(): Promise<Set<number>> {
    const used = new Set<number>();
    const look = (base: string, objectClass: string, attributes: readonly string[]) => {
      const filter = new EqualityFilter({ attribute: 'objectClass', value: objectClass });
      return this.directory.visit(base, { scope: 'one', filter, attributes }, (entry) => {
        for (const attribute of attributes) {
          const id = ownId(idNumber(entry.values(attribute)), this.range);
          if (id !== undefined) used.add(id);
        }
      });
    };
    const { bases } = this.directory;
    await look(bases.users, 'posixAccount', ['uidNumber', 'gidNumber']);
    await look(bases.groups, 'posixGroup', ['gidNumber']);
    return used;
  }
}

/**
 * Numbers given out in order lie close together. A few at the top, far above all the others, were
 * given by hand: to go on behind those would use up the range at once.
 * @returns the number behind those in order, and the strays above it
 */
export function numbersInOrder(
  used: ReadonlySet<number>,
  { min, max }: IdRange,
): { readonly next: number; readonly strays: readonly number[] } {
  const numbers = Float64Array.from(used).sort();
  const far = Math.max(100, Math.ceil((max - min + 1) / 10));
  const few = Math.max(3, Math.floor(numbers.length / 100));
  const below = (index: number) => numbers[index - 1] ?? min - 1;
  let end = numbers.length;
  for (let index = end - 1; index >= Math.max(0, numbers.length - few); index -= 1)
    if ((numbers[index] ?? 0) - below(index) > far) end = index;
  return { next: below(end) + 1, strays: [...numbers.subarray(end)] };
}

function rangeIsFull({ min, max }: IdRange): CeoError {
  return new CeoError('failed', `All uids from ${min} to ${max} are used.`, {
    next: 'A member of syscom can widen the range in accounts.cf.',
  });
}
