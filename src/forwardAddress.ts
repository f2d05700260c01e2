/**
 * Where mail may be forwarded to, as ceo asks for it. ceod refuses less: what deployed clients send.
 */
import isEmailModule from 'validator/lib/isEmail.js';
import { printable } from './printable.js';
import { forwardProblem } from './rules.js';

// Of CommonJS.
const isEmail = isEmailModule as unknown as typeof isEmailModule.default;

export interface ForwardRules {
  /** Whose mail comes to this site, in small letters; hosts below them as well. */
  readonly mailDomains: readonly string[];
  /** Whether the domain of an address has a dot. */
  readonly needsDot: boolean;
}

/** @param username whose mail it is */
export function forwardAddressProblem(
  forward: string,
  username: string,
  rules: ForwardRules,
): string | undefined {
  if (forward === '') return undefined;
  const refused = forwardProblem(forward);
  if (refused !== undefined) return refused;
  if (isOwnAddress(forward, username, rules)) return 'mail would come back to the same account';
  if (!forward.includes('@'))
    return LOCAL_NAME.test(forward) ? undefined : `${shown(forward)} is no address`;
  const options = { allow_utf8_local_part: true };
  if (isEmail(forward, { ...options, require_tld: rules.needsDot })) return undefined;
  if (isEmail(forward, { ...options, require_tld: false }))
    return `the domain of ${shown(forward)} has no dot; give it in full`;
  return `${shown(forward)} is no address`;
}

/** The user of this site that a forward names without a domain; undefined: it is an address. */
export const localUserOf = (forward: string): string | undefined =>
  forward === '' || forward.includes('@') ? undefined : forward;

const LOCAL_NAME = /^[a-z_][-a-z0-9_.]*$/i;

const shown = (text: string) => `"${printable(text, 80)}"`;

/** Also with what mailers leave out, as in alice+list. */
function isOwnAddress(forward: string, username: string, { mailDomains }: ForwardRules): boolean {
  const [local = '', domain] = forward.toLowerCase().split('@');
  if (username === '' || local.replace(/\+.*/, '') !== username.toLowerCase()) return false;
  return (
    domain === undefined ||
    mailDomains.some((each) => domain === each || domain.endsWith(`.${each}`))
  );
}
