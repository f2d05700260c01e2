import { isUsername } from '../../rules.js';

/**
 * The username behind a full principal, if it is one that ceod serves: of the
 * realm, with exactly one component (docs/protocol.md §3).
 * @param principal as GSS-API displays it, e.g. `ctdalek@CSCLUB.TEST`; its
 *   escapes never match a username
 */
export function usernameOf(principal: string, realm: string): string | undefined {
  const at = principal.indexOf('@');
  if (at < 0 || principal.slice(at + 1) !== realm) return undefined;
  const username = principal.slice(0, at);
  return isUsername(username) ? username : undefined;
}
