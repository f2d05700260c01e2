/**
 * Accounts of a MySQL or MariaDB server: one user for each database of the same
 * name. The statements are of MySQL 8's grammar, which MariaDB shares: no GRANT
 * with IDENTIFIED BY.
 */
import { CeoError } from '../errors.js';
import { generatePassword } from '../password.js';
import { Mark, MARKS_DATABASE, notOurs, refuseForgeableMarks, type Owner } from './marks.js';
import { DatabaseServer, quoted, StatementRefused, type MysqlOptions } from './server.js';

export type { MysqlOptions, Owner };

/** What a server needs for itself, besides its administrator's account. */
const SYSTEM_NAMES = new Set([
  ...['mysql', 'information_schema', 'performance_schema', 'sys', 'ndbinfo', 'test'],
  ...['root', 'mariadb.sys', 'mysql.sys', 'mysql.session', 'mysql.infoschema', 'debian-sys-maint'],
  MARKS_DATABASE,
]);

/** It failed behind the first change: what stands, and what was undone. */
export class LeftHalfWay extends CeoError {
  constructor(
    cause: CeoError,
    readonly remarks: readonly string[],
  ) {
    super(cause.code, cause.message, { cause });
  }
}

/**
 * Makes the user and the database, or gives the owner's user a new password.
 * Safe to repeat: it goes on where it stopped.
 * @param onlyNew whether a user that is there keeps the password
 * @returns which of the two it was
 * @throws LeftHalfWay; CeoError, if nothing was changed: denied: a name of the
 *   system's, an account with rights beyond its own database, what ceod did not
 *   make for this owner; exists; unreachable; failed, in the server's words; outcome_unknown
 */
export async function createUserWithDatabase(
  options: MysqlOptions,
  owner: Owner,
  password: string,
  onlyNew = false,
): Promise<'created' | 'password'> {
  const { name } = owner;
  if (SYSTEM_NAMES.has(name) || name === options.adminUsername) {
    throw new CeoError('denied', `${name} is a name of the database system.`);
  }
  const server = await DatabaseServer.open(options, [password]);
  try {
    await refuseForeignRights(server, name);
    await refuseForgeableMarks(server, options);
    const mark = await Mark.open(options, owner);
    try {
      const isMarked = await mark.hold();
      const there = await look(server, name, options.userHost);
      if (!isMarked && (there.database || there.accounts)) throw notOurs(owner);
      const isComplete = there.database && there.account;
      if (isComplete && onlyNew)
        throw new CeoError('exists', `${name} has a database already: its password is as before.`);
      if (!isMarked) await mark.set();
      await new Sequence(server, name, options.userHost).run(there, password, {
        ...(!isMarked && { unmark: () => mark.remove() }),
      });
      return isComplete ? 'password' : 'created';
    } finally {
      mark.close();
    }
  } finally {
    server.close();
  }
}

interface There {
  readonly database: boolean;
  /** From anywhere. */
  readonly accounts: boolean;
  /** From the HOST of the accounts that ceod makes. */
  readonly account: boolean;
}

async function look(server: DatabaseServer, name: string, userHost: string): Promise<There> {
  const databases = await server.rows<{ name: string }>(
    'SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?',
    [name],
  );
  const hosts = await hostsOf(server, name);
  return {
    // Whether a and A are two depends on the server: CREATE DATABASE has the last word.
    database: databases.some((each) => each.name === name),
    accounts: hosts.length > 0,
    account: hosts.includes(userHost),
  };
}

async function hostsOf(server: DatabaseServer, name: string): Promise<string[]> {
  const sql = 'SELECT Host AS host FROM mysql.user WHERE User = ?';
  return (await server.rows<{ host: string }>(sql, [name])).map(({ host }) => host);
}

/**
 * The statements in the order whose worst failure is harmless: rights first, and the password that
 * somebody will use last. So an old password works until there is a new one.
 */
class Sequence {
  private readonly undo: { readonly what: string; readonly run: () => Promise<void> }[] = [];
  private readonly account: readonly [string, string];

  constructor(
    private readonly server: DatabaseServer,
    private readonly name: string,
    userHost: string,
  ) {
    this.account = [name, userHost];
  }

  async run(
    there: There,
    password: string,
    { unmark }: { readonly unmark?: () => Promise<void> },
  ): Promise<void> {
    const { server, name, account } = this;
    let isPasswordSent = false;
    try {
      if (!there.database) {
        await server.send(`CREATE DATABASE ${quoted(name)}`);
        this.undoBy(`database ${name}`, `DROP DATABASE ${quoted(name)}`, []);
      }
      if (!there.account) {
        // Nobody knows this password, so that nobody works in the database until it is complete.
        await server.send('CREATE USER ?@? IDENTIFIED BY ?', [...account, generatePassword()]);
        this.undoBy(`user ${name}`, 'DROP USER ?@?', account);
      }
      await server.send(`GRANT ALL PRIVILEGES ON ${quoted(asPattern(name))}.* TO ?@?`, account);
      isPasswordSent = true;
      await server.send('ALTER USER ?@? IDENTIFIED BY ?', [...account, password]);
    } catch (error) {
      if (!(error instanceof CeoError)) throw error;
      const isUnknown = error.code === 'outcome_unknown';
      const remarks = isUnknown
        ? [`what was begun may or may not be done; to go on with it, ask for the database again`]
        : await this.undoAll(unmark);
      if (there.account)
        remarks.push(
          isUnknown && isPasswordSent
            ? `it is not known whether the password of ${name} is the one before`
            : `the password of ${name} is the one before`,
        );
      throw new LeftHalfWay(error, remarks);
    }
  }

  private undoBy(what: string, sql: string, values: readonly string[]): void {
    this.undo.unshift({ what, run: () => this.server.send(sql, values) });
  }

  private async undoAll(unmark: (() => Promise<void>) | undefined): Promise<string[]> {
    this.server.renewDeadline();
    const remarks: string[] = [];
    try {
      for (const { what, run } of this.undo) {
        await run();
        remarks.push(`removed the ${what} again`);
      }
      // Last: as long as anything stands, it is the owner's.
      await unmark?.();
    } catch (error) {
      if (!(error instanceof CeoError)) throw error;
      remarks.push(
        `the rest of what was made stands, as it cannot be removed (${error.message.replace(/\.$/, '')}); ` +
          `to go on with it, ask for the database again`,
      );
    }
    return remarks;
  }
}

/** In a GRANT the database is a pattern, in which _ and % stand for others. */
const asPattern = (name: string) => name.replace(/[_%\\]/g, '\\$&');

/** An account that may do more than work on its own database is nobody's to take over. */
async function refuseForeignRights(server: DatabaseServer, name: string): Promise<void> {
  for (const host of await hostsOf(server, name)) {
    const grants = await grantsOf(server, name, host);
    if (grants.every((grant) => isOwn(grant, name))) continue;
    throw new CeoError(
      'denied',
      `The database account ${name} has rights beyond the database ${name}; ` +
        `a member of syscom can look at them with SHOW GRANTS.`,
    );
  }
}

async function grantsOf(server: DatabaseServer, name: string, host: string): Promise<string[]> {
  try {
    const rows = await server.rows<Record<string, unknown>>('SHOW GRANTS FOR ?@?', [name, host]);
    return rows.map((row) => String(Object.values(row)[0]));
  } catch (error) {
    // MariaDB has roles among the users; nobody logs in as one.
    if (error instanceof StatementRefused && error.reason === 'ER_NONEXISTING_GRANT') return [];
    throw error;
  }
}

/** Whether a line of SHOW GRANTS gives nothing, or rights on the database of that name alone. */
function isOwn(grant: string, name: string): boolean {
  if (/^GRANT USAGE ON \*\.\* TO /.test(grant)) return !/ WITH GRANT OPTION/.test(grant);
  const database = /^GRANT .* ON `((?:[^`]|``)*)`\.[^ ]+ TO /
    .exec(grant)?.[1]
    ?.replaceAll('``', '`');
  return database === asPattern(name);
}
