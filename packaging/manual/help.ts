/** Pages of programs whose --help is a text of their own: ceoc, ceod. */
import { literal, seeAlso, tagged, text, word, type Page, type Section } from './mdoc.js';

interface About {
  readonly name: string;
  readonly section: 1 | 8;
  readonly about: string;
  readonly files: readonly (readonly [string, string])[];
  readonly others: readonly string[];
}

/** Headings of --help, and what they are in a manual. */
const SECTIONS: Readonly<
  Record<string, { readonly title: string; readonly linesOf: (body: string) => string[] }>
> = {
  'Options:': { title: 'OPTIONS', linesOf: listWithText },
  'Operations:': {
    title: 'OPERATIONS',
    linesOf: (body) => literal(body.replaceAll(/^ {2}/gm, '').split('\n')),
  },
  'Exit status:': { title: 'EXIT STATUS', linesOf: listWithText },
};

export function pageOfHelp(help: string, { name, section, about, files, others }: About): Page {
  const [usage = '', ...blocks] = help.trimEnd().split(/\n{2,}/);
  const description: string[] = [];
  const early: Section[] = [];
  const late: Section[] = [];
  for (const block of blocks) {
    const [heading = ''] = block.split('\n', 1);
    const declared = SECTIONS[heading];
    if (declared === undefined) {
      description.push(...(description.length > 0 ? ['.Pp'] : []), text(inOneLine(block)));
      continue;
    }
    const { title, linesOf } = declared;
    // The order that manuals have.
    const place = title === 'EXIT STATUS' ? late : early;
    place.push({ title, lines: linesOf(block.slice(heading.length + 1)) });
  }
  const filesLines = tagged(files.map(([file, what]) => [`Pa ${word(file)}`, [text(what)]]));
  return {
    name,
    section,
    about,
    sections: [
      { title: 'SYNOPSIS', lines: synopsis(usage) },
      { title: 'DESCRIPTION', lines: description },
      ...early,
      { title: 'FILES', lines: filesLines },
      ...late,
      seeAlso(others),
    ],
  };
}

const inOneLine = (block: string) => block.replaceAll(/\s+/g, ' ');

const synopsis = (usage: string) =>
  usage
    .replace(/^Usage: +/, '')
    .split('\n')
    .flatMap((line) => {
      const [name = '', ...rest] = line.trim().split(' ');
      return [`.Nm ${name}`, ...rest.map(part)];
    });

/** A word of the command line: capitals stand for something. */
function part(each: string): string {
  const [, optional] = /^\[(.*)\]$/.exec(each) ?? [];
  if (optional !== undefined) return `.Op ${part(optional).slice(1)}`;
  if (each.startsWith('-')) return `.Fl ${word(each.slice(1))}`;
  if (/^[A-Z|]+$/.test(each) && each !== '|') return `.Ar ${each.replaceAll('|', ' | ')}`;
  return each === '|' ? text(each) : `.Cm ${word(each)}`;
}

/** Terms and what they mean, and between them text. */
function listWithText(body: string): string[] {
  const lines: string[] = [];
  // What is further in goes on from the line above.
  for (const entry of body.replaceAll(/\n {3,}/g, ' ').split(/\n(?=\S)|(?<=^\S.*)\n/m)) {
    const rows = entry.split('\n').map((line) => /^ {2}(\S.*?)(?: {2,}| (?=show))(.+)$/.exec(line));
    if (rows.every((row) => row !== null)) {
      lines.push(
        ...tagged(rows.map(([, tag = '', meaning = '']) => [tagOf(tag), [text(meaning)]])),
      );
    } else {
      lines.push('.Pp', text(inOneLine(entry)));
    }
  }
  return lines;
}

const tagOf = (tag: string) =>
  tag.startsWith('-') ? `Fl ${tag.slice(1).replaceAll(', -', ' , ')}` : word(tag);
