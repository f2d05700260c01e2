/** What somebody may do, as far as the directory tells; ceod and the directory have the last word. */
import { groupsOf } from '../../directory/groups.js';
import type { Staff } from '../../protocol/rights.js';
import type { Context } from '../context.js';

/** @throws CeoError if the directory cannot be asked */
export async function whatYouMay(context: Context): Promise<Staff> {
  const { directory, settings } = await context.site();
  // Groups of the system need not be those of the directory: whoever tries is told.
  if (settings.authGroups !== 'ldap') return { office: true, syscom: true };
  const groups = await groupsOf(directory, await context.username());
  const isIn = (name: string) => groups.some((group) => group.name === name);
  const syscom = isIn(settings.syscomGroup);
  return { office: syscom || isIn(settings.officeGroup), syscom };
}
