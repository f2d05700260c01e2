/** What ops/* routes here, and the programs of the site's that execute some of it. */
import { configDir } from '../../config/settings.js';
import { loadRoutes, type Route } from '../../config/routes.js';
import { messageOf } from '../../errors.js';
import { userInNss } from '../../process/nss.js';
import { allOps } from '../../protocol/ops.js';
import { shellWord } from '../../shellWord.js';
import { isExternal, programOf } from '../base/opPrograms.js';
import { fault, type Finding } from './finding.js';
import type { Host } from './host.js';
import { executable } from './programs.js';

export async function ops(host: Host): Promise<Finding[]> {
  const { hostname, ownRoutes, ceod } = host;
  const folder = shellWord(`${configDir()}/ops`);
  const found = await Promise.all([
    ...loadRoutes(configDir(), allOps).map((route) => hostIsKnown(route, folder)),
    ...ownRoutes.filter((route) => isExternal(route, ceod)).map((route) => program(route, host)),
  ]);
  return [
    ...(ownRoutes.length > 0
      ? []
      : [fault('ops.none', `no op is routed to this host, ${hostname}`, `grep -r . ${folder}`)]),
    ...found.flat(),
  ];
}

async function hostIsKnown({ name, host }: Route, folder: string): Promise<Finding[]> {
  try {
    await host();
    return [];
  } catch (error) {
    const mend = `grep -rw ${shellWord(name)} ${folder}`;
    return [fault(`ops.host.${name}`, messageOf(error), mend)];
  }
}

async function program({ name, user }: Route, { timeoutMs, isRoot }: Host): Promise<Finding[]> {
  const file = programOf(name);
  const as = isRoot ? await userInNss(user) : undefined;
  return executable(
    `ops.program.${name}`,
    `${file}, which executes the op ${name}`,
    file,
    timeoutMs,
    as && { ...as, groups: [] },
  );
}
