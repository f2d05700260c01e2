/** Manual pages in mdoc(7). */
import { VERSION } from '../checkout.js';

/** Text, in which nothing is a macro; each sentence on a line of its own. */
export const text = (words: string): string =>
  words
    .replaceAll(/(?<=[a-z)])\. (?=[A-Z])/g, '.\n')
    .replaceAll('\\', '\\e')
    .replaceAll(/^(?=[.'])/gm, '\\&')
    .replaceAll(/(?<![\w])--?(?=\w)/g, (dashes) => dashes.replaceAll('-', '\\-'));

/** An argument of a macro: one word, which is no macro itself. */
export const word = (value: string): string => {
  const escaped = value
    .replaceAll('\\', '\\e')
    .replaceAll('"', '\\(dq')
    .replaceAll(/^(?=[.'])/g, '\\&');
  const isMacro = /^[A-Z][a-z]$/.test(value);
  const isPunctuation = /^[.,:;()[\]?!|]+$/.test(value);
  const safe = isMacro || isPunctuation ? `\\&${escaped}` : escaped;
  return / |^$/.test(safe) ? `"${safe}"` : safe;
};

export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

export interface Page {
  readonly name: string;
  readonly section: 1 | 5 | 8;
  /** One line, for whatis(1). */
  readonly about: string;
  readonly sections: readonly Section[];
}

export function mdoc({ name, section, about, sections }: Page, seconds: number): string {
  const date = new Date(seconds * 1000).toLocaleDateString('en-US', {
    timeZone: 'UTC',
    dateStyle: 'long',
  });
  return [
    `.Dd ${date}`,
    `.Dt ${name.toUpperCase()} ${section}`,
    `.Os "ceo ${VERSION}"`,
    '.Sh NAME',
    `.Nm ${name}`,
    `.Nd ${text(about)}`,
    ...sections.flatMap(({ title, lines }) => [`.Sh ${title}`, ...lines]),
    '',
  ].join('\n');
}

/** Terms with what they mean; the terms are lines of macros. */
export const tagged = (rows: readonly (readonly [tag: string, body: readonly string[]])[]) =>
  rows.length === 0
    ? []
    : ['.Bl -tag -width Ds', ...rows.flatMap(([tag, body]) => [`.It ${tag}`, ...body]), '.El'];

/** As it stands, line by line. */
export const literal = (lines: readonly string[]): string[] => [
  '.Bd -literal -offset indent',
  ...lines.map((line) => text(line)),
  '.Ed',
];

/** `ceod 8`: a page that this one points to. They stand by section, then by name. */
export const seeAlso = (pages: readonly string[]): Section => ({
  title: 'SEE ALSO',
  lines: pages
    .map((page) => page.split(' ') as [name: string, section: string])
    .sort(([a, one], [b, other]) => one.localeCompare(other) || a.localeCompare(b))
    .map(([name, section], at) => `.Xr ${name} ${section}${at < pages.length - 1 ? ' ,' : ''}`),
});
