/** Create MySQL Database. */
import { createDatabase } from '../../actions/mysql.js';
import { linesOfSteps } from '../components/Lines.js';
import type { Wizard } from '../wizard/wizard.js';
import { existing } from './fields.js';

interface DatabaseValues extends Record<string, string> {
  readonly username: string;
  readonly reset: string;
}

const isYes = (text: string) => text.trim().toLowerCase() === 'yes';

/** @param username whose database is suggested */
export const mysqlDatabase = (username: string): Wizard<DatabaseValues> => ({
  title: 'Create MySQL Database',
  initial: { username, reset: 'no' },
  changes: true,
  steps: [
    {
      heading: 'For which member or club?',
      fields: [
        existing,
        {
          name: 'reset',
          label: 'Password lost',
          hint: 'yes: if there is a database, its user gets a new password.',
          check: (text) => (/^\s*(?:yes|no)\s*$/i.test(text) ? undefined : 'yes or no?'),
        },
      ],
    },
  ],
  review: ({ username, reset }) => ({
    rows: [['Username', username.trim()]],
    notes: [
      isYes(reset)
        ? 'A database that is there is kept; its old password stops working.'
        : 'A database that is there is left alone, with its password.',
    ],
    confirm: isYes(reset) ? 'Set a new password' : 'Create the database',
  }),
  async run(values, task) {
    task.begin('Creating the database');
    const result = await createDatabase(task.context, values.username.trim(), isYes(values.reset));
    const { steps, problem, password, infoFile } = result;
    return {
      lines: linesOfSteps(steps),
      problem,
      ...(password !== undefined && {
        rows: [
          ['Password', password],
          ['', infoFile === undefined ? 'It is shown only now.' : `It is in ${infoFile} as well.`],
        ],
      }),
    };
  },
});
