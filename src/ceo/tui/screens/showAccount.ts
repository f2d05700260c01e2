/** Display Member. */
import { describeAccount } from '../../describe.js';
import type { Wizard } from '../wizard/wizard.js';
import { existing } from './fields.js';

const EMPTY = { username: '' };

export const displayMember: Wizard<typeof EMPTY> = {
  title: 'Display Member',
  initial: EMPTY,
  changes: false,
  steps: [{ heading: 'Whose account?', fields: [existing] }],
  async run({ username }, task) {
    task.begin('Looking');
    return { rows: describeAccount(await task.context.account(username.trim())), lines: [] };
  },
};
