/** MariaDB behind a private socket, and the account by which ceod makes others in it. */
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isListeningAt } from './network.js';
import { run } from './run.js';
import { drawSecret } from './secret.js';
import { startServer, type Server } from './server.js';
import { unixUser } from './users.js';

/** Who the server and ceod's op run as: Debian's user. */
export const MYSQL_USER = 'mysql';

/** What mysql.cf says. */
export interface MariadbAccess {
  socket: string;
  username: string;
  password: string;
}

export interface MariadbOptions {
  folder: string;
  access: MariadbAccess;
  /** Its environment. */
  env: Readonly<Record<string, string>>;
}

export interface Mariadb {
  servers: readonly [Server];
  clientEnv: { readonly MYSQL_SOCKET: string };
}

/** Where the server of this folder will be found, and as whom. */
export function mariadbAccess(folder: string): MariadbAccess {
  return {
    socket: join(folder, 'mysql', 'mysqld.sock'),
    username: 'ceod',
    password: drawSecret(),
  };
}

/** Makes mysql/ with empty databases, starts the server, gives ceod its account. */
export async function startMariadb(options: MariadbOptions): Promise<Mariadb> {
  const { folder, access, env } = options;
  const home = join(folder, 'mysql');
  const config = join(home, 'my.cnf');
  const { uid, gid } = await unixUser(MYSQL_USER);
  await mkdir(home);
  await chown(home, uid, gid);
  await writeFile(
    config,
    `[mariadbd]
datadir = ${join(home, 'data')}
socket = ${access.socket}
pid-file = ${join(home, 'mysqld.pid')}
tmpdir = ${home}
skip-networking
skip-log-bin
skip-name-resolve
performance_schema = OFF
innodb_buffer_pool_size = 8M
innodb_log_file_size = 4M
innodb_use_native_aio = 0
# Nothing here outlives the sandbox: no write waits for the disk.
innodb_flush_method = nosync
innodb_flush_log_at_trx_commit = 0
debug-no-sync
`,
  );
  await run(
    'mariadb-install-db',
    [
      `--defaults-file=${config}`,
      ...['--auth-root-authentication-method=socket', '--skip-test-db', `--user=${MYSQL_USER}`],
    ],
    { env },
  );
  const mariadbd = await startServer({
    name: 'mariadbd',
    command: ['/usr/sbin/mariadbd', `--defaults-file=${config}`],
    user: MYSQL_USER,
    env,
    log: join(folder, 'log', 'mariadbd.log'),
    ready: () => isListeningAt(access.socket),
  });
  await run('mariadb', ['--no-defaults', `--socket=${access.socket}`, '--user=root'], {
    env,
    input: `CREATE USER ${access.username}@localhost IDENTIFIED BY '${access.password}';
GRANT ALL PRIVILEGES ON *.* TO ${access.username}@localhost WITH GRANT OPTION;
`,
  });
  return { servers: [mariadbd], clientEnv: { MYSQL_SOCKET: access.socket } };
}
