/** A MariaDB of a test's own, and a ceod that makes databases in it. */
import { chmod, chown, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  mariadbAccess,
  MYSQL_USER,
  startMariadb,
  type MariadbAccess,
} from '../../sandbox/mariadb.js';
import type { Server } from '../../sandbox/server.js';
import { unixUser } from '../../sandbox/users.js';
import { ownHost, startCeodOn, type OwnCeod } from './ownCeod.js';
import { folder, run, type Outcome } from './realm.js';

export interface OwnMariadb {
  readonly access: MariadbAccess;
  readonly server: Server;
  /** SQL as one of its users. */
  query(user: string, password: string, sql: string): Promise<Outcome>;
  /** On a caffeine of its own. */
  startCeod(): Promise<OwnCeod>;
}

export async function startOwnMariadb(): Promise<OwnMariadb> {
  const own = await mkdtemp(path.join(folder, 'mariadb-'));
  await chmod(own, 0o755);
  await mkdir(path.join(own, 'log'));
  const access = mariadbAccess(own);
  const env = process.env as Record<string, string>;
  const [server] = (await startMariadb({ folder: own, access, env })).servers;
  return {
    access,
    server,
    query: (user, password, sql) =>
      run(
        [
          ...(['mariadb', '--no-defaults', `--socket=${access.socket}`] as const),
          ...[`--user=${user}`, '--skip-column-names'],
        ],
        { env: { MYSQL_PWD: password }, input: sql },
      ),
    async startCeod() {
      const host = await ownHost('', { host: 'caffeine' });
      const file = path.join(host.dir, 'mysql.cf');
      await writeFile(
        file,
        `mysql_admin_username = "${access.username}"
mysql_admin_password = "${access.password}"
mysql_socket = "${access.socket}"
`,
        { mode: 0o600 },
      );
      const { uid, gid } = await unixUser(MYSQL_USER);
      await chown(file, uid, gid);
      return startCeodOn(host);
    },
  };
}
