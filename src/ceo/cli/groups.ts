/** `ceo groups`. */
import type { MembershipChange } from '../actions/groups.js';
import type { CommandContext } from './context.js';
import { command } from './command.js';
import { jsonFlag } from './flags.js';
import { report, type Report } from './result.js';
import { printPeople } from './search.js';
import { printTable } from './table.js';
import { shellWord } from '../../shellWord.js';

// Loaded by the command that needs them: --help must not wait for LDAP.
const load = () => import('../actions/groups.js');

const group = { usage: 'which group', complete: 'group' } as const;
const usernames = { usage: 'who', variadic: true, complete: 'username' } as const;

const groupsList = command({
  name: 'list',
  usage: 'every group',
  flags: jsonFlag,
  load,
  async action(_values, context, { allGroups }) {
    const groups = await allGroups(context);
    return report({ groups }, () => {
      const rows = groups.map(({ name, gidNumber }) => [name, String(gidNumber ?? 'not a number')]);
      printTable(context.terminal, ['Group', 'gid'], rows);
    });
  },
});

const groupsMembers = command({
  name: 'members',
  usage: 'who is in a group',
  arguments: { group },
  flags: jsonFlag,
  load,
  async action(values, context, { membersOf }) {
    const { people, dangling } = await membersOf(context, values.group);
    return report({ group: values.group, people, dangling }, () => {
      printPeople(context.terminal, people);
      if (dangling.length === 0) return;
      context.terminal.note(
        'No account, but whoever is given such a name is in the group. Remove it with:',
      );
      for (const dn of dangling)
        context.terminal.note(`  ceo groups remove ${values.group} ${shellWord(dn)}`);
    });
  },
});

const groupsAdd = command({
  name: 'add',
  usage: 'put people into a group, and those that go with it',
  arguments: { group, usernames },
  flags: jsonFlag,
  examples: [{ command: 'ceo groups add chess alice bob', usage: 'two at once' }],
  changes: true,
  load,
  action: (values, context, actions) => change('add', values, context, actions),
});

const groupsRemove = command({
  name: 'remove',
  usage: 'take people out of a group, and those that go with it',
  arguments: { group, usernames: { ...usernames, usage: 'who; or a DN that is no account' } },
  flags: {
    force: { type: 'boolean', usage: 'also if nobody is left in the systems committee' },
    ...jsonFlag,
  },
  changes: true,
  load,
  action: (values, context, actions) => change('delete', values, context, actions),
});

export const groups = command({
  name: 'groups',
  usage: 'groups and who is in them',
  subcommands: [groupsList, groupsMembers, groupsAdd, groupsRemove],
});

const MARK: Readonly<Record<MembershipChange['outcome'], string>> = {
  added: '✓',
  removed: '✓',
  unchanged: '✓',
  'no such group': '-',
  failed: '✗',
};

async function change(
  operation: 'add' | 'delete',
  values: {
    readonly group: string;
    readonly usernames: readonly string[];
    readonly force?: boolean;
  },
  context: CommandContext,
  { changeMembers, problemOf, wayBackIfEmpty }: Awaited<ReturnType<typeof load>>,
): Promise<Report> {
  const changes = await changeMembers(
    context,
    values.group,
    values.usernames,
    operation,
    values.force,
  );
  const shape = changes.map(({ error, ...each }) => ({
    ...each,
    ...(error !== undefined && { error: { code: error.code, message: error.message } }),
  }));
  const result = { changes: shape };
  const way = values.force === true ? await wayBackIfEmpty(context) : undefined;
  if (way !== undefined) context.terminal.note(way);
  return report(
    result,
    () => {
      for (const { username, group: name, outcome } of changes) {
        context.terminal.print(`  ${MARK[outcome]} ${username}: ${name} ${outcome}`);
      }
    },
    { problem: problemOf(changes) },
  );
}
