/** New Member and New Club Rep. */
import { about, detailsOf, FIELDS, SUGGESTED } from '../../../person.js';
import { recordOf } from '../../../recordOf.js';
import { signUpPerson, type NewPerson } from '../../actions/signUp.js';
import { universityUsernames, whatUniversityKnows } from '../../actions/university.js';
import type { Row } from '../components/Rows.js';
import type { Wizard } from '../wizard/wizard.js';
import { newUsername, password, personField, terms } from './fields.js';
import { feeFor, signUpOutcome, termsFromNow } from './results.js';

const EMPTY = {
  username: '',
  ...recordOf(FIELDS, () => ''),
  terms: '1',
  password: '',
  again: '',
};

type PersonValues = typeof EMPTY;

export const newPerson = (kind: NewPerson['kind']): Wizard<PersonValues> => ({
  title: kind === 'member' ? 'New Member' : 'New Club Rep',
  initial: EMPTY,
  changes: true,
  steps: [
    {
      heading: 'Which username? The university’s, if they have one.',
      fields: [
        {
          name: 'username',
          label: 'Username',
          check: newUsername,
          complete: (typed, context) => universityUsernames(context, typed),
          hint: 'It cannot be changed later.',
        },
      ],
    },
    {
      heading: 'Who is it?',
      load: {
        what: 'Asking the university',
        async run({ username }, context) {
          const person = await whatUniversityKnows(context, username.trim());
          if (person === undefined) return {};
          const values = recordOf(SUGGESTED, (field) => person[field] ?? '');
          return { values, notes: ['As the university has it.'] };
        },
      },
      fields: FIELDS.map(personField),
    },
    {
      heading: 'For how long?',
      fields: [
        {
          ...terms,
          hint: ({ terms: count }) => `${termsFromNow(count)}: ${feeFor(kind, count) ?? 'no fee'}`,
        },
      ],
    },
    {
      heading: 'Let them type a password.',
      fields: [
        { name: 'password', label: 'Password', secret: true, check: password },
        {
          name: 'again',
          label: 'Once more',
          secret: true,
          check: (value, values) =>
            value === values.password ? undefined : 'The two passwords differ.',
        },
      ],
    },
  ],
  review: (values) => ({
    rows: [
      ['Username', values.username.trim()],
      ...FIELDS.map((field): Row => [
        about(field).label,
        values[field].trim() || about(field).without,
      ]),
      ['Terms', termsFromNow(values.terms)],
      ['Fee', feeFor(kind, values.terms) ?? 'none'],
    ],
    notes: [
      'Have you seen their student card?',
      kind === 'member' ? 'Have they paid the fee?' : 'Do they speak for a club?',
      'Have they read and signed the machine usage agreement?',
    ],
    confirm: 'Sign up',
  }),
  async run(values, task) {
    return signUpOutcome(await signUpPerson(task.context, personOf(kind, values), task));
  },
});

function personOf(kind: NewPerson['kind'], values: PersonValues): NewPerson {
  return {
    kind,
    username: values.username.trim(),
    ...detailsOf(FIELDS, (field) => values[field].trim()),
    password: values.password,
    terms: Number(values.terms),
  };
}
