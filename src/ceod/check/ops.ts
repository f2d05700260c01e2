/** What ops/* routes here, and the programs of the site's that execute some of it. */
import { configDir } from '../../config/settings.js';
import { loadRoutes, type Route } from '../../config/routes.js';
import { messageOf } from '../../errors.js';
import { userInNss } from '../../process/nss.js';
import { allOps } from '../../protocol/ops.js';
import { isExternal, programOf } from '../base/opPrograms.js';
import { fault, unasked, type Finding } from './finding.js';
import type { Host } from './host.js';
import { executable } from './programs.js';
import { edit } from './mend.js';

export async function ops(host: Host): Promise<Finding[]> {
  const { hostname, ownRoutes, ceod } = host;
  const found = await Promise.all([
    ...loadRoutes(configDir(), allOps).map((route) => hostIsKnown(route)),
    ...ownRoutes.filter((route) => isExternal(route, ceod)).map((route) => program(route, host)),
  ]);
  return [
    ...(ownRoutes.length > 0
      ? []
      : [fault('ops.none', `no op is routed to this host, ${hostname}`, edit('ceod.cf'))]),
    ...found.flat(),
  ];
}

async function hostIsKnown({ name, host }: Route): Promise<Finding[]> {
  try {
    await host();
    return [];
  } catch (error) {
    return [fault(`ops.host.${name}`, messageOf(error), edit(`ops/${name}`))];
  }
}

async function program({ name, user }: Route, { timeoutMs, isRoot }: Host): Promise<Finding[]> {
  const file = programOf(name);
  const id = `ops.program.${name}`;
  // Whether somebody else can execute it, root alone can try.
  if (!isRoot) return [unasked(id, `only root can look at ${file}`)];
  const as = await userInNss(user);
  return executable(
    id,
    `${file}, which executes the op ${name}`,
    file,
    timeoutMs,
    edit(`ops/${name}`),
    as && { ...as, groups: [] },
  );
}
