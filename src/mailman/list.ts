/** Whether there is a list, asked of Mailman 3's REST interface: nothing is changed. */
import { CeoError } from '../errors.js';
import { restInterface, type Mailman3Options } from './rest.js';
import type { List } from './subscribe.js';

/** @throws CeoError unreachable, failed */
export async function lookForList(
  options: Mailman3Options,
  { name, domain }: List,
): Promise<'there' | 'absent' | 'password refused'> {
  let status: number;
  try {
    ({ status } = await restInterface(options)(`lists/${name}.${domain}`));
  } catch (cause) {
    throw new CeoError('unreachable', 'Mailman does not answer.', { cause });
  }
  if (status === 200) return 'there';
  if (status === 404) return 'absent';
  if (status === 401) return 'password refused';
  throw new CeoError('failed', `Mailman answered with status ${status}.`);
}
