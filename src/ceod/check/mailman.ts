/** Mailman: whether it answers, and has the members' list. */
import {
  addMembersCommand,
  configDir,
  loadMailman,
  mailman3Access,
} from '../../config/settings.js';
import { messageOf } from '../../errors.js';
import { lookForList } from '../../mailman/list.js';
import { userInNss } from '../../process/nss.js';
import { fault, type Finding } from './finding.js';
import type { Host } from './host.js';
import { executable } from './programs.js';
import { edit } from './mend.js';

export async function mailman(host: Host): Promise<Finding[]> {
  const { settings } = loadMailman(configDir());
  const list = { name: settings.membersList, domain: settings.listDomain };
  if (list.name === 'none') return [];
  if (settings.mailmanBackend === 'mailman2') return command(addMembersCommand(settings), host);
  const options = mailman3Access(settings, host.timeoutMs);
  const address = `${list.name}@${list.domain}`;
  try {
    switch (await lookForList(options, list)) {
      case 'there':
        return [];
      case 'absent':
        return [
          fault('mailman.list', `Mailman has no list ${address}`, `mailman create ${address}`),
        ];
      case 'password refused':
        return [fault('mailman.password', 'Mailman refuses our password', edit('mailman.cf'))];
    }
  } catch (error) {
    return [fault('mailman.unreachable', messageOf(error), 'systemctl restart mailman3')];
  }
}

/** Its lists are Mailman 2's own affair: the program alone is looked at. */
async function command(file: string, { ownRoutes, timeoutMs }: Host): Promise<Finding[]> {
  const user = await userInNss(ownRoutes.find(({ name }) => name === 'mailman')?.user ?? 'root');
  const as = user && { ...user, groups: [] };
  return executable(
    'mailman.command',
    `mailman_command ${file}`,
    file,
    timeoutMs,
    edit('mailman.cf'),
    as,
  );
}
