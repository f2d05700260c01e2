/** Manage Club or Group Members. */
import { useCallback, type ReactElement } from 'react';
import {
  allGroups,
  changeMembers,
  membersOf,
  type MembershipChange,
} from '../../actions/groups.js';
import type { Line } from '../components/Lines.js';
import { ListPage } from '../components/ListPage.js';
import { useShell } from '../shell.js';
import type { Outcome, Wizard } from '../wizard/wizard.js';
import { WizardScreen } from '../wizard/WizardScreen.js';
import { CeoError } from '../../../errors.js';
import { accountNames, accountsProblem, wordsOf } from './fields.js';

export function Groups(): ReactElement {
  const { context, open } = useShell();
  const load = useCallback(
    async () =>
      (await allGroups(context)).map(({ name, gidNumber }) => ({
        value: name,
        cells: [name, String(gidNumber)],
      })),
    [context],
  );
  return (
    <ListPage
      heading="Manage Club or Group Members"
      columns={['Club or group', 'gid']}
      load={load}
      empty="There are no groups."
      enter={['members', (group) => open(<Members group={group} />)]}
    />
  );
}

function Members({ group }: { readonly group: string }): ReactElement {
  const { context, open } = useShell();
  const load = useCallback(
    async () =>
      (await membersOf(context, group)).map(({ username, realname }) => ({
        value: username,
        cells: [username, realname],
      })),
    [context, group],
  );
  return (
    <ListPage
      heading={`Members of ${group}`}
      columns={['Username', 'Name']}
      load={load}
      empty="Nobody is in this group."
      letters={[
        {
          letter: 'a',
          does: 'add',
          act: () => open(<WizardScreen wizard={membership(group, 'add', '')} />),
        },
        {
          letter: 'r',
          does: 'remove',
          act: (username) =>
            open(<WizardScreen wizard={membership(group, 'delete', username ?? '')} />),
        },
      ]}
    />
  );
}

interface MembershipValues extends Record<string, string> {
  readonly usernames: string;
}

const membership = (
  group: string,
  operation: 'add' | 'delete',
  usernames: string,
): Wizard<MembershipValues> => ({
  title: operation === 'add' ? `Add to ${group}` : `Remove from ${group}`,
  initial: { usernames },
  changes: true,
  steps: [
    {
      heading: 'Who? Several usernames may stand side by side.',
      load: {
        what: 'Looking',
        async run(_values, context) {
          const { settings } = await context.site();
          const linked = settings.linkedGroups.get(group) ?? [];
          return {
            notes: linked.length === 0 ? [] : [`It counts for ${linked.join(', ')} as well.`],
          };
        },
      },
      fields: [
        {
          name: 'usernames',
          label: 'Usernames',
          words: true,
          complete: accountNames,
          check: accountsProblem,
        },
      ],
    },
  ],
  review: (values) => ({
    rows: [
      ['Group', group],
      [operation === 'add' ? 'Joining' : 'Leaving', wordsOf(values.usernames).join(', ')],
    ],
    confirm: operation === 'add' ? 'Add' : 'Remove',
  }),
  async run(values, task) {
    task.begin('Changing the group');
    const usernames = wordsOf(values.usernames);
    return outcomeOf(await changeMembers(task.context, group, usernames, operation));
  },
});

const MARK = {
  added: 'done',
  removed: 'done',
  unchanged: 'done',
  'no such group': 'none',
  failed: 'failed',
} as const satisfies Record<MembershipChange['outcome'], Line['mark']>;

function outcomeOf(changes: readonly MembershipChange[]): Outcome {
  const lines = changes.map(({ username, group, outcome }) => ({
    mark: MARK[outcome],
    text: `${username}: ${group} ${outcome}`,
  }));
  const [first] = changes.flatMap(({ error }) => (error === undefined ? [] : [error]));
  if (first === undefined) return { lines };
  const someDone = changes.some(({ outcome }) => outcome === 'added' || outcome === 'removed');
  const problem = someDone ? new CeoError('partly_failed', first.message, { cause: first }) : first;
  return { lines, problem };
}
