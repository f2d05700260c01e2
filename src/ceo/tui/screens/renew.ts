/** Renew Membership and Renew Club Rep. */
import { firstUnregistered, formatTerm } from '../../../directory/terms.js';
import type { Registration } from '../../../directory/terms.js';
import { inOneLine, readForward, writeForward } from '../../actions/mail.js';
import { beginPart } from '../../actions/progress.js';
import { alreadyRegistered, register, termsFrom } from '../../actions/renew.js';
import { attempt, partlyFailed } from '../../actions/signUp.js';
import { done } from '../components/Lines.js';
import type { Task, Outcome, Wizard } from '../wizard/wizard.js';
import { email, existing, terms } from './fields.js';
import { feeFor } from './results.js';

/** `current` is the forward address as it is. */
const EMPTY = { username: '', realname: '', first: '', terms: '1', email: '', current: '' };

type RenewValues = typeof EMPTY;

export const renewal = (registration: Registration): Wizard<RenewValues> => ({
  title: registration === 'member' ? 'Renew Membership' : 'Renew Club Rep',
  initial: EMPTY,
  changes: true,
  steps: [
    { heading: 'Whose registration?', fields: [existing] },
    {
      heading: 'For which terms?',
      load: {
        what: 'Looking at the terms',
        async run({ username }, context) {
          const account = await context.account(username.trim());
          const last = (terms: readonly string[]) => terms.slice(-6).join(', ');
          return {
            values: {
              realname: account.realname,
              first: formatTerm(firstUnregistered(account, registration)),
            },
            notes: [
              `${account.realname} has paid for ${last(account.terms) || 'no term yet'}.`,
              ...(account.nonMemberTerms.length === 0
                ? []
                : [`As a club rep: ${last(account.nonMemberTerms)}.`]),
            ],
          };
        },
      },
      fields: [
        {
          name: 'first',
          label: 'First term',
          hint: 'w, s or f for winter, spring or fall, and the year.',
          async check(first, { username, terms: count }, context) {
            const wanted = termsFrom(first.trim(), Number(count) || 1);
            if (wanted === undefined) return 'Terms are w, s or f, and the year: f2026.';
            const account = await context.account(username.trim());
            const taken = alreadyRegistered(account, registration, wanted);
            return taken.length === 0 ? undefined : `Registered already: ${taken.join(', ')}.`;
          },
        },
        {
          ...terms,
          hint: (values) =>
            `${wantedTerms(values).join(', ')}: ${feeFor(registration, values.terms) ?? 'no fee'}`,
        },
      ],
    },
    {
      heading: 'Is their forward address still right?',
      load: {
        what: 'Reading the forward address',
        async run({ username }, context) {
          const { forward = '', problem } = await readForward(context, username.trim());
          if (problem !== undefined) {
            return { notes: [problem.message, 'It stays as it is unless you type one.'] };
          }
          const current = inOneLine(forward);
          return { values: { email: current, current } };
        },
      },
      fields: [
        {
          name: 'email',
          label: 'Forward mail to',
          optional: true,
          hint: 'An address; without one their mail stays here.',
          check: (value, values, context) =>
            value === values.current ? undefined : email(value, values, context),
        },
      ],
    },
  ],
  review: (values) => ({
    rows: [
      ['Username', values.username.trim()],
      ['Name', values.realname],
      ['Terms', wantedTerms(values).join(', ')],
      ['Fee', feeFor(registration, values.terms) ?? 'none'],
      ['Forward mail to', forwardText(values)],
    ],
    notes: registration === 'member' ? ['Have they paid the fee?'] : [],
    confirm: 'Renew',
  }),
  run: (values, task) => run(registration, values, task),
});

async function run(registration: Registration, values: RenewValues, task: Task): Promise<Outcome> {
  const username = values.username.trim();
  task.begin('Registering the terms');
  const registered = await register(task.context, username, registration, {
    terms: wantedTerms(values),
  });
  const lines = [done(`${username} is registered for ${registered.join(', ')}.`)];
  if (!isChanged(values)) return { lines };
  const address = values.email.trim();
  const { value, failure } = await attempt(
    async () => {
      beginPart(task, 'Changing the forward address');
      const { problem } = await writeForward(task.context, username, address);
      if (problem !== undefined) throw problem;
      return address;
    },
    'the forward address is as it was',
    address === '' ? `ceo mail clear ${username}` : `ceo mail set ${username} ${address}`,
  );
  if (failure !== undefined) {
    return {
      lines,
      problem: partlyFailed('The terms are registered', [failure]),
      finish: failure.command,
    };
  }
  return {
    lines: [...lines, done(value === '' ? 'Mail stays here.' : `Mail goes to ${address}.`)],
  };
}

const wantedTerms = ({ first, terms: count }: RenewValues): string[] =>
  termsFrom(first.trim(), Number(count) || 0) ?? [];

function forwardText(values: RenewValues): string {
  if (isChanged(values)) return values.email.trim() || 'nowhere';
  // Nothing is said of an address that could not be read.
  return values.current === '' ? 'as it is' : `${values.current} (as it is)`;
}

const isChanged = ({ email: address, current }: RenewValues) => address.trim() !== current;
