/** One ceod for each host of the demo site that serves ops. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './checkout.js';
import { hostFolder } from './configuration.js';
import { isListening } from './network.js';
import { nodeOf, programsOf } from './programs.js';
import { startServer, type Server } from './server.js';
import { shortName, type SiteHost } from './site.js';

export interface CeodOptions {
  folder: string;
  address: string;
  port: number;
  /** Its environment, with the Kerberos and LDAP client settings and CEO_HOSTS. */
  env: Readonly<Record<string, string>>;
}

export interface Ceod {
  servers: readonly [Server];
  clientEnv: Readonly<Record<string, string>>;
}

/** Whether ceod has been built. */
export function ceodIsBuilt(): boolean {
  return existsSync(join(checkout, 'dist', 'ceod', 'main.js'));
}

/** Starts this host's ceod; its log is log/ceod-HOST.log. */
export async function startCeod(host: SiteHost, options: CeodOptions): Promise<Ceod> {
  const { folder, address, port, env } = options;
  if (!ceodIsBuilt()) throw new Error('ceod is not built: run `npm run build` first');
  const name = `ceod-${shortName(host)}`;
  const ceod = await startServer({
    name,
    command: [nodeOf(folder), join(programsOf(folder), 'dist', 'ceod', 'main.js')],
    env: { ...env, CEO_CONFIG_DIR: hostFolder(folder, host) },
    log: join(folder, 'log', `${name}.log`),
    ready: () => isListening(address, port),
  });
  return {
    servers: [ceod],
    clientEnv: { [`CEOD_${shortName(host).toUpperCase()}`]: `${address}:${port}` },
  };
}
