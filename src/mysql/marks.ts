/**
 * Which databases and users ceod made, and for whom: a table in the server itself, so that both
 * are backed up and restored together. An account is known by its uid, which is never reused as
 * its name may be. Whoever has no mark of theirs has no database.
 */
import { CeoError } from '../errors.js';
import { DatabaseServer, quoted, StatementRefused, type MysqlOptions } from './server.js';

/** Whose database it is. */
export interface Owner {
  readonly name: string;
  readonly uid: number;
}

/** The database with the table; no account has rights on it but ceod's. */
export const MARKS_DATABASE = 'ceod';
const TABLE = `${MARKS_DATABASE}.accounts`;

/** As docs/configuration.md has it, for those who set marks beforehand. */
const CREATE_TABLE = [
  `CREATE DATABASE IF NOT EXISTS ${MARKS_DATABASE}`,
  `CREATE TABLE IF NOT EXISTS ${TABLE} (
    name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    uid INT UNSIGNED NOT NULL,
    made TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
  ) ENGINE = InnoDB`,
];

/**
 * The mark of one name. Its row is locked from hold() to close(), for every process: two requests
 * for one name never undo each other's work.
 */
export class Mark {
  private constructor(
    private readonly server: DatabaseServer,
    private readonly owner: Owner,
  ) {}

  /** @throws CeoError unreachable */
  static async open(options: MysqlOptions, owner: Owner): Promise<Mark> {
    return new Mark(await DatabaseServer.open(options, []), owner);
  }

  /**
   * Locks the row if there is one.
   * @returns whether the owner has the mark
   * @throws CeoError denied, if another account has it
   */
  async hold(): Promise<boolean> {
    const uid = await this.lock().catch(async (error: unknown) => {
      if (!(error instanceof StatementRefused) || !NO_TABLE.has(error.reason)) throw error;
      for (const sql of CREATE_TABLE) await this.server.send(sql);
      return this.lock();
    });
    if (uid !== undefined && uid !== this.owner.uid) throw anotherHolder(this.owner, uid);
    return uid !== undefined;
  }

  /** Sets it, and locks the row. @throws CeoError denied, if somebody else was faster */
  async set(): Promise<void> {
    const { name, uid } = this.owner;
    try {
      await this.server.send(`INSERT INTO ${TABLE} (name, uid) VALUES (?, ?)`, [name, uid]);
      await this.server.send('COMMIT');
    } catch (error) {
      if (error instanceof StatementRefused && error.reason === 'ER_DUP_ENTRY') throw busy(name);
      throw error;
    }
    if ((await this.lock()) !== uid) throw busy(name);
  }

  /** Takes back what set() did. */
  async remove(): Promise<void> {
    this.server.renewDeadline();
    await this.server.send(`DELETE FROM ${TABLE} WHERE name = ?`, [this.owner.name]);
    await this.server.send('COMMIT');
  }

  close(): void {
    this.server.close();
  }

  private async lock(): Promise<number | undefined> {
    await this.server.send('START TRANSACTION');
    const [row] = await this.server.rows<{ uid: number }>(
      `SELECT uid FROM ${TABLE} WHERE name = ? FOR UPDATE`,
      [this.owner.name],
    );
    return row?.uid;
  }
}

const NO_TABLE: ReadonlySet<string> = new Set(['ER_NO_SUCH_TABLE', 'ER_BAD_DB_ERROR']);

/**
 * Marks that others can write say nothing. A GRANT on `ceo_` without a backslash is one on `ceod`.
 * @throws CeoError denied
 */
export async function refuseForgeableMarks(
  server: DatabaseServer,
  { adminUsername }: MysqlOptions,
): Promise<void> {
  const writers = await server.rows<{ user: string; host: string; pattern: string }>(
    `SELECT User AS user, Host AS host, Db AS pattern FROM mysql.db
      WHERE ? LIKE Db AND User <> ?
        AND 'Y' IN (Insert_priv, Update_priv, Create_priv, Alter_priv, Grant_priv)`,
    [MARKS_DATABASE, adminUsername],
  );
  const [writer] = writers;
  if (writer === undefined) return;
  const { user, host, pattern } = writer;
  throw new CeoError(
    'denied',
    `'${user}'@'${host}' has rights on ${quoted(pattern)}.*, and so on the database ` +
      `${MARKS_DATABASE} in which ceod keeps whose databases are whose; a member of syscom can ` +
      `take them away with REVOKE`,
  );
}

const literal = (name: string) => `'${name.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

/** What is there under the name, without a mark. */
export const notOurs = ({ name, uid }: Owner): CeoError =>
  new CeoError(
    'denied',
    `the database server has a database or user ${name} that ceod did not make; if it belongs to ` +
      `the account ${name}, a member of syscom can say so with: ` +
      `INSERT INTO ${TABLE} (name, uid) VALUES (${literal(name)}, ${uid});`,
  );

const anotherHolder = ({ name, uid }: Owner, former: number): CeoError =>
  new CeoError(
    'denied',
    `the database ${name} belongs to the uid ${former}, and the account ${name} has the uid ` +
      `${uid}; a member of syscom can give it to the account with: ` +
      `UPDATE ${TABLE} SET uid = ${uid} WHERE name = ${literal(name)}; ` +
      `or save it elsewhere, drop database and user, and delete that row`,
  );

const busy = (name: string): CeoError =>
  new CeoError('busy', `another request for the database ${name} is under way; try again`);
