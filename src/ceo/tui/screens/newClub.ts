/** New Club. */
import { signUpClub } from '../../actions/signUp.js';
import type { Wizard } from '../wizard/wizard.js';
import { newName, newUsername } from './fields.js';
import { signUpOutcome } from './results.js';

const EMPTY = { username: '', name: '' };

export const newClub: Wizard<typeof EMPTY> = {
  title: 'New Club',
  initial: EMPTY,
  changes: true,
  steps: [
    {
      heading: 'An account for a club.',
      fields: [
        {
          name: 'username',
          label: 'Username',
          check: newUsername,
          hint: 'It is the name of the club’s group as well.',
        },
        { name: 'name', label: 'Name of the club', check: newName },
      ],
    },
  ],
  review: ({ username, name }) => ({
    rows: [
      ['Username', username.trim()],
      ['Name', name.trim()],
    ],
    notes: ['Club reps join the group of the club under Manage Club or Group Members.'],
    confirm: 'Create the account',
  }),
  async run({ username, name }, task) {
    task.begin('Making the account');
    const club = { username: username.trim(), name: name.trim() };
    return signUpOutcome(await signUpClub(task.context, club));
  },
};
