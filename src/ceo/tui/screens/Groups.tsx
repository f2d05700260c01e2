/** Manage Club or Group Members. */
import { useCallback, type ReactElement } from 'react';
import {
  allGroups,
  changeMembers,
  linkedGroups,
  membersOf,
  problemOf,
  type MembershipChange,
} from '../../actions/groups.js';
import type { Line } from '../components/Lines.js';
import { ListPage } from '../components/ListPage.js';
import { Text } from '../components/Text.js';
import { useStage } from '../stage.js';
import type { Outcome, Wizard } from '../wizard/wizard.js';
import { WizardScreen } from '../wizard/WizardScreen.js';
import { accountNames, accountsProblem, wordsOf } from './fields.js';

interface ChosenGroup {
  readonly name: string;
  /** Those that go with it. */
  readonly linked: readonly string[];
}

export function Groups(): ReactElement {
  const { context, open } = useStage();
  const load = useCallback(
    async () =>
      Promise.all(
        (await allGroups(context)).map(async ({ name, gidNumber }) => ({
          value: { name, linked: await linkedGroups(context, name) },
          cells: [name, String(gidNumber ?? 'not a number')],
        })),
      ),
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

function Members({ group }: { readonly group: ChosenGroup }): ReactElement {
  const { context, open } = useStage();
  const load = useCallback(async () => {
    const { people, dangling } = await membersOf(context, group.name);
    return [
      ...people.map(({ username, realname }) => ({
        value: username,
        cells: [username, realname],
      })),
      ...dangling.map((dn) => ({ value: dn, cells: ['(no account)', dn] })),
    ];
  }, [context, group]);
  return (
    <ListPage
      heading={`Members of ${group.name}`}
      columns={['Username', 'Name']}
      load={load}
      empty="Nobody is in this group."
      {...(group.linked.length > 0 && { above: <Text>{linkedText(group)}</Text> })}
      add={() => open(<WizardScreen wizard={joining(group)} />)}
      letters={[
        {
          letter: 'r',
          does: 'remove',
          act: (username) => open(<WizardScreen wizard={leaving(group, username)} />),
        },
      ]}
    />
  );
}

const linkedText = ({ linked }: ChosenGroup) =>
  `Whoever joins or leaves joins or leaves ${linked.join(', ')} as well.`;

const notesOf = (group: ChosenGroup) => (group.linked.length > 0 ? [linkedText(group)] : []);

const joining = (group: ChosenGroup): Wizard<{ usernames: string }> => ({
  title: `Add to ${group.name}`,
  initial: { usernames: '' },
  changes: true,
  steps: [
    {
      heading: 'Who? Several usernames may stand side by side.',
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
  review: ({ usernames }) => ({
    rows: [
      ['Group', group.name],
      ['Joining', wordsOf(usernames).join(', ')],
    ],
    notes: notesOf(group),
    confirm: 'Add',
  }),
  async run({ usernames }, task) {
    task.begin('Changing the group');
    return outcomeOf(
      await changeMembers(task.context, group.name, wordsOf(usernames), 'add'),
      (username, each) => `${username} was in ${each} before.`,
    );
  },
});

/** Of one who is selected: there is nothing to ask. */
const leaving = (group: ChosenGroup, username: string): Wizard<Record<string, never>> => ({
  title: `Remove from ${group.name}`,
  initial: {},
  changes: true,
  steps: [],
  review: () => ({
    rows: [
      ['Group', group.name],
      ['Leaving', username],
    ],
    notes: notesOf(group),
    confirm: 'Remove',
  }),
  async run(_values, task) {
    task.begin('Changing the group');
    return outcomeOf(
      await changeMembers(task.context, group.name, [username], 'delete'),
      (_username, each) => `${username} was not in ${each}.`,
    );
  },
});

function outcomeOf(
  changes: readonly MembershipChange[],
  unchanged: (username: string, group: string) => string,
): Outcome {
  const lines = changes.map(({ username, group, outcome }): Line => {
    switch (outcome) {
      case 'added':
        return { mark: 'done', text: `${username} is in ${group} now.` };
      case 'removed':
        return { mark: 'done', text: `${username} is not in ${group} any more.` };
      case 'unchanged':
        return { mark: 'done', text: unchanged(username, group) };
      case 'no such group':
        return { mark: 'none', text: `There is no group ${group}.` };
      case 'failed':
        return { mark: 'failed', text: `${username} and ${group}: this failed.` };
    }
  });
  return { lines, problem: problemOf(changes) };
}
