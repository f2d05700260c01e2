/** What a username may be at all; existing members may have names that new ones may not. */
const USERNAME = /^[a-z0-9_][-a-z0-9_.]{0,31}$/;

export const isUsername = (text: string): boolean => USERNAME.test(text);

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
  return USERNAME.test(username) ? username : undefined;
}
