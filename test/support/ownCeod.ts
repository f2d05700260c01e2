/** A ceod of a test's own, beside the sandbox's: other settings, its own state. */
import { readFileSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { nodeOf, programsOf } from '../../sandbox/programs.js';
import { isListening } from '../../sandbox/network.js';
import { startServer, type Server } from '../../sandbox/server.js';
import { folder, variable } from './realm.js';

let count = 0;

/** An address of its own for each: jest's workers are numbered from 1, and there are two. */
const lastByte = () => 20 + (Number(process.env['JEST_WORKER_ID'] ?? 1) % 2) * 100 + (count % 100);

export interface OwnHost {
  /** CEO_CONFIG_DIR of this host and of its clients. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  /** `address:port`. */
  readonly target: string;
}

export type HostName = 'ginseng' | 'caffeine' | 'mail';

export interface OwnHostOptions {
  /** Lines for accounts.cf. */
  readonly accounts?: string;
  /** Which of the three it is; ginseng unless given. */
  readonly host?: HostName;
}

/**
 * The configuration of a further ginseng, or another host, at an address of its own.
 * @param settings lines for ceod.cf
 */
export async function ownHost(
  settings: string,
  { accounts = '', host = 'ginseng' }: OwnHostOptions = {},
): Promise<OwnHost> {
  const [address = '', port = ''] = variable(`CEOD_${host.toUpperCase()}`).split(':');
  count += 1;
  const hosts = path.join(folder, 'hosts');
  // The count begins anew with each file of tests: what one left must not be another's.
  const dir = await mkdtemp(path.join(hosts, 'own-'));
  // The session processes run as another user.
  await chmod(dir, 0o755);
  const own = address.replace(/\d+$/, String(lastByte()));
  await mkdir(path.join(dir, 'state'), { recursive: true });
  await cp(path.join(hosts, host, 'ops'), path.join(dir, 'ops'), { recursive: true });
  const known = readFileSync(variable('CEO_HOSTS'), 'utf8');
  await writeFile(path.join(dir, 'hosts'), known.replace(`${address} ${host}`, `${own} ${host}`));
  await writeFile(
    path.join(dir, 'accounts.cf'),
    `include ${hosts}/${host}/accounts.cf\n${accounts}\n`,
  );
  await writeFile(
    path.join(dir, 'ceod.cf'),
    `include ${hosts}/${host}/ceod.cf
ceod_listen = ${own}
state_dir = ${dir}/state
runtime_dir = ${dir}/run
${settings}
`,
  );
  const env = { CEO_CONFIG_DIR: dir, CEO_HOSTS: path.join(dir, 'hosts') };
  return { dir, env, target: `${own}:${port}` };
}

export interface OwnCeod extends OwnHost {
  readonly server: Server;
  /** Its log so far: one object a line. */
  readonly log: () => Record<string, unknown>[];
  stop(): Promise<void>;
}

/** Starts a ceod for it. @param env for the daemon alone, on top of the sandbox's */
export async function startOwnCeod(
  settings = '',
  {
    env = {},
    node,
    ...options
  }: OwnHostOptions & { env?: Record<string, string>; node?: string } = {},
): Promise<OwnCeod> {
  return startCeodOn(await ownHost(settings, options), env, node);
}

/**
 * The same on a host whose files the test has seen to.
 * @param node what runs it
 * @param tree where its programs are
 */
export async function startCeodOn(
  host: OwnHost,
  env: Record<string, string> = {},
  node = nodeOf(folder),
  tree = programsOf(folder),
): Promise<OwnCeod> {
  const [address = '', port = ''] = host.target.split(':');
  const log = path.join(host.dir, 'ceod.log');
  const server = await startServer({
    name: 'ceod',
    command: [node, path.join(tree, 'dist', 'ceod', 'main.js')],
    env: { ...(process.env as Record<string, string>), ...host.env, ...env },
    log,
    ready: () => isListening(address, Number(port)),
  });
  return {
    ...host,
    server,
    log: () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    stop: () => server.stop(),
  };
}
