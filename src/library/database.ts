/** One connection to PostgreSQL, with this project's errors. */
import { Client, DatabaseError } from 'pg';
import { CeoError } from '../errors.js';
import { printable } from '../printable.js';

export interface DatabaseOptions {
  /** `postgres://…`; it may hold a password, which no error shows. */
  readonly connectString: string;
  /** For connecting, and for each statement. */
  readonly timeoutMs: number;
}

const NEXT_STRING = 'Check library_connect_string in library.cf.';

export class Database {
  private open = true;

  private constructor(private readonly client: Client) {
    client.once('end', () => {
      this.open = false;
    });
  }

  /** @throws CeoError unreachable; config: the server does not accept us */
  static async open({ connectString, timeoutMs }: DatabaseOptions): Promise<Database> {
    let client: Client;
    try {
      client = new Client({
        connectionString: connectString,
        connectionTimeoutMillis: timeoutMs,
        statement_timeout: timeoutMs,
        // The server answers first, if it answers at all.
        query_timeout: timeoutMs + 1_000,
        application_name: 'ceo',
      });
    } catch {
      // The library's own words quote the string.
      throw new CeoError('config', 'library_connect_string is no URL.', { next: NEXT_STRING });
    }
    // A connection that breaks between two statements shows at the next one.
    client.on('error', () => undefined);
    try {
      await client.connect();
    } catch (error) {
      await client.end().catch(() => undefined);
      throw explainConnect(error);
    }
    return new Database(client);
  }

  /** False: the connection was lost, or closed. */
  get isOpen(): boolean {
    return this.open;
  }

  /** @throws CeoError unreachable, denied, failed */
  async query<R extends object>(sql: string, values: readonly unknown[] = []): Promise<R[]> {
    try {
      return (await this.client.query<R>(sql, [...values])).rows;
    } catch (error) {
      throw explain(error);
    }
  }

  /**
   * All of it or nothing. Each statement sees what others have committed before
   * it, so that what is read after a lock is the newest.
   * @throws CeoError outcome_unknown: the connection broke at the very end
   */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    let result: T;
    try {
      result = await work();
    } catch (error) {
      await this.client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
    try {
      await this.client.query('COMMIT');
    } catch (error) {
      if (error instanceof DatabaseError) throw explain(error);
      throw new CeoError('outcome_unknown', "The database's answer is lost.", {
        next: 'See with ceo library search whether it was done.',
        cause: error,
      });
    }
    return result;
  }

  /** Does not wait for a server that does not answer. */
  async close(): Promise<void> {
    const patience = new Promise<void>((resolve) => setTimeout(resolve, 1_000).unref());
    await Promise.race([this.client.end().catch(() => undefined), patience]);
  }
}

/** Classes and codes of PostgreSQL, appendix A. */
const UNREACHABLE = /^(?:08|57P|53300)/;
const NOT_LET_IN = /^(?:28|3D)/;
const NO_PRIVILEGE = '42501';
/** lock_not_available, query_canceled by a timeout, deadlock, serialization failure. */
const BUSY = /^(?:55P03|57014|40)/;

function explainConnect(error: unknown): CeoError {
  const refused =
    error instanceof DatabaseError
      ? NOT_LET_IN.test(error.code ?? '')
      : error instanceof Error && /^SASL|SSL/.test(error.message);
  return refused
    ? new CeoError('config', `The library's database does not let us in: ${reason(error)}.`, {
        next: NEXT_STRING,
        cause: error,
      })
    : unreachable(error);
}

function explain(error: unknown): CeoError {
  if (!(error instanceof DatabaseError)) return unreachable(error);
  const code = error.code ?? '';
  if (UNREACHABLE.test(code)) return unreachable(error);
  const options = { cause: error };
  if (code === NO_PRIVILEGE) {
    return new CeoError('denied', `The library's database refuses: ${reason(error)}.`, {
      next: 'The account of library_connect_string must own the tables.',
      ...options,
    });
  }
  if (BUSY.test(code)) {
    return new CeoError('failed', "The library's database is busy.", {
      next: 'Try again.',
      ...options,
    });
  }
  return new CeoError('failed', `The library's database refuses: ${reason(error)}.`, options);
}

function unreachable(error: unknown): CeoError {
  return new CeoError('unreachable', `The library's database does not answer: ${reason(error)}.`, {
    next: 'Is PostgreSQL running where library_connect_string in library.cf says?',
    cause: error,
  });
}

/** A server with several addresses is refused with a code and without a message. */
function reason(error: unknown): string {
  const { message = '', code = '' } = error as { message?: string; code?: string };
  return printable((message || code || String(error)).replace(/\.$/, ''));
}
