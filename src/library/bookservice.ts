/**
 * A service that knows books by their ISBN, in Open Library's format:
 * `GET URL/api/books?bibkeys=ISBN:…&format=json&jscmd=data`.
 */
import { CeoError } from '../errors.js';
import { BodyTooLong, bodyText } from '../httpBody.js';
import { printable } from '../printable.js';
import type { NewBook } from './catalogue.js';
import type { Isbn } from './isbn.js';

export interface BookServiceOptions {
  /** Without a slash at the end. */
  readonly url: string;
  readonly timeoutMs: number;
}

/** What a service tells; no more than this is read of an answer. */
export type BookDetails = Omit<NewBook, 'isbn'>;

const MAX_BYTES = 1_000_000;
/** An anthology may have dozens. */
const MAX_NAMES = 50;
const MAX_LENGTH = 1_000;

/**
 * @returns undefined if the service does not know the book
 * @throws CeoError unreachable: it does not answer, or with something else
 */
export async function askBookService(
  { url, timeoutMs }: BookServiceOptions,
  isbn: Isbn,
): Promise<BookDetails | undefined> {
  const key = `ISBN:${isbn}`;
  const query = new URLSearchParams({ bibkeys: key, format: 'json', jscmd: 'data' });
  let answer: unknown;
  try {
    const response = await fetch(`${url}/api/books?${query.toString()}`, {
      headers: { accept: 'application/json', 'user-agent': 'ceo' },
      // Elsewhere may be a server of ours that answers nobody but us.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const problem = problemOf(response);
    if (problem !== undefined) {
      await response.body?.cancel();
      throw notUnderstood(url, problem);
    }
    answer = JSON.parse(await bodyText(response, MAX_BYTES));
  } catch (error) {
    if (error instanceof CeoError) throw error;
    if (error instanceof BodyTooLong) throw notUnderstood(url, 'with too much', error);
    if (error instanceof SyntaxError) throw notUnderstood(url, 'with what is no JSON', error);
    throw new CeoError('unreachable', `The book service ${url} does not answer.`, { cause: error });
  }
  return detailsOf(fieldOf(answer, key));
}

/** What is wrong with an answer, as its head tells. */
function problemOf({ status, headers }: Response): string | undefined {
  if (status >= 300 && status < 400) return 'by sending us elsewhere';
  if (status !== 200) return `with status ${status}`;
  const type = headers.get('content-type') ?? 'nothing that is named';
  return /^application\/json\s*(;|$)/i.test(type) ? undefined : `with ${printable(type, 60)}`;
}

const notUnderstood = (url: string, how: string, cause?: unknown) =>
  new CeoError('unreachable', `The book service ${url} does not answer as it should, but ${how}.`, {
    next: 'Check book_service_url in library.cf.',
    cause,
  });

/** Exported for its tests: whatever a service says, this is what is understood. */
export function detailsOf(record: unknown): BookDetails | undefined {
  const title = textOf(fieldOf(record, 'title'));
  if (title === undefined) return undefined;
  const subtitle = textOf(fieldOf(record, 'subtitle'));
  return {
    title: subtitle === undefined ? title : `${title}: ${subtitle}`,
    authors: namesOf(fieldOf(record, 'authors')),
    publisher: namesOf(fieldOf(record, 'publishers'))[0] ?? null,
    year: yearOf(textOf(fieldOf(record, 'publish_date'))),
  };
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

/** Without control characters, and with single blanks. */
function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value
    .slice(0, MAX_LENGTH)
    .replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ')
    .trim();
  return text || undefined;
}

function namesOf(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list
    .slice(0, MAX_NAMES)
    .map((each) => textOf(fieldOf(each, 'name')))
    .filter((name) => name !== undefined);
}

/** `March 2009`, `2009-03-12`, `c2009`: the first four digits on their own. */
function yearOf(date: string | undefined): number | null {
  const digits = /(?<!\d)\d{4}(?!\d)/.exec(date ?? '')?.[0];
  return digits === undefined ? null : Number(digits);
}
