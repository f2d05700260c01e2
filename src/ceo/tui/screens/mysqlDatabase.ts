/** Create MySQL Database. */
import { createDatabase } from '../../actions/mysql.js';
import { linesOfSteps } from '../components/Lines.js';
import type { Wizard } from '../wizard/wizard.js';
import { existing } from './fields.js';

interface DatabaseValues extends Record<string, string> {
  readonly username: string;
}

/** @param username whose database is suggested */
export const mysqlDatabase = (username: string): Wizard<DatabaseValues> => ({
  title: 'Create MySQL Database',
  initial: { username },
  changes: true,
  steps: [{ heading: 'For which member or club?', fields: [existing] }],
  review: (values) => ({
    rows: [['Username', values.username.trim()]],
    notes: ['Whoever has a database keeps it, with a new password.'],
    confirm: 'Create the database',
  }),
  async run(values, task) {
    task.begin('Creating the database');
    const result = await createDatabase(task.context, values.username.trim());
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
