/**
 * One connection to a MySQL or MariaDB server as ceod's account. Every statement has a deadline: a
 * server that is locked for a backup refuses, one that says nothing leaves the outcome unknown.
 */
import net from 'node:net';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { CeoError, messageOf } from '../errors.js';
import { printable } from '../printable.js';

export interface MysqlOptions {
  /** Path of the server's Unix socket. */
  readonly socket: string;
  readonly adminUsername: string;
  readonly adminPassword: string;
  /** HOST of the accounts: where their users may connect from. */
  readonly userHost: string;
  /** For everything that is asked of the server together. */
  readonly timeoutMs: number;
}

/** The server refused a statement, which changed nothing. */
export class StatementRefused extends CeoError {
  constructor(
    /** As mysql2 names it, such as `ER_DUP_ENTRY`. */
    readonly reason: string,
    message: string,
    cause: unknown,
  ) {
    super(BUSY.has(reason) ? 'busy' : 'failed', message, { cause });
  }
}

/** Refused as others are at it: the same statement may be done in a moment. */
const BUSY: ReadonlySet<string> = new Set([
  ...['ER_CON_COUNT_ERROR', 'ER_TOO_MANY_USER_CONNECTIONS', 'ER_USER_LIMIT_REACHED'],
  ...['ER_LOCK_WAIT_TIMEOUT', 'ER_LOCK_DEADLOCK', 'ER_SERVER_SHUTDOWN'],
]);

export class DatabaseServer {
  private deadline: number;

  private constructor(
    private readonly connection: Connection,
    private readonly timeoutMs: number,
    private readonly secrets: readonly string[],
  ) {
    this.deadline = performance.now() + timeoutMs;
    // What is lost is told to whoever waits for a statement.
    connection.on('error', () => undefined);
  }

  /**
   * @param secrets never to be shown, though the server quotes statements in some errors
   * @throws CeoError unreachable, busy, failed
   */
  static async open(options: MysqlOptions, secrets: readonly string[]): Promise<DatabaseServer> {
    const { socket, adminUsername: user, adminPassword: password, timeoutMs } = options;
    const stream = bounded(net.connect(socket));
    try {
      const connection = await createConnection({
        stream,
        // A server that is not ours to trust could ask for any file that this process can read.
        flags: ['-LOCAL_FILES'],
        user,
        password,
        connectTimeout: timeoutMs,
      });
      const server = new DatabaseServer(connection, timeoutMs, [password, ...secrets]);
      // The server's own default would wait for a day. Another mode could read quotes differently.
      await server.send(
        `SET SESSION sql_mode = 'STRICT_ALL_TABLES', lock_wait_timeout = ?, innodb_lock_wait_timeout = ?`,
        Array<number>(2).fill(Math.max(1, Math.floor(timeoutMs / 2000))),
      );
      return server;
    } catch (error) {
      stream.destroy();
      if (error instanceof CeoError) throw error;
      const { sqlState = '', code = '' } = error as { sqlState?: string; code?: string };
      const text = `The database server cannot be used: ${printable(withoutStop(messageOf(error)))}.`;
      if (sqlState !== '') throw new StatementRefused(code, text, error);
      throw new CeoError('unreachable', text, { cause: error });
    }
  }

  /** @throws StatementRefused, or CeoError outcome_unknown */
  async send(sql: string, values: readonly unknown[] = []): Promise<void> {
    await this.rows(sql, values);
  }

  /** The rows that a statement finds. @throws StatementRefused, or CeoError outcome_unknown */
  async rows<Row>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    const timeout = Math.max(1, Math.ceil(this.deadline - performance.now()));
    try {
      const query = { sql, values: [...values], timeout };
      const [rows] = await this.connection.query<RowDataPacket[]>(query);
      return rows as Row[];
    } catch (error) {
      throw this.explain(error);
    }
  }

  /** What follows has all the time again. */
  renewDeadline(): void {
    this.deadline = performance.now() + this.timeoutMs;
  }

  close(): void {
    this.connection.destroy();
  }

  private explain(error: unknown): CeoError {
    const { sqlState, code = '' } = error as { sqlState?: string; code?: string };
    const text = printable(
      this.secrets.reduce(
        (message, secret) => (secret === '' ? message : message.replaceAll(secret, '…')),
        withoutStop(messageOf(error)),
      ),
    );
    // mysql2 gives a state to what the server answered alone.
    if (sqlState !== undefined && sqlState !== '')
      return new StatementRefused(code, `The database server refused: ${text}.`, error);
    return new CeoError('outcome_unknown', `The database server gave no answer: ${text}.`, {
      cause: error,
    });
  }
}

/** Far more than all that is asked for on one connection. */
const MAX_BYTES = 1 << 20;

/** The library keeps all rows of an answer, however many the server says there are. */
function bounded(socket: net.Socket): net.Socket {
  let received = 0;
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received > MAX_BYTES) socket.destroy(new Error(`it sends more than ${MAX_BYTES >> 20} MB`));
  });
  return socket;
}

const withoutStop = (text: string) => text.replace(/\.$/, '');

/** One identifier, whatever is in it; the library's own would split it at dots. */
export const quoted = (identifier: string) => `\`${identifier.replaceAll('`', '``')}\``;
