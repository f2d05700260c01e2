/** The university's own directory, which tells everybody the names and programs of its people. */
import { EqualityFilter, SubstringFilter } from 'ldapts';
import { printable } from '../printable.js';
import type { Known, SuggestedField } from '../person.js';
import { Directory, type Entry } from './connection.js';
import { Servers } from './servers.js';

export interface UniversityOptions {
  /** Tried in turn. */
  readonly urls: readonly string[];
  readonly base: string;
}

/** What the university says of somebody. */
export type Person = Known<SuggestedField>;

/** It is no part of the club: whoever asks it does not wait for long. */
export const TIMEOUT_MS = 3_000;

/** Values of ou that are no programs: of those who have left. */
const NO_PROGRAM: readonly string[] = ['orphaned', 'expired'];

export class University {
  private readonly directory: Directory;

  constructor(private readonly options: UniversityOptions) {
    this.directory = new Directory({
      servers: new Servers(options.urls),
      timeoutMs: TIMEOUT_MS,
      anonymous: true,
      setting: 'university_ldap_url in ceod.cf',
    });
  }

  /** @returns undefined if it does not know the username @throws CeoError */
  async lookUp(username: string): Promise<Person | undefined> {
    const entries = await this.directory.search(this.options.base, {
      scope: 'sub',
      filter: new EqualityFilter({ attribute: 'uid', value: username }),
      attributes: ['uid', 'cn', 'ou'],
      unpaged: true,
    });
    const entry = entries.find((each) => each.values('uid').includes(username));
    const realname = entry && texts(entry, 'cn')[0];
    if (entry === undefined || realname === undefined) return undefined;
    const programs = texts(entry, 'ou').filter((ou) => !NO_PROGRAM.includes(ou.toLowerCase()));
    return { realname, program: programs[0] };
  }

  /** Some usernames that begin with a prefix, in order. @throws CeoError */
  async usernames(prefix: string): Promise<string[]> {
    const entries = await this.directory.search(this.options.base, {
      scope: 'sub',
      filter: new SubstringFilter({ attribute: 'uid', initial: prefix }),
      attributes: ['uid'],
      unpaged: true,
    });
    return entries
      .flatMap((entry) => texts(entry, 'uid'))
      .filter((uid) => uid.startsWith(prefix))
      .sort();
  }

  close(): void {
    this.directory.close();
  }
}

/** What can be shown and stored as it is: whoever runs that directory is not trusted. */
const texts = (entry: Entry, attribute: string): string[] =>
  entry
    .values(attribute)
    .map((value) => value.trim())
    .filter((value) => value !== '' && printable(value) === value);

/** The club's directory has programs as IA5 strings: ASCII. */
export const isStorable = (program: string): boolean => /^[\x20-\x7e]*$/.test(program);
