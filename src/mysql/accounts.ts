/**
 * Accounts of a MySQL or MariaDB server: one user for each database of the same
 * name. The statements are of MySQL 8's grammar, which MariaDB shares: no GRANT
 * with IDENTIFIED BY.
 */
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { CeoError } from '../errors.js';

export interface MysqlOptions {
  /** Path of the server's Unix socket. */
  readonly socket: string;
  readonly adminUsername: string;
  readonly adminPassword: string;
  /** HOST of the accounts: where their users may connect from. */
  readonly userHost: string;
  readonly timeoutMs: number;
}

/** What a server needs for itself, besides its administrator's account. */
const SYSTEM_NAMES = new Set([
  ...['mysql', 'information_schema', 'performance_schema', 'sys', 'ndbinfo', 'test'],
  ...['root', 'mariadb.sys', 'mysql.sys', 'mysql.session', 'mysql.infoschema', 'debian-sys-maint'],
]);

/**
 * Makes the user and the database, or gives an existing user a new password.
 * Safe to repeat.
 * @throws CeoError denied: a name of the system's, or an account with rights
 *   beyond its own database; unreachable; failed, in the server's words
 */
export async function createUserWithDatabase(
  options: MysqlOptions,
  name: string,
  password: string,
): Promise<void> {
  if (SYSTEM_NAMES.has(name) || name === options.adminUsername) {
    throw new CeoError('denied', `${name} is a name of the database system.`);
  }
  const connection = await connect(options);
  try {
    await refuseForeignRights(connection, name);
    const account = [name, options.userHost];
    const send = (sql: string, values: unknown[]) => connection.query(sql, values);
    await send(`CREATE DATABASE IF NOT EXISTS ${quoted(name)}`, []);
    await send('CREATE USER IF NOT EXISTS ?@? IDENTIFIED BY ?', [...account, password]);
    // CREATE USER leaves the password of an account that is there already.
    await send('ALTER USER ?@? IDENTIFIED BY ?', [...account, password]);
    await send(`GRANT ALL PRIVILEGES ON ${quoted(asPattern(name))}.* TO ?@?`, account);
  } catch (error) {
    throw explain(error, password);
  } finally {
    connection.destroy();
  }
}

async function connect(options: MysqlOptions): Promise<Connection> {
  try {
    return await createConnection({
      socketPath: options.socket,
      user: options.adminUsername,
      password: options.adminPassword,
      connectTimeout: options.timeoutMs,
    });
  } catch (error) {
    throw new CeoError('unreachable', `The database server cannot be used: ${reason(error)}.`);
  }
}

/** One identifier, whatever is in it; the library's own would split it at dots. */
const quoted = (identifier: string) => `\`${identifier.replaceAll('`', '``')}\``;

/** In a GRANT the database is a pattern, in which _ and % stand for others. */
const asPattern = (name: string) => name.replace(/[_%\\]/g, '\\$&');

/** An account that may do more than work on its own database is nobody's to take over. */
async function refuseForeignRights(connection: Connection, name: string): Promise<void> {
  const [accounts] = await connection.query<(RowDataPacket & { host: string })[]>(
    'SELECT Host AS host FROM mysql.user WHERE User = ?',
    [name],
  );
  for (const { host } of accounts) {
    const [rows] = await connection.query<RowDataPacket[]>('SHOW GRANTS FOR ?@?', [name, host]);
    const grants = rows.map((row) => String(Object.values(row)[0]));
    if (grants.every((grant) => isOwn(grant, name))) continue;
    throw new CeoError(
      'denied',
      `The database account ${name} has rights beyond the database ${name}.`,
      { next: 'A member of syscom can look at them with SHOW GRANTS.' },
    );
  }
}

/** Whether a line of SHOW GRANTS gives nothing, or rights on the database of that name. */
function isOwn(grant: string, name: string): boolean {
  if (/^GRANT USAGE ON \*\.\* TO /.test(grant)) return !/ WITH GRANT OPTION/.test(grant);
  const database = /^GRANT .* ON `((?:[^`]|``)*)`\.[^ ]+ TO /
    .exec(grant)?.[1]
    ?.replaceAll('``', '`');
  return database === asPattern(name) || database === name;
}

function explain(error: unknown, password: string): CeoError {
  if (error instanceof CeoError) return error;
  // A server quotes the statement in some errors.
  const text = reason(error).replaceAll(password, '…');
  return new CeoError('failed', `The database server refused: ${text}.`);
}

function reason(error: unknown): string {
  const text = error instanceof Error ? error.message || String(error) : String(error);
  return text.replace(/\.$/, '');
}
