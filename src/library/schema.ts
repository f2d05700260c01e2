/**
 * The library's tables. Numbered migrations bring any older state up to date,
 * all in one transaction; the first makes the tables, or takes over those of a
 * site that has them, in place. Nothing is removed, and no value is changed.
 */
import { CeoError } from '../errors.js';
import type { Database } from './database.js';

export interface Migration {
  /** Counted from 1, without gaps. */
  readonly version: number;
  readonly name: string;
  /** @returns what was left as it was, and why: kept with the migration */
  readonly run: (database: Database) => Promise<readonly string[]>;
}

/** Any number that nobody else uses for an advisory lock in this database. */
const MIGRATION_LOCK = 0x63656f01;

/**
 * Runs the migrations that have not run here. Safe to repeat, and to run by
 * several at the same time: one does it, the others wait.
 * @returns the versions that ran now
 * @throws CeoError failed: the tables are of a newer ceo; denied
 */
export async function migrate(
  database: Database,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<number[]> {
  if ((await versionOf(database)) === migrations.length) return [];
  return database.transaction(async () => {
    await database.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await database.query(`CREATE TABLE IF NOT EXISTS library_migration (
      version integer PRIMARY KEY,
      name text NOT NULL,
      notes text[] NOT NULL,
      done timestamptz NOT NULL DEFAULT now())`);
    const version = await versionOf(database);
    if (version > migrations.length) {
      throw new CeoError('failed', `The library's tables are of a newer ceo (${version}).`, {
        next: 'Use that ceo, or a newer one.',
      });
    }
    const missing = migrations.filter((migration) => migration.version > version);
    for (const { version, name, run } of missing) {
      const notes = await run(database);
      await database.query(
        'INSERT INTO library_migration (version, name, notes) VALUES ($1, $2, $3)',
        [version, name, notes],
      );
    }
    return missing.map(({ version }) => version);
  });
}

/** The last migration that has run; 0: none. */
async function versionOf(database: Database): Promise<number> {
  const [table] = await database.query<{ is: boolean }>(
    `SELECT to_regclass('library_migration') IS NOT NULL AS is`,
  );
  if (table?.is !== true) return 0;
  const [last] = await database.query<{ version: number }>(
    'SELECT coalesce(max(version), 0)::integer AS version FROM library_migration',
  );
  return last?.version ?? 0;
}

export const MIGRATIONS: readonly Migration[] = [
  { version: 1, name: 'tables, copies, comparable ISBNs', run: takeOver },
];

/** As deployed sites have them: CREATE does nothing where a table is there already. */
const DEPLOYED = [
  `CREATE TABLE IF NOT EXISTS book (
    id serial PRIMARY KEY, isbn text, title text, year integer, publisher text)`,
  `CREATE TABLE IF NOT EXISTS author (id serial PRIMARY KEY, name text)`,
  `CREATE TABLE IF NOT EXISTS author_book (author_id integer NOT NULL, book_id integer NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS signout (
    id serial PRIMARY KEY, username text, book_id integer, outdate date, indate date)`,
];

/**
 * The twelve digits of an ISBN before the check digit, of either form, or NULL.
 * The server keeps it by itself, whoever writes the row.
 */
const DIGITS = `regexp_replace(upper(isbn::text), '[^0-9X]', '', 'g')`;
const ISBN_KEY = `CASE
    WHEN ${DIGITS} ~ '^[0-9]{9}[0-9X]$' THEN '978' || left(${DIGITS}, 9)
    WHEN ${DIGITS} ~ '^97[89][0-9]{10}$' THEN left(${DIGITS}, 12)
  END`;

const ADDED = [
  'ALTER TABLE book ADD COLUMN copies integer NOT NULL DEFAULT 1 CHECK (copies >= 0)',
  `ALTER TABLE book ADD COLUMN isbn_key text GENERATED ALWAYS AS (${ISBN_KEY}) STORED`,
  // The order in which a book names its authors; those of old rows go by their ids.
  'ALTER TABLE author_book ADD COLUMN position integer',
  // There were at least as many copies as are signed out.
  `UPDATE book SET copies = loans.count FROM (
      SELECT book_id, count(*) FROM signout WHERE indate IS NULL GROUP BY book_id
    ) AS loans WHERE loans.book_id = book.id AND loans.count > 1`,
  'CREATE INDEX ON author_book (book_id)',
  'CREATE INDEX ON signout (book_id) WHERE indate IS NULL',
  'CREATE INDEX ON signout (username)',
];

/** A rule that a deployed table may lack, and that its data may break. */
interface Constraint {
  readonly table: string;
  /** Behind `ALTER TABLE … ADD`. */
  readonly rule: string;
  /** Finds a row that breaks it. */
  readonly broken: string;
}

const unique = (table: string, ...columns: string[]): Constraint => ({
  table,
  rule: `UNIQUE (${columns.join(', ')})`,
  broken: `SELECT FROM ${table} WHERE (${columns.join(', ')}) IS NOT NULL
    GROUP BY ${columns.join(', ')} HAVING count(*) > 1`,
});

const reference = (table: string, column: string, to: string): Constraint => ({
  table,
  rule: `FOREIGN KEY (${column}) REFERENCES ${to} (id)`,
  broken: `SELECT FROM ${table} WHERE ${column} IS NOT NULL
    AND NOT EXISTS (SELECT FROM ${to} WHERE ${to}.id = ${table}.${column})`,
});

const CONSTRAINTS = [
  unique('book', 'isbn_key'),
  unique('author_book', 'author_id', 'book_id'),
  reference('author_book', 'author_id', 'author'),
  reference('author_book', 'book_id', 'book'),
  reference('signout', 'book_id', 'book'),
];

const NUMBERED = ['book', 'author', 'signout'];

async function takeOver(database: Database): Promise<string[]> {
  for (const statement of DEPLOYED) await database.query(statement);
  for (const table of NUMBERED) await ensureNumbers(database, table);
  for (const statement of ADDED) await database.query(statement);
  const notes = [];
  for (const constraint of CONSTRAINTS) notes.push(...(await ensure(database, constraint)));
  return notes;
}

/** Rows get a number by themselves, which is the primary key. */
async function ensureNumbers(database: Database, table: string): Promise<void> {
  const [has] = await database.query<{ key: boolean; number: boolean }>(
    `SELECT
      EXISTS (SELECT FROM pg_index WHERE indrelid = a.attrelid AND indisprimary) AS key,
      a.atthasdef OR a.attidentity <> '' AS number
    FROM pg_attribute a WHERE a.attrelid = $1::regclass AND a.attname = 'id'`,
    [table],
  );
  if (has?.key !== true) await database.query(`ALTER TABLE ${table} ADD PRIMARY KEY (id)`);
  if (has?.number === true) return;
  const sequence = `${table}_id_seq`;
  await database.query(`CREATE SEQUENCE IF NOT EXISTS ${sequence} OWNED BY ${table}.id`);
  await database.query(
    `SELECT setval($1::regclass, coalesce(max(id), 0) + 1, false) FROM ${table}`,
    [sequence],
  );
  await database.query(
    `ALTER TABLE ${table} ALTER COLUMN id SET DEFAULT nextval('${sequence}'::regclass)`,
  );
}

/** @returns a note if the data does not allow it */
async function ensure(
  database: Database,
  { table, rule, broken }: Constraint,
): Promise<readonly string[]> {
  // The server's own words for it, which it says without quotes for names like these.
  const [there] = await database.query(
    `SELECT FROM pg_constraint WHERE conrelid = $1::regclass
      AND pg_get_constraintdef(oid) LIKE $2 || '%'`,
    [table, rule.replace(' (id)', '(id)')],
  );
  if (there !== undefined) return [];
  const [row] = await database.query(`${broken} LIMIT 1`);
  if (row !== undefined) return [`${table}: rows break ${rule}; it is not enforced`];
  await database.query(`ALTER TABLE ${table} ADD ${rule}`);
  return [];
}
