/** `ceo members list`, `search`, `expired`, `inactive`, and their names of old. */
import type { Account } from '../../directory/accounts.js';
import { CeoError } from '../../errors.js';
import type { CommandContext } from './context.js';
import { command } from './command.js';
import { jsonFlag } from './flags.js';
import { pad, printTable } from './table.js';
import { printResult } from './result.js';
import { requireTerm } from './term.js';

// Loaded by the command that needs them: --help must not wait for LDAP.
const expireActions = () => import('../actions/expire.js');
const peopleActions = () => import('../actions/people.js');

const term = {
  usage: 'such as f2026; the current one unless given',
  optional: true,
  complete: 'term',
} as const;

export const membersList = command({
  name: 'list',
  usage: 'who is registered for a term',
  arguments: { term },
  flags: jsonFlag,
  async action(values, context) {
    const wanted = requireTerm(values.term);
    const people = await (await peopleActions()).searchPeople(context, { term: wanted });
    return printPeople(context, values.json, people, { term: wanted });
  },
});

export const membersSearch = command({
  name: 'search',
  usage: 'look people up by name, term or group; each narrows the search',
  arguments: { name: { usage: 'part of the name, or what it sounds like', optional: true } },
  flags: {
    term: { type: 'string', alias: 't', usage: 'registered for this term' },
    group: { type: 'string', alias: 'g', usage: 'in this group' },
    ...jsonFlag,
  },
  examples: [{ command: 'ceo members search smyth -t f2026', usage: 'also finds Smith' }],
  async action({ name, term: termText, group, json }, context) {
    if (name === undefined && termText === undefined && group === undefined) {
      throw new CeoError('usage', 'Nothing was given to search for.', {
        next: 'Give a name, --term or --group.',
      });
    }
    const wanted = termText === undefined ? undefined : requireTerm(termText);
    return printPeople(
      context,
      json,
      await (await peopleActions()).searchPeople(context, { name, term: wanted, group }),
    );
  },
});

/** For three terms somebody may come back; behind that they are inactive. */
const MOST_EXPIRED = 3;

const expiredFlags = {
  email: { type: 'boolean', usage: 'send each of them a reminder (expire_hook), after a question' },
  ...jsonFlag,
} as const;

async function expired(
  { email, json }: { readonly email: boolean; readonly json: boolean },
  context: CommandContext,
): Promise<number> {
  const people = await (
    await peopleActions()
  ).lapsedMembers(context, { atLeast: 1, atMost: MOST_EXPIRED });
  const status = printResult(context.terminal, json, { people }, undefined, undefined, () => {
    for (const { username, terms } of people) {
      context.terminal.print(
        `${username} (expired for ${terms} ${terms === 1 ? 'term' : 'terms'})`,
      );
    }
  });
  if (email) await (await expireActions()).emailExpired(context, context.terminal, people);
  return status;
}

export const membersExpired = command({
  name: 'expired',
  usage: 'who was registered until at most three terms ago, and is not now',
  flags: expiredFlags,
  action: expired,
});

const inactiveArguments = { terms: { usage: 'at least so many terms ago' } } as const;

async function inactive(
  { terms, json }: { readonly terms: string; readonly json: boolean },
  context: CommandContext,
): Promise<number> {
  const atLeast = /^\d{1,3}$/.test(terms) ? Number(terms) : 0;
  if (atLeast < 1) {
    throw new CeoError('usage', `"${terms}" is no number of terms.`, { next: 'Give 1 or more.' });
  }
  const people = await (await peopleActions()).lapsedMembers(context, { atLeast });
  return printResult(context.terminal, json, { people }, undefined, undefined, () => {
    for (const { username, lastTerm } of people) context.terminal.print(`${username} ${lastTerm}`);
  });
}

export const membersInactive = command({
  name: 'inactive',
  usage: 'whose registration ended so many terms ago, or before',
  arguments: inactiveArguments,
  flags: jsonFlag,
  action: inactive,
});

/** As these were called, and printed, before. */
export const legacyLists = [
  command({
    name: 'memberlist',
    usage: 'members list, in columns of 12 and 30',
    arguments: { term },
    async action(values, context) {
      for (const { username, realname, program } of await (
        await peopleActions()
      ).searchPeople(context, {
        term: requireTerm(values.term),
      })) {
        const line = `${pad(username, 12)} ${pad(realname, 30)} ${program ?? ''}`;
        context.terminal.print(line.trimEnd());
      }
      return 0;
    },
  }),
  command({
    name: 'expiredaccounts',
    usage: 'members expired',
    flags: expiredFlags,
    action: expired,
  }),
  command({
    name: 'inactive',
    usage: 'members inactive',
    arguments: inactiveArguments,
    flags: jsonFlag,
    action: inactive,
  }),
];

export function printPeople(
  { terminal }: CommandContext,
  json: boolean,
  people: readonly Account[],
  more: object = {},
): number {
  return printResult(terminal, json, { ...more, people }, undefined, undefined, () => {
    const rows = people.map(({ username, realname, program }) => [
      username,
      realname,
      program ?? '',
    ]);
    printTable(terminal, ['Username', 'Name', 'Program'], rows);
    terminal.note(people.length === 1 ? '1 account' : `${people.length} accounts`);
  });
}
