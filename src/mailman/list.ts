/** Whether there is a list, asked of Mailman 3's REST interface: nothing is changed. */
import { CeoError } from '../errors.js';
import { bodyText } from '../httpBody.js';
import type { List, Mailman3Options } from './subscribe.js';

/** More than Mailman says of a list. */
const MAX_BYTES = 1 << 16;

/** @throws CeoError unreachable, failed */
export async function lookForList(
  { url, username, password, timeoutMs }: Mailman3Options,
  { name, domain }: List,
): Promise<'there' | 'absent' | 'password refused'> {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  let status: number;
  try {
    const response = await fetch(`${url}/lists/${name}.${domain}`, {
      headers: { authorization },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await bodyText(response, MAX_BYTES);
    status = response.status;
  } catch (cause) {
    throw new CeoError('unreachable', 'Mailman does not answer.', { cause });
  }
  if (status === 200) return 'there';
  if (status === 404) return 'absent';
  if (status === 401) return 'password refused';
  throw new CeoError('failed', `Mailman answered with status ${status}.`);
}
