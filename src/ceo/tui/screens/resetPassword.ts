/** Reset Password. */
import { resetPassword } from '../../actions/passwd.js';
import { linesOfSteps } from '../components/Lines.js';
import type { Wizard } from '../wizard/wizard.js';
import { existing, password } from './fields.js';

const EMPTY = { username: '', realname: '', password: '', again: '' };

export const passwordReset: Wizard<typeof EMPTY> = {
  title: 'Reset Password',
  initial: EMPTY,
  changes: true,
  steps: [
    { heading: 'Whose password?', fields: [existing] },
    {
      heading: 'Let them type a new one, or leave it empty: then one is generated.',
      load: {
        what: 'Looking',
        async run({ username }, context) {
          const { realname } = await context.account(username.trim());
          return { values: { realname }, notes: [`It is the account of ${realname}.`] };
        },
      },
      fields: [
        { name: 'password', label: 'New password', secret: true, optional: true, check: password },
        {
          name: 'again',
          label: 'Once more',
          secret: true,
          optional: (values) => values.password === '',
          check: (value, values) =>
            value === values.password ? undefined : 'The two passwords differ.',
        },
      ],
    },
  ],
  review: (values) => ({
    rows: [
      ['Username', values.username.trim()],
      ['Name', values.realname],
      ['New password', values.password === '' ? 'generated, and shown once' : 'as it was typed'],
    ],
    notes: ['Have you seen their student card?', 'They must change it at the next login.'],
    confirm: 'Reset the password',
  }),
  async run(values, task) {
    task.begin('Setting the password');
    const typed = values.password === '' ? undefined : values.password;
    const username = values.username.trim();
    const { steps, password: made, problem } = await resetPassword(task.context, username, typed);
    return {
      lines: linesOfSteps(steps),
      problem,
      ...(made !== undefined && {
        rows: [
          ['New password', made],
          ['', 'It is shown only now.'],
        ],
      }),
    };
  },
};
