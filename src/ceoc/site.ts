/** The site's configuration as a client of ceod needs it. */
import { canonicalHost, type Host } from '../config/hosts.js';
import { loadRoutes, type Route } from '../config/routes.js';
import { configDir, loadClient } from '../config/settings.js';
import { CeoError } from '../errors.js';
import { allOps } from '../protocol/ops.js';
import type { Router } from './client.js';
import type { Timeouts } from './connection.js';

export interface ClientSite {
  /** Routes ops by the files ops/*, which are read when the first op is sent. */
  readonly route: Router;
  readonly timeouts: Timeouts;
  readonly port: number;
}

/** @throws CeoError config */
export function loadSite(): ClientSite {
  const { ceodPort: port, connectTimeout, replyTimeout } = loadClient(configDir()).settings;
  let routes: Route[] | undefined;
  return {
    port,
    timeouts: { connectMs: connectTimeout * 1000, replyMs: replyTimeout * 1000 },
    async route(op) {
      routes ??= siteRoutes();
      const route = routes.find(({ name }) => name === op.name);
      if (route === undefined) {
        throw new CeoError('config', `No host is known for the operation ${op.name}.`, {
          next: `Add a line "HOST ${op.name}" to a file in ${configDir()}/ops.`,
        });
      }
      const { name: host, address } = await route.host();
      return { host, address, port };
    },
  };
}

/**
 * One of the hosts of the routing files, by a name of its.
 * @throws CeoError config if it is none of them
 */
export async function hostOfSite(name: string): Promise<Host> {
  const wanted = await canonicalHost(name);
  const hosts = await Promise.all(siteRoutes().map((route) => route.host().catch(() => undefined)));
  if (hosts.some((host) => host?.name === wanted.name)) return wanted;
  throw new CeoError('config', `No operation is routed to ${wanted.name}.`, {
    next: `The hosts of ceod are in ${configDir()}/ops.`,
  });
}

/** Every route of the site, also of ops that the proto does not know. */
export const siteRoutes = (): Route[] => loadRoutes(configDir(), allOps);
