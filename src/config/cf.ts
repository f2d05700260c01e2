/**
 * The syntax of the *.cf files: `key = value`, quotes around a value, `#`
 * begins a comment (also inside quotes), `include FILE`, and `\` at the end of
 * a line continues it.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CeoError } from '../errors.js';

/** One `key = value`, and where it stands. */
export interface Entry {
  readonly key: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
}

/** A complaint about a place in a file. */
export function configError(file: string, line: number, problem: string, next?: string): CeoError {
  return new CeoError('config', `${file}:${line}: ${problem}`, next === undefined ? {} : { next });
}

/**
 * Reads a file and what it includes. Of a key that occurs more than once the
 * last entry counts.
 * @throws CeoError config, which names file and line
 */
export function readCf(file: string): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  readInto(entries, file, []);
  return entries;
}

function readInto(entries: Map<string, Entry>, file: string, includedBy: readonly string[]): void {
  if (includedBy.includes(file)) {
    throw new CeoError('config', `${file}: includes itself: ${[...includedBy, file].join(' → ')}`);
  }
  for (const { text, line } of logicalLines(readText(file))) {
    const include = /^include\s+(.+)$/.exec(text);
    if (include !== null) {
      const target = path.resolve(path.dirname(file), unquote(include[1] ?? '', file, line));
      readInto(entries, target, [...includedBy, file]);
      continue;
    }
    const assignment = /^([A-Za-z]\w*)\s*=\s*(.*)$/.exec(text);
    if (assignment === null) {
      throw configError(file, line, `"${text}" is neither "key = value" nor "include FILE"`);
    }
    const [, key = '', value = ''] = assignment;
    entries.set(key, { key, value: unquote(value, file, line), file, line });
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const why =
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new CeoError('config', `${file} ${why}.`, {
      next: 'CEO_CONFIG_DIR names the folder of the configuration; /etc/csc unless it is set.',
      cause,
    });
  }
}

/** Lines without comments and blank ones, continued lines joined, with the number of their first. */
function logicalLines(text: string): { text: string; line: number }[] {
  const lines: { text: string; line: number }[] = [];
  let pending: { text: string; line: number } | undefined;
  for (const [index, physical] of text.split('\n').entries()) {
    const bare = physical.replace(/#.*/, '').trim();
    const continued = bare.endsWith('\\');
    const part = continued ? bare.slice(0, -1).trimEnd() : bare;
    pending =
      pending === undefined
        ? { text: part, line: index + 1 }
        : { ...pending, text: `${pending.text} ${part}`.trim() };
    if (continued) continue;
    if (pending.text !== '') lines.push(pending);
    pending = undefined;
  }
  if (pending !== undefined && pending.text !== '') lines.push(pending);
  return lines;
}

function unquote(value: string, file: string, line: number): string {
  const quote = value[0];
  if (quote !== '"' && quote !== "'") return value;
  if (value.length < 2 || !value.endsWith(quote)) {
    throw configError(file, line, `a quote is not closed: ${value}`);
  }
  return value.slice(1, -1);
}
