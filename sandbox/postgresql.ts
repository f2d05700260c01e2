/** PostgreSQL behind a private socket, with a database for the library. */
import { chown, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.js';
import { drawSecret } from './secret.js';
import { startServer, type Server } from './server.js';
import { unixUser } from './users.js';

/** Who the server runs as: Debian's user. It refuses to be root. */
const POSTGRES_USER = 'postgres';

/** Root is the superuser, by the kernel's word; ceo has a password; nobody else gets in. */
const ACCESS_RULES = `local all root peer
local all ceo  scram-sha-256
`;

/** What library.cf says. */
export interface PostgresqlAccess {
  /** Folder of the socket. */
  host: string;
  /** Part of the socket's name: the server does not listen on TCP. */
  port: number;
  database: string;
  username: string;
  password: string;
}

export interface PostgresqlOptions {
  folder: string;
  access: PostgresqlAccess;
  /** Its environment. */
  env: Readonly<Record<string, string>>;
}

export interface Postgresql {
  servers: readonly [Server];
  clientEnv: Readonly<Record<'PGHOST' | 'PGPORT' | 'PGDATABASE', string>>;
}

/** Where the server of this folder will be found, and as whom. */
export function postgresqlAccess(folder: string): PostgresqlAccess {
  return {
    host: join(folder, 'postgresql'),
    port: 5432,
    database: 'library',
    username: 'ceo',
    password: drawSecret(),
  };
}

/** The form of a URL that names the folder of a socket. */
export function connectString({ host, port, database, username, password }: PostgresqlAccess) {
  return `postgres://${username}:${password}@/${database}?host=${host}&port=${port}`;
}

/** Makes postgresql/ with the library's empty database, and starts the server. */
export async function startPostgresql(options: PostgresqlOptions): Promise<Postgresql> {
  const { folder, access, env } = options;
  const { host, port, database, username, password } = access;
  const data = join(host, 'data');
  const [{ uid, gid }, programs] = await Promise.all([unixUser(POSTGRES_USER), programFolder()]);
  await mkdir(host);
  await chown(host, uid, gid);
  const asServer = [`--reuid=${POSTGRES_USER}`, `--regid=${POSTGRES_USER}`, '--init-groups'];
  const initdb = [join(programs, 'initdb'), `--pgdata=${data}`, '--username=root'];
  await run(
    'setpriv',
    [...asServer, ...initdb, '--auth=peer', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'],
    { env },
  );
  await writeFile(join(data, 'pg_hba.conf'), ACCESS_RULES);
  const settings = {
    listen_addresses: '',
    unix_socket_directories: host,
    port: String(port),
    shared_buffers: '8MB',
    // A killed server leaves nothing in /dev/shm.
    dynamic_shared_memory_type: 'mmap',
    // Nothing here outlives the sandbox: no write waits for the disk.
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const postgres = await startServer({
    name: 'postgres',
    command: [join(programs, 'postgres'), '-D', data, ...flags],
    user: POSTGRES_USER,
    env,
    log: join(folder, 'log', 'postgres.log'),
    ready: () => isReady(data),
    // Ends sessions instead of waiting for them.
    stopSignal: 'SIGINT',
  });
  const clientEnv = { PGHOST: host, PGPORT: String(port), PGDATABASE: database };
  await run('psql', ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', 'postgres'], {
    env: { ...env, ...clientEnv },
    input: `CREATE ROLE ${username} LOGIN PASSWORD '${password}';
CREATE DATABASE ${database} OWNER ${username};
`,
  });
  return { servers: [postgres], clientEnv };
}

/** Debian keeps each version's programs in a folder of its own; the newest counts. */
async function programFolder(): Promise<string> {
  const root = '/usr/lib/postgresql';
  const versions = (await readdir(root)).map(Number).filter((version) => version > 0);
  return join(root, String(Math.max(...versions)), 'bin');
}

/** The server keeps its state in this file: the socket is there before it lets anybody in. */
async function isReady(data: string): Promise<boolean> {
  const STATUS = 7;
  const lines = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  return lines.split('\n')[STATUS]?.trim() === 'ready';
}
