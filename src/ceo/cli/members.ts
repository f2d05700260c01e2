/** `ceo members`. */
import type { Account } from '../../directory/accounts.js';
import { command } from './command.js';
import { jsonFlag } from './flags.js';
import { printResult } from './result.js';
import { membersAdd, MAX_TERMS } from './signUp.js';

const membersGet = command({
  name: 'get',
  usage: 'show an account',
  arguments: { username: { usage: 'whose account' } },
  flags: jsonFlag,
  async action({ username, json }, context) {
    const account = await context.account(username);
    return printResult(context.terminal, json, account, undefined, undefined, () => {
      const rows = describe(account);
      const width = Math.max(...rows.map(([label]) => label.length));
      for (const [label, value] of rows) context.terminal.print(`${label.padEnd(width)}  ${value}`);
    });
  },
});

const membersRenew = command({
  name: 'renew',
  usage: 'register somebody for the next terms not yet registered',
  arguments: { username: { usage: 'who' } },
  flags: {
    terms: {
      type: 'integer',
      alias: 't',
      usage: 'how many terms',
      default: 1,
      min: 1,
      max: MAX_TERMS,
    },
    'club-rep': { type: 'boolean', usage: 'as a club representative, who pays no fee' },
    ...jsonFlag,
  },
  examples: [{ command: 'ceo members renew alice -t 2', usage: 'two more terms' }],
  async action({ username, terms: count, 'club-rep': isRep, json }, context) {
    const registration = isRep ? 'club-rep' : 'member';
    const terms = await context.registerTerms(username, registration, count);
    return printResult(context.terminal, json, { username, terms }, undefined, undefined, () => {
      context.terminal.print(`${username} is registered for ${terms.join(', ')}.`);
    });
  },
});

export const members = command({
  name: 'members',
  usage: 'members and club representatives',
  subcommands: [membersAdd, membersGet, membersRenew],
});

function describe(account: Account): [label: string, value: string][] {
  const list = (terms: readonly string[]) => (terms.length === 0 ? 'none' : terms.join(', '));
  return [
    ['Username', account.username],
    ['Name', account.realname],
    ['Kind', account.kind],
    ...(account.program === undefined ? [] : [['Program', account.program] as [string, string]]),
    ['uid', String(account.uidNumber)],
    ['Home', account.home],
    ['Shell', account.shell],
    ['Terms', list(account.terms)],
    ['Terms as a rep', list(account.nonMemberTerms)],
  ];
}
