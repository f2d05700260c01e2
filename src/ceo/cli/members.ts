/** `ceo members`. */
import { FEE_PER_TERM, MAX_TERMS } from '../../directory/terms.js';
import { readPassword } from './ask.js';
import { command } from './command.js';
import { jsonFlag } from './flags.js';
import { membersImport } from './import.js';
import { printSteps, report } from './result.js';
import { membersExpired, membersInactive, membersList, membersSearch } from './search.js';
import { membersAdd } from './signUp.js';
import { requireTerm } from './term.js';
import { printFields } from './table.js';
import { membersUpdatePrograms } from './updatePrograms.js';

const membersGet = command({
  name: 'get',
  usage: 'show an account',
  arguments: { username: { usage: 'whose account', complete: 'username' } },
  flags: jsonFlag,
  load: () => import('../describe.js'),
  async action({ username }, context, { describeAccount }) {
    const account = await context.account(username);
    return report(account, () => {
      printFields(context.terminal, describeAccount(account));
    });
  },
});

const membersRenew = command({
  name: 'renew',
  usage: 'register somebody for the next terms not yet registered',
  arguments: { username: { usage: 'who', complete: 'username' } },
  flags: {
    terms: {
      type: 'integer',
      alias: 't',
      usage: 'how many terms',
      default: 1,
      min: 1,
      max: MAX_TERMS,
    },
    first: { type: 'string', usage: 'from this term on; the next unregistered one unless given' },
    'club-rep': { type: 'boolean', usage: 'as a club representative, who pays no fee' },
    ...jsonFlag,
  },
  examples: [
    { command: 'ceo members renew alice -t 2', usage: 'two more terms' },
    { command: 'ceo members renew alice --first w2027', usage: 'that term' },
  ],
  changes: true,
  load: () => import('../actions/renew.js'),
  async action(
    { username, terms: count, first, 'club-rep': isRep },
    context,
    { register, termsFrom },
  ) {
    const registration = isRep ? 'club-rep' : 'member';
    const wanted =
      first === undefined ? { next: count } : { terms: termsFrom(requireTerm(first), count) ?? [] };
    const terms = await register(context, username, registration, wanted);
    const fee = isRep ? 0 : terms.length * FEE_PER_TERM;
    const result = { username, terms, fee };
    return report(result, () => {
      context.terminal.print(`${username} is registered for ${terms.join(', ')}.`);
      context.terminal.print(isRep ? 'No fee.' : `The fee is ${fee} dollars.`);
    });
  },
});

const membersPasswd = command({
  name: 'passwd',
  usage: 'set a new password, which must be changed at the next login',
  arguments: { username: { usage: 'whose password', complete: 'username' } },
  flags: {
    ask: { type: 'boolean', usage: 'ask for the new password instead of generating one' },
    'password-stdin': {
      type: 'boolean',
      usage: 'read the new password from the first line of standard input',
    },
    ...jsonFlag,
  },
  examples: [{ command: 'ceo members passwd alice', usage: 'shows a generated one, once' }],
  changes: true,
  load: () => import('../actions/passwd.js'),
  async action({ username, ask, 'password-stdin': fromStdin }, context, { resetPassword }) {
    const { terminal } = context;
    const given = ask || fromStdin ? await readPassword(terminal, fromStdin) : undefined;
    const { problem, ...result } = await resetPassword(context, username, given);
    return report(
      result,
      () => {
        printSteps(terminal, result.steps, problem);
        if (result.password === undefined) return;
        terminal.print(`New password of ${username}: ${result.password}`);
        terminal.print('It is shown only now.');
      },
      { problem },
    );
  },
});

const membersSubscribe = command({
  name: 'subscribe',
  usage: "subscribe somebody to the members' mailing list",
  arguments: { username: { usage: 'who', complete: 'username' } },
  flags: jsonFlag,
  changes: true,
  load: () => import('../actions/subscribe.js'),
  async action({ username }, context, { subscribe }) {
    const list = await subscribe(context, username);
    return report({ username, list }, () => {
      context.terminal.print(list);
    });
  },
});

export const members = command({
  name: 'members',
  usage: 'members and club representatives',
  subcommands: [
    membersAdd,
    membersImport,
    membersGet,
    membersList,
    membersSearch,
    membersRenew,
    membersPasswd,
    membersSubscribe,
    membersExpired,
    membersInactive,
    membersUpdatePrograms,
  ],
});
