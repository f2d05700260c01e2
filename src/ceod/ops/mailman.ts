/**
 * mailman (0x04): subscribes a user to the members' list. The reply is one
 * line, whose beginnings are a contract with deployed clients (docs/protocol.md
 * §4.3).
 */
import type { List, Subscribe } from '../../mailman/subscribe.js';
import { printable } from '../../printable.js';
import { Status, type StatusLine } from '../../protocol/status.js';
import type { Handler } from './handler.js';
import { notFound } from '../base/refusal.js';
import type { Site } from '../site/site.js';

const BEGINNINGS: Readonly<Record<number, string>> = {
  [Status.EPERM]: 'Access denied',
  [Status.ETIMEDOUT]: 'Unknown',
};

/**
 * @param domain of the members' addresses
 * @param list undefined: subscribing is switched off
 */
export function mailman(
  site: Site,
  domain: string,
  list: List | undefined,
  subscribe: Subscribe,
): Handler<'subscribe'> {
  return {
    async execute({ username }) {
      if ((await site.findAccount(username)) === undefined) {
        throw notFound(`there is no user ${printable(username)}`);
      }
      if (list === undefined) return { line: `Disabled: ${username}` };
      const address = `${username}@${domain}`;
      const outcome = await subscribe(list, address);
      return {
        line: `${outcome === 'subscribed' ? 'Subscribed' : 'Already a member'}: ${address}`,
      };
    },

    refused: ({ status, message }: StatusLine) => ({
      line: `${BEGINNINGS[status] ?? 'Failed'}: ${message}`,
    }),
  };
}
