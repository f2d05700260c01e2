/** Accounts in words. */
import type { Account } from '../directory/accounts.js';
import { PERSON, STORED } from '../person.js';

/** Labels and their values. */
export function describeAccount(account: Account): [label: string, value: string][] {
  const details = STORED.map((field) => [PERSON[field].label, account[field]] as const);
  const list = (terms: readonly string[]) => (terms.length === 0 ? 'none' : terms.join(', '));
  return [
    ['Username', account.username],
    ...details.flatMap(([label, text]): [string, string][] =>
      text === undefined ? [] : [[label, text]],
    ),
    ['Kind', account.kind],
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
