/** Manage Positions. */
import { useCallback, type ReactElement } from 'react';
import { listPositions, setPosition } from '../../actions/positions.js';
import { POSITIONS } from '../../positions.js';
import { done } from '../components/Lines.js';
import { ListPage } from '../components/ListPage.js';
import { useStage } from '../stage.js';
import type { Wizard } from '../wizard/wizard.js';
import { WizardScreen } from '../wizard/WizardScreen.js';
import { accountNames, accountsProblem, wordsOf } from './fields.js';

interface Held {
  readonly position: string;
  readonly holders: readonly string[];
}

export function Positions(): ReactElement {
  const { context, open } = useStage();
  const load = useCallback(async () => {
    const held = await listPositions(context);
    return [...held].map(([position, holders]) => ({
      value: { position, holders },
      cells: [nameOf(position), holders.join(', ') || 'nobody'],
    }));
  }, [context]);
  return (
    <ListPage
      heading="Manage Positions"
      columns={['Position', 'Held by']}
      load={load}
      empty="There are no positions."
      enter={['change', (held) => open(<WizardScreen wizard={holdersOf(held)} />)]}
    />
  );
}

interface HolderValues extends Record<string, string> {
  readonly usernames: string;
}

const holdersOf = ({ position, holders }: Held): Wizard<HolderValues> => ({
  title: nameOf(position),
  initial: { usernames: holders.join(' ') },
  changes: true,
  steps: [
    {
      heading: 'Who holds it from now on? Several usernames may stand side by side.',
      fields: [
        {
          name: 'usernames',
          label: 'Held by',
          words: true,
          optional: true,
          hint: 'Empty: nobody.',
          complete: accountNames,
          check: accountsProblem,
        },
      ],
    },
  ],
  review: (values) => ({
    rows: [
      ['Position', nameOf(position)],
      ['Now', holders.join(', ') || 'nobody'],
      ['From now on', wordsOf(values.usernames).join(', ') || 'nobody'],
    ],
    confirm: 'Change it',
  }),
  async run(values, task) {
    task.begin('Changing the position');
    const changes = await setPosition(task.context, position, wordsOf(values.usernames));
    return {
      lines:
        changes.length === 0
          ? [done('Nobody holds it, as before.')]
          : changes.map(({ username, outcome }) => done(`${username}: ${OUTCOME[outcome]}`)),
    };
  },
});

const OUTCOME = { given: 'holds it now', taken: 'holds it no more', kept: 'holds it as before' };

const nameOf = (position: string): string => POSITIONS[position] ?? position;
