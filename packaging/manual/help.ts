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
const TITLES: Readonly<Record<string, string>> = {
  'Options:': 'OPTIONS',
  'Operations:': 'OPERATIONS',
  'Exit status:': 'EXIT STATUS',
};

export function pageOfHelp(help: string, { name, section, about, files, others }: About): Page {
  const [usage = '', ...blocks] = help.trimEnd().split(/\n{2,}/);
  const sections: Section[] = [];
  let lines: string[] = [];
  const begin = (title: string) => sections.push({ title, lines: (lines = []) });
  begin('SYNOPSIS');
  lines.push(...synopsis(usage));
  begin('DESCRIPTION');
  for (const block of blocks) {
    const [first = ''] = block.split('\n', 1);
    const title = TITLES[first];
    // Behind the sections of --help, text is of the program again.
    const isText = title === undefined && sections.at(-1)?.title !== 'DESCRIPTION';
    if (title !== undefined) begin(title);
    else if (isText) begin('SIGNALS');
    else if (lines.length > 0) lines.push('.Pp');
    lines.push(...bodyOf(title === undefined ? block : block.slice(first.length + 1)));
  }
  const filesSection = {
    title: 'FILES',
    lines: tagged(files.map(([file, what]) => [`Pa ${word(file)}`, [text(what)]])),
  };
  // The order that manuals have.
  const isLate = ({ title }: Section) => title === 'EXIT STATUS';
  const isEarly = (each: Section) => !isLate(each);
  return {
    name,
    section,
    about,
    sections: [
      ...sections.filter(isEarly),
      filesSection,
      ...sections.filter(isLate),
      seeAlso(others),
    ],
  };
}

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

/** Terms and meanings, or a table, or text with such a list in it. */
function bodyOf(block: string): string[] {
  let rows: [string, string[]][] = [];
  const out: string[] = [];
  let words: string[] = [];
  const flush = () => {
    if (words.length > 0) out.push(...(out.length > 0 ? ['.Pp'] : []), text(words.join(' ')));
    out.push(...listed(rows));
    [rows, words] = [[], []];
  };
  for (const line of block.split('\n')) {
    const [, tag, meaning] = /^ {2}(\S+(?:, \S+| \S+)*?)(?: {2,}| (?=show))(.+)$/.exec(line) ?? [];
    if (tag !== undefined && meaning !== undefined) rows.push([tag, [meaning]]);
    else if (/^ {3,}/.test(line) && rows.length > 0) rows.at(-1)?.[1].push(line.trim());
    else {
      if (rows.length > 0) flush();
      words.push(line);
    }
  }
  flush();
  return out;
}

function listed(rows: readonly [string, readonly string[]][]): string[] {
  // Columns are for the eye.
  if (rows.some(([, meaning]) => meaning.some((each) => each.includes('→')))) {
    const [width, types] = [
      Math.max(...rows.map(([tag]) => tag.length)),
      Math.max(...rows.map(([, [meaning = '']]) => meaning.split(/ +/)[0]?.length ?? 0)),
    ];
    return literal(
      rows.map(([tag, [meaning = '']]) => {
        const [from = '', ...to] = meaning.split(/ +/);
        return `${tag.padEnd(width)}  ${from.padEnd(types)}  ${to.join(' ')}`;
      }),
    );
  }
  return tagged(rows.map(([tag, meaning]) => [tagOf(tag), [text(meaning.join(' '))]]));
}

const tagOf = (tag: string) =>
  tag.startsWith('-')
    ? `Fl ${tag
        .split(', ')
        .map((each) => each.slice(1))
        .join(' , ')}`
    : word(tag);
