/**
 * The syntax of the *.cf files: `key = value`, quotes around a value, `#`
 * begins a comment (also inside quotes), `include FILE`, and `\` at the end of
 * a line continues it. Values may be secret: no message here quotes one.
 */
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { CeoError } from '../errors.js';
import { readRegularText, whyUnread } from '../regularFile.js';

/** One `key = value`, and where it stands. */
export interface Entry {
  readonly key: string;
  readonly value: string;
  readonly file: string;
  /** Counted from 1; of a continued line, the first. */
  readonly line: number;
}

/** A file with what it includes. */
export interface Cf {
  /** By key; of a key that occurs more than once, the last entry. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** Every file that was read, itself first. */
  readonly files: readonly string[];
}

/** A complaint about a place in a file. */
export function configError(file: string, line: number, problem: string, next?: string): CeoError {
  return new CeoError('config', `${file}:${line}: ${problem}`, next === undefined ? {} : { next });
}

/**
 * Reads a file and what it includes; an included file's name is relative to the
 * folder of the file that includes it.
 * @throws CeoError config, which names file and line
 */
export function readCf(file: string): Cf {
  const entries = new Map<string, Entry>();
  const files: string[] = [];
  const text = readText(file, (problem, cause) => {
    throw new CeoError('config', `${file} ${problem}.`, {
      next: 'CEO_CONFIG_DIR names the folder of the configuration; /etc/csc unless it is set.',
      cause,
    });
  });
  readInto({ entries, files }, file, text, [realpathSync(file)]);
  return { entries, files };
}

/** @param open the real paths of this file and of those that led to it */
function readInto(
  into: { entries: Map<string, Entry>; files: string[] },
  file: string,
  text: string,
  open: readonly string[],
): void {
  into.files.push(file);
  for (const { text: logical, line } of logicalLines(text)) {
    const assignment = /^([A-Za-z0-9_-]+)\s*=\s*(.*)$/s.exec(logical);
    if (assignment !== null) {
      const [, key = '', text = ''] = assignment;
      const value = unquote(text, file, line, key);
      if (value.includes('\u{fffd}')) {
        throw configError(file, line, `${key}: expected text in UTF-8`);
      }
      into.entries.set(key, { key, value, file, line });
      continue;
    }
    const include = /^include\s+(.+)$/s.exec(logical);
    if (include === null) {
      throw configError(file, line, 'expected "key = value" or "include FILE"');
    }
    const target = path.resolve(path.dirname(file), unquote(include[1] ?? '', file, line));
    const included = readText(target, (problem) => {
      throw configError(file, line, `include: ${target} ${problem}`);
    });
    const real = realpathSync(target);
    if (open.includes(real)) {
      throw configError(file, line, `include: ${target} includes itself`);
    }
    readInto(into, target, included, [...open, real]);
  }
}

function readText(file: string, fail: (problem: string, cause: unknown) => never): string {
  try {
    return readRegularText(file);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    return fail(missing ? 'does not exist' : whyUnread(cause), cause);
  }
}

/**
 * Lines without comments and blank ones; continued lines are joined by one
 * blank, whatever blanks were around the break.
 */
function logicalLines(text: string): { text: string; line: number }[] {
  const lines: { text: string; line: number }[] = [];
  let pending: { text: string; line: number } | undefined;
  for (const [index, physical] of text.split('\n').entries()) {
    const bare = physical.replace(/#.*/s, '').trim();
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

function unquote(text: string, file: string, line: number, key = 'include'): string {
  const quote = text[0];
  if (quote !== '"' && quote !== "'") return text;
  if (text.length < 2 || !text.endsWith(quote)) {
    throw configError(
      file,
      line,
      `${key}: expected ${quote} at the end of the value, which begins with one`,
      '# begins a comment, also inside quotes.',
    );
  }
  return text.slice(1, -1);
}
