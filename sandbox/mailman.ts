/** Mailman 3: its core with the REST interface alone, and the members' list. */
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, isListening } from './network.js';
import { drawSecret } from './secret.js';
import { startServer, type Server } from './server.js';
import { LIST_DOMAIN, MEMBERS_LIST } from './site.js';
import { unixUser } from './users.js';

/** Who the server and ceod's op run as: Debian's user. */
export const MAILMAN_USER = 'list';

/** What mailman.cf says. */
export interface MailmanAccess {
  address: string;
  port: number;
  /** Of the REST interface. */
  url: string;
  username: string;
  password: string;
}

export interface MailmanOptions {
  folder: string;
  access: MailmanAccess;
  /** Its environment. */
  env: Readonly<Record<string, string>>;
}

export interface Mailman {
  servers: readonly [Server];
  clientEnv: { readonly MAILMAN_URL: string };
}

/** Where the server at this address will be found, and as whom. */
export async function mailmanAccess(address: string): Promise<MailmanAccess> {
  const port = await freePort(address);
  const url = `http://${address}:${port}/3.1`;
  return { address, port, url, username: 'ceod', password: drawSecret() };
}

async function create(
  { url, username, password }: MailmanAccess,
  collection: string,
  fields: Record<string, string>,
): Promise<void> {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const response = await fetch(`${url}/${collection}`, {
    method: 'POST',
    headers: { authorization },
    body: new URLSearchParams(fields),
    signal: AbortSignal.timeout(10_000),
  });
  if (response.status !== 201)
    throw new Error(`Mailman answered ${response.status}: ${await response.text()}`);
}

/** Makes mailman/, starts the server, makes the list and its domain. */
export async function startMailman(options: MailmanOptions): Promise<Mailman> {
  const { folder, access, env } = options;
  const home = join(folder, 'mailman');
  const config = join(home, 'mailman.cfg');
  const { uid, gid } = await unixUser(MAILMAN_USER);
  await mkdir(home, { mode: 0o700 });
  await writeFile(
    config,
    `[mailman]
layout: sandbox
[paths.sandbox]
var_dir: ${join(home, 'var')}
[database]
url: sqlite:///${join(home, 'mailman.db')}
[mta]
incoming: mailman.mta.null.NullMTA
[webservice]
hostname: ${access.address}
port: ${access.port}
admin_user: ${access.username}
admin_pass: ${access.password}
workers: 1
`,
    { mode: 0o600 },
  );
  await chown(config, uid, gid);
  await chown(home, uid, gid);
  const rest = await startServer({
    name: 'mailman',
    command: ['/usr/lib/mailman3/bin/runner', '-C', config, '--runner=rest:0:1'],
    user: MAILMAN_USER,
    env,
    log: join(folder, 'log', 'mailman.log'),
    ready: () => isListening(access.address, access.port),
    limit: 30_000,
    // It takes a second to say goodbye, and nothing of it is kept.
    stopSignal: 'SIGKILL',
  });
  await create(access, 'domains', { mail_host: LIST_DOMAIN });
  await create(access, 'lists', { fqdn_listname: `${MEMBERS_LIST}@${LIST_DOMAIN}` });
  return { servers: [rest], clientEnv: { MAILMAN_URL: access.url } };
}
