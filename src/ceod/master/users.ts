/** The Unix users that a daemon works as. */
import { CeoError } from '../../errors.js';
import { userInNss } from '../../process/nss.js';
import type { DaemonConfig } from '../base/config.js';
import type { UnixUser } from './processes.js';

/** Those who work for it, and whom hooks run as. @throws CeoError config if there is no such user */
export async function requireUsers({ accounts, ceod, ownRoutes }: DaemonConfig) {
  const isRoot = process.getuid?.() === 0;
  if (isRoot && accounts.notifyHook !== undefined) await requireUser(ceod.hookUser);
  return {
    sessionUser: isRoot ? await requireUser(ceod.sessionUser) : undefined,
    opUsers: await Promise.all(
      [...new Set(ownRoutes.map(({ user }) => user))].map(async (name) => ({
        name,
        identity: isRoot ? await requireUser(name) : undefined,
      })),
    ),
  };
}

async function requireUser(name: string): Promise<UnixUser> {
  const user = await userInNss(name);
  if (user !== undefined) return user;
  throw new CeoError('config', `There is no Unix user ${name}.`, {
    next: `Create it with: adduser --system --group --no-create-home ${name}`,
  });
}
