/** The database server: whether ceod gets in, may make databases, and its marks are its own. */
import { configDir, loadMysql, mysqlAccess } from '../../config/settings.js';
import { CeoError, messageOf } from '../../errors.js';
import { refuseForgeableMarks } from '../../mysql/marks.js';
import { DatabaseServer, StatementRefused } from '../../mysql/server.js';
import { fault, type Finding } from './finding.js';
import type { Host } from './host.js';
import { edit } from './mend.js';

/** What ceod grants to others it must have itself, and may grant. */
const NEEDED = [
  ...['CREATE USER', 'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'REFERENCES'],
  ...['INDEX', 'ALTER', 'CREATE TEMPORARY TABLES', 'LOCK TABLES', 'EXECUTE', 'CREATE VIEW'],
  ...['SHOW VIEW', 'CREATE ROUTINE', 'ALTER ROUTINE', 'EVENT', 'TRIGGER'],
];

export async function mysql({ timeoutMs }: Host): Promise<Finding[]> {
  const { settings } = loadMysql(configDir());
  const options = mysqlAccess(settings, timeoutMs);
  let server: DatabaseServer;
  try {
    server = await DatabaseServer.open(options, []);
  } catch (error) {
    const isDown = error instanceof CeoError && error.code === 'unreachable';
    return [
      isDown
        ? fault('mysql.unreachable', messageOf(error), 'systemctl restart mariadb')
        : fault('mysql.refused', messageOf(error), edit('mysql.cf')),
    ];
  }
  try {
    return [...(await rights(server)), ...(await marks(server, options))];
  } finally {
    server.close();
  }
}

/** Not by SHOW GRANTS, which shows what the password was made into. */
async function rights(server: DatabaseServer): Promise<Finding[]> {
  const rows = await server.rows<{ privilege: string; grantable: string; grantee: string }>(
    `SELECT PRIVILEGE_TYPE AS privilege, IS_GRANTABLE AS grantable, GRANTEE AS grantee
      FROM information_schema.USER_PRIVILEGES
      WHERE GRANTEE = CONCAT("'", REPLACE(CURRENT_USER(), '@', "'@'"), "'")`,
  );
  const has = new Set(
    rows.filter(({ grantable }) => grantable === 'YES').map(({ privilege }) => privilege),
  );
  const lacking = NEEDED.filter((privilege) => !has.has(privilege));
  if (lacking.length === 0) return [];
  const who = rows[0]?.grantee ?? 'CEOD_ACCOUNT';
  const what = `ceod's account of the database server lacks, to grant: ${lacking.join(', ')}`;
  const mend = `mariadb -e "GRANT ALL PRIVILEGES ON *.* TO ${who} WITH GRANT OPTION"`;
  return [fault('mysql.rights', what, mend)];
}

async function marks(
  server: DatabaseServer,
  options: Parameters<typeof refuseForgeableMarks>[1],
): Promise<Finding[]> {
  try {
    await refuseForgeableMarks(server, options);
    return [];
  } catch (error) {
    // Whoever may not look at mysql.db lacks rights, which is told above.
    if (error instanceof StatementRefused && error.reason === 'ER_TABLEACCESS_DENIED_ERROR')
      return [];
    if (!(error instanceof CeoError) || error.code !== 'denied') throw error;
    const mend = `mariadb -e "SELECT User, Host, Db FROM mysql.db WHERE 'ceod' LIKE Db"`;
    return [fault('mysql.marks', messageOf(error), mend)];
  }
}
