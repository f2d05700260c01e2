/** Accounts in words. */
import type { Account } from '../directory/accounts.js';

/** Labels and their values. */
export function describeAccount(account: Account): [label: string, value: string][] {
  const list = (terms: readonly string[]) => (terms.length === 0 ? 'none' : terms.join(', '));
  return [
    ['Username', account.username],
    ['Name', account.realname],
    ['Kind', account.kind],
    ...(account.program === undefined ? [] : [['Program', account.program] as [string, string]]),
    ['uid', String(account.uidNumber ?? 'not a number')],
    ['Home', account.home],
    ['Shell', account.shell],
    ['Terms', list(account.terms)],
    ['Terms as a rep', list(account.nonMemberTerms)],
    ...(account.positions.length === 0
      ? []
      : [['Positions', account.positions.join(', ')] as [string, string]]),
  ];
}
