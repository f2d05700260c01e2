/** `ceo members list`, `search`, `expired`, `inactive`, and their names of old. */
import type { Account } from '../../directory/accounts.js';
import type { Lapsed } from '../actions/people.js';
import { CeoError } from '../../errors.js';
import { PERSON } from '../../person.js';
import { phoneProblem } from '../../rules.js';
import type { CommandContext } from './context.js';
import type { Terminal } from '../terminal.js';
import { command } from './command.js';
import { jsonFlag } from './flags.js';
import { pad, printTable } from './table.js';
import { report, type Report } from './result.js';
import { requireTerm } from './term.js';

const loadPeople = () => import('../actions/people.js');
const loadLapsed = () => Promise.all([loadPeople(), import('../actions/expire.js')]);

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
  load: loadPeople,
  async action(values, context, { searchPeople }) {
    const wanted = requireTerm(values.term);
    const people = await searchPeople(context, { term: wanted });
    return report({ term: wanted, people }, () => printPeople(context.terminal, people));
  },
});

export const membersSearch = command({
  name: 'search',
  usage: 'look people up by name, term, group or phone number; each narrows the search',
  arguments: { name: { usage: 'part of the name, or what it sounds like', optional: true } },
  flags: {
    term: { type: 'string', alias: 't', usage: 'registered for this term' },
    group: { type: 'string', alias: 'g', usage: 'in this group' },
    phone: {
      type: 'string',
      alias: PERSON.phone.alias,
      usage: 'with this phone number; blanks and hyphens do not count',
    },
    ...jsonFlag,
  },
  examples: [{ command: 'ceo members search smyth -t f2026', usage: 'also finds Smith' }],
  load: loadPeople,
  async action({ name, term: termText, group, phone }, context, { searchPeople }) {
    if ([name, termText, group, phone].every((each) => each === undefined)) {
      throw new CeoError('usage', 'Nothing was given to search for.', {
        next: 'Give a name, --term, --group or --phone.',
      });
    }
    const problem = phone === undefined ? undefined : phoneProblem(phone);
    if (problem !== undefined) throw new CeoError('usage', `That is no phone number: ${problem}.`);
    const wanted = termText === undefined ? undefined : requireTerm(termText);
    const people = await searchPeople(context, { name, term: wanted, group, phone });
    return report({ people }, () => printPeople(context.terminal, people));
  },
});

/** For three terms somebody may come back; behind that they are inactive. */
const MOST_EXPIRED = 3;

const expiredFlags = {
  email: { type: 'boolean', usage: 'send each of them a reminder (expire_hook), after a question' },
  yes: { type: 'boolean', usage: 'with --email: without the question, for cron' },
  ...jsonFlag,
} as const;

/** @param shown a line of the list */
const expired =
  (shown: (person: Lapsed) => string) =>
  async (
    { email, yes }: { readonly email: boolean; readonly yes: boolean },
    context: CommandContext,
    [{ lapsedMembers }, { emailExpired }]: Awaited<ReturnType<typeof loadLapsed>>,
  ): Promise<Report> => {
    const { terminal } = context;
    const people = await lapsedMembers(context, { atLeast: 1, atMost: MOST_EXPIRED });
    return report(
      { people },
      () => {
        for (const person of people) terminal.print(shown(person));
      },
      {
        async afterwards() {
          if (!email) return;
          await emailExpired(context, terminal, people, yes);
        },
      },
    );
  };

export const membersExpired = command({
  name: 'expired',
  usage: 'who was registered until at most three terms ago, and is not now',
  flags: expiredFlags,
  load: loadLapsed,
  action: expired(
    ({ username, terms }) => `${username} (expired for ${terms} ${terms === 1 ? 'term' : 'terms'})`,
  ),
});

const inactiveArguments = { terms: { usage: 'at least so many terms ago' } } as const;

async function inactive(
  { terms }: { readonly terms: string },
  context: CommandContext,
  { inactiveMembers }: Awaited<ReturnType<typeof loadPeople>>,
): Promise<Report> {
  const atLeast = /^\d{1,3}$/.test(terms) ? Number(terms) : 0;
  if (atLeast < 1) {
    throw new CeoError('usage', `"${terms}" is no number of terms.`, { next: 'Give 1 or more.' });
  }
  const people = await inactiveMembers(context, atLeast);
  return report({ people }, () => {
    for (const { username, lastTerm } of people)
      context.terminal.print(`${username} ${lastTerm ?? 'never'}`);
  });
}

export const membersInactive = command({
  name: 'inactive',
  usage: 'whose registration ended so many terms ago or before, or never began',
  arguments: inactiveArguments,
  flags: jsonFlag,
  load: loadPeople,
  action: inactive,
});

/** As these were called, and printed, before. */
export const legacyLists = [
  command({
    name: 'memberlist',
    usage: 'members of a term without representatives, in columns of 12 and 30',
    arguments: { term },
    load: loadPeople,
    async action(values, context, { searchPeople }) {
      const wanted = requireTerm(values.term);
      const found = await searchPeople(context, { term: wanted });
      const people = found.filter(({ terms }) => terms.includes(wanted));
      return report({ term: wanted, people }, () => {
        for (const { username, realname, program } of people) {
          const line = `${pad(username, 12)} ${pad(realname, 30)} ${program ?? ''}`;
          context.terminal.print(line.trimEnd());
        }
      });
    },
  }),
  command({
    name: 'expiredaccounts',
    usage: 'members expired, in a column of 12',
    flags: expiredFlags,
    load: loadLapsed,
    action: expired(({ username, terms }) => `${pad(username, 12)} (expired for ${terms} terms)`),
  }),
  command({
    name: 'inactive',
    usage: 'members inactive',
    arguments: inactiveArguments,
    flags: jsonFlag,
    load: loadPeople,
    action: inactive,
  }),
];

export function printPeople(terminal: Terminal, people: readonly Account[]): void {
  const rows = people.map(({ username, realname, program }) => [username, realname, program ?? '']);
  printTable(terminal, ['Username', 'Name', 'Program'], rows);
  terminal.note(people.length === 1 ? '1 account' : `${people.length} accounts`);
}
