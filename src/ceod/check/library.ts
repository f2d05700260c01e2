/** The library's database: whether ceo gets in, and may do what it needs to with the tables. */
import { configDir, loadLibrary } from '../../config/settings.js';
import { messageOf } from '../../errors.js';
import { Database } from '../../library/database.js';
import { MIGRATIONS } from '../../library/schema.js';
import { shellWord } from '../../shellWord.js';
import { fault, type Finding } from './finding.js';
import type { Host } from './host.js';

export async function library({ timeoutMs }: Host): Promise<Finding[]> {
  const { libraryConnectString: connectString } = loadLibrary(configDir()).settings;
  let database: Database;
  try {
    database = await Database.open({ connectString, timeoutMs });
  } catch (error) {
    const mend = `sensible-editor ${shellWord(`${configDir()}/library.cf`)}`;
    return [fault('library.connect', messageOf(error), mend)];
  }
  try {
    return [...(await rights(database)), ...(await version(database))];
  } finally {
    await database.close();
  }
}

/** ceo makes its tables, or changes those that are there: only their owner may. */
async function rights(database: Database): Promise<Finding[]> {
  const foreign = await database.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
      WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
        AND relname IN ('book', 'author', 'author_book', 'signout', 'library_migration')
        AND NOT pg_has_role(relowner, 'USAGE') ORDER BY 1`,
  );
  const [may] = await database.query<{ create: boolean }>(
    `SELECT has_schema_privilege(current_schema(), 'CREATE') AS create`,
  );
  if (foreign.length === 0 && may?.create === true) return [];
  const whose = foreign.map(({ name }) => name).join(', ');
  const what = `ceo's account may not ${foreign.length > 0 ? `change ${whose}` : 'make tables'}`;
  return [fault('library.rights', what, `psql -c '\\d'`)];
}

async function version(database: Database): Promise<Finding[]> {
  const [table] = await database.query<{ is: boolean }>(
    `SELECT to_regclass('library_migration') IS NOT NULL AS is`,
  );
  if (table?.is !== true) return [];
  const [last] = await database.query<{ version: number }>(
    'SELECT coalesce(max(version), 0)::integer AS version FROM library_migration',
  );
  if ((last?.version ?? 0) <= MIGRATIONS.length) return [];
  const what = `the library's tables are of a newer ceo (${last?.version})`;
  return [fault('library.version', what, 'ceo --version')];
}
