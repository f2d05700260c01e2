/** Change Shell. */
import { changeShell, listShells } from '../../actions/shells.js';
import { done } from '../components/Lines.js';
import type { Wizard } from '../wizard/wizard.js';
import { existing } from './fields.js';

interface ShellValues extends Record<string, string> {
  readonly username: string;
  readonly shell: string;
}

/** @param username whose shell is suggested to be changed */
export const shellChange = (username: string): Wizard<ShellValues> => ({
  title: 'Change Shell',
  initial: { username, shell: '' },
  changes: true,
  steps: [
    { heading: 'Whose login shell?', fields: [existing] },
    {
      heading: 'Which one?',
      choose: 'shell',
      async options(values, context) {
        const account = await context.account(values.username.trim());
        const shells = await listShells(context);
        return shells.map((shell) => ({ value: shell, isCurrent: shell === account.shell }));
      },
    },
  ],
  review: ({ username: whose, shell }) => ({
    rows: [
      ['Username', whose.trim()],
      ['Login shell', shell],
    ],
    confirm: 'Change the shell',
  }),
  async run({ username: whose, shell }, task) {
    task.begin('Changing the shell');
    const changed = await changeShell(task.context, whose.trim(), shell);
    const now = changed ? 'now' : 'already';
    return { lines: [done(`The login shell of ${whose.trim()} is ${shell} ${now}.`)] };
  },
});
