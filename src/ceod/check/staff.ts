/** The groups that carry rights: without them nobody may do anything. */
import { groupExists, groupMembers } from '../../directory/groups.js';
import { isKnown, groupMembersInNss } from '../../process/nss.js';
import { shellWord } from '../../shellWord.js';
import { withDirectory } from './directoryAt.js';
import { fault, type Finding } from './finding.js';
import type { Host } from './host.js';
import { edit } from './mend.js';

interface Groups {
  exists(name: string): Promise<boolean>;
  members(name: string): Promise<readonly string[]>;
}

const inNss: Groups = {
  exists: (name) => isKnown('group', name),
  members: groupMembersInNss,
};

export function staff(host: Host): Promise<Finding[]> {
  if (host.ceod.authGroups === 'nss') return problems(host, inNss);
  return withDirectory(host, undefined, (directory) =>
    problems(host, {
      exists: (name) => groupExists(directory, name),
      members: (name) => groupMembers(directory, name),
    }),
  );
}

async function problems({ ceod }: Host, groups: Groups): Promise<Finding[]> {
  const { officeGroup, syscomGroup, authGroups } = ceod;
  const where = authGroups === 'nss' ? 'NSS' : 'the directory';
  const found: Finding[] = [];
  for (const [key, name] of [
    ['office_group', officeGroup],
    ['syscom_group', syscomGroup],
  ] as const) {
    if (await groups.exists(name)) continue;
    const mend = authGroups === 'nss' ? `addgroup ${shellWord(name)}` : edit('ceod.cf');
    found.push(fault(`staff.${key}`, `there is no group ${name} (${key}) in ${where}`, mend));
  }
  const isThere = !found.some(({ id }) => id === 'staff.syscom_group');
  if (isThere && (await groups.members(syscomGroup)).length === 0) {
    const what = `nobody is in ${syscomGroup}: no one may do what the systems committee may`;
    const mend = `ceo groups add ${shellWord(syscomGroup)} USERNAME`;
    found.push(fault('staff.syscom_empty', what, mend));
  }
  return found;
}
