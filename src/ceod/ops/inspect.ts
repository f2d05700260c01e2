/** inspect (0x12): what there is of a name in the directory, in Kerberos and among the homes. */
import path from 'node:path';
import { clubSettings, memberSettings } from '../../config/settings.js';
import { groupExists } from '../../directory/groups.js';
import { Status, success } from '../../protocol/status.js';
import { isTaken } from '../accounts/home.js';
import { atHomes } from '../accounts/homesTurn.js';
import { refuseTaken, type PlanServices } from '../accounts/plan.js';
import type { Handler } from './handler.js';
import { inMessages, Refusal } from '../base/refusal.js';
import { asking, type Site } from '../site/site.js';

export function inspect(site: Site, services: PlanServices): Handler<'inspect'> {
  const { accounts, primary, kadmin } = site;

  /** A statement about the name, or undefined. @throws Refusal if that cannot be told */
  async function obstacle(username: string, home: string): Promise<string | undefined> {
    try {
      await refuseTaken(username, home, services);
      return undefined;
    } catch (error) {
      if (!(error instanceof Refusal) || !TAKEN.includes(error.status)) throw error;
      return error.message;
    }
  }

  return {
    async execute({ username }) {
      const account = await site.findAccount(username);
      const { home: parent } =
        account?.kind === 'club' ? clubSettings(accounts) : memberSettings(accounts);
      const home = path.join(parent, username);
      const [group, principal, barred, isHome, why] = await Promise.all([
        asking(Status.ELDAP, 'the directory', groupExists(primary, username)),
        asking(Status.EKERB, 'Kerberos', kadmin.get(username)),
        asking(Status.EKERB, 'Kerberos', kadmin.obstacles(username)),
        atHomes(site.stepTimeoutMs, () => isTaken(home)),
        obstacle(username, home),
      ]);
      return {
        messages: [success(`looked at ${username}`), ...barred.map(success)],
        account: account !== undefined,
        group,
        principal: principal !== undefined && barred.length === 0,
        home: isHome,
        ...(why !== undefined && { obstacle: why }),
      };
    },

    refused: inMessages,
  };
}

/** With these a name is refused; with others it could not be looked at. */
const TAKEN: readonly number[] = [Status.EEXIST, Status.EHOME];
