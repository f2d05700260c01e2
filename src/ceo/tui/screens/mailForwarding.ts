/** Mail Forwarding. */
import { inOneLine, readForward, writeForward } from '../../actions/mail.js';
import { done, linesOfSteps } from '../components/Lines.js';
import type { Wizard } from '../wizard/wizard.js';
import { email, existing } from './fields.js';

interface MailValues extends Record<string, string> {
  readonly username: string;
  readonly email: string;
  /** As it is. */
  readonly current: string;
}

/** @param username whose mail is suggested */
export const mailForwarding = (username: string): Wizard<MailValues> => ({
  title: 'Mail Forwarding',
  initial: { username, email: '', current: '' },
  changes: true,
  steps: [
    {
      heading: 'Whose mail?',
      fields: [
        {
          ...existing,
          async check(whose, values, context) {
            const problem = await existing.check(whose, values, context);
            if (problem !== undefined) return problem;
            const { problem: refused } = await readForward(context, whose.trim());
            return refused?.code === 'denied' ? refused.message : undefined;
          },
        },
      ],
    },
    {
      heading: 'Where should it go?',
      load: {
        what: 'Asking where it goes now',
        async run(values, context) {
          const { forward = '', problem } = await readForward(context, values.username.trim());
          if (problem !== undefined) {
            return { values: { email: '', current: 'not known' }, notes: [problem.message] };
          }
          const current = inOneLine(forward);
          const now = current === '' ? 'It is not forwarded now.' : `It goes to ${current} now.`;
          return { values: { email: current, current }, notes: [now] };
        },
      },
      fields: [
        {
          name: 'email',
          label: 'Forward to',
          optional: true,
          hint: 'An address; empty: their mail stays here.',
          check: (value, values, context) =>
            value.trim() === values.current
              ? 'That is where it goes now.'
              : email(value, values, context),
        },
      ],
    },
  ],
  review: (values) => ({
    rows: [
      ['Username', values.username.trim()],
      ['Now', values.current || 'not forwarded'],
      ['From now on', values.email.trim() || 'not forwarded'],
    ],
    confirm: 'Change it',
  }),
  async run(values, task) {
    task.begin('Changing the forward address');
    const whose = values.username.trim();
    const result = await writeForward(task.context, whose, values.email.trim());
    if (result.problem !== undefined) {
      return { lines: linesOfSteps(result.steps), problem: result.problem };
    }
    const { forward } = result;
    return {
      lines: [
        done(
          forward === undefined
            ? `Mail of ${whose} is not forwarded.`
            : `Mail of ${whose} is forwarded to ${forward}.`,
        ),
      ],
    };
  },
});
