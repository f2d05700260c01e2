/** The directory on this machine, as root by ldapi:///: by the programs that a person would use. */
import { ldifLine } from '../../ldif.js';
import { shellWord } from '../../shellWord.js';
import { ask } from './step.js';

export interface Entry {
  readonly dn: string;
  values(attribute: string): readonly string[];
}

export class LocalDirectory {
  private constructor(
    readonly url: string,
    /** Whether it is configured by cn=config, which root may change; or else by slapd.conf. */
    readonly hasConfig: boolean,
  ) {}

  /** Undefined unless it answers. */
  static async open(url: string): Promise<LocalDirectory | undefined> {
    if ((await ask('ldapwhoami', ...external(url))) === undefined) return undefined;
    const hasConfig = (await new LocalDirectory(url, true).entry('cn=config')) !== undefined;
    return new LocalDirectory(url, hasConfig);
  }

  /** What is there, as far as root may see it. */
  async search(
    base: string,
    scope: 'base' | 'one' | 'sub',
    filter: string,
    ...attributes: string[]
  ): Promise<Entry[]> {
    const options = ['-LLL', '-o', 'ldif-wrap=no', ...external(this.url), '-b', base, '-s', scope];
    return entriesOf((await ask('ldapsearch', ...options, filter, ...attributes)) ?? '');
  }

  async entry(dn: string, ...attributes: string[]): Promise<Entry | undefined> {
    return (await this.search(dn, 'base', '(objectClass=*)', ...attributes))[0];
  }
}

const external = (url: string): string[] => ['-Q', '-Y', 'EXTERNAL', '-H', url];

/** The commands that feed these lines of LDIF to a program; indented or not, they can be pasted. */
export const feed = (
  program: 'ldapadd' | 'ldapmodify',
  url: string,
  lines: readonly string[],
): string =>
  [
    String.raw`printf '%s\n' \ `.trimEnd(),
    ...lines.map((line) => `  ${line === '' ? "''" : shellWord(line)} \\`),
    `  | ${program} -Q -Y EXTERNAL -H ${shellWord(url)}`,
  ].join('\n');

/** The commands that make an entry. */
export const addition = (
  url: string,
  dn: string,
  attributes: Readonly<Record<string, readonly string[]>>,
): string =>
  feed('ldapadd', url, [
    ldifLine('dn', dn),
    ...Object.entries(attributes).flatMap(([name, values]) =>
      values.map((value) => ldifLine(name, value)),
    ),
  ]);

export const deletion = (url: string, dn: string): string =>
  `ldapdelete -Q -Y EXTERNAL -H ${shellWord(url)} ${shellWord(dn)}`;

/** The commands that give an attribute these values and no others. */
export const replacement = (
  url: string,
  dn: string,
  attribute: string,
  values: readonly string[],
): string =>
  feed('ldapmodify', url, [
    ldifLine('dn', dn),
    'changetype: modify',
    `replace: ${attribute}`,
    ...values.map((value) => ldifLine(attribute, value)),
  ]);

/** Of LDIF without folded lines. */
function entriesOf(ldif: string): Entry[] {
  return ldif
    .split(/\n\n+/)
    .map((text) =>
      text.split('\n').flatMap((line) => {
        const [, name, encoded, value = ''] = /^([^:#]+):(:?) ?(.*)$/.exec(line) ?? [];
        if (name === undefined) return [];
        const text = encoded === ':' ? Buffer.from(value, 'base64').toString('utf8') : value;
        return [{ name: name.toLowerCase(), value: text }];
      }),
    )
    .filter(([first]) => first?.name === 'dn')
    .map(([first, ...rest]) => ({
      dn: first?.value ?? '',
      values: (attribute) =>
        rest.filter(({ name }) => name === attribute.toLowerCase()).map(({ value }) => value),
    }));
}
