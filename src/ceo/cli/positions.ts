/** `ceo positions`. */
import { POSITIONS } from '../positions.js';
import { CeoError } from '../../errors.js';
import { command } from './command.js';
import { jsonFlag } from './flags.js';
import { report } from './result.js';
import { printTable } from './table.js';

// Loaded by the command that needs them: --help must not wait for LDAP.
const load = () => import('../actions/positions.js');

const positionsList = command({
  name: 'list',
  usage: 'who holds which position',
  flags: jsonFlag,
  load,
  async action(_values, context, { listPositions }) {
    const holders = await listPositions(context);
    const shape = { positions: Object.fromEntries(holders) };
    return report(shape, () => {
      const rows = [...holders].map(([name, usernames]) => [
        name,
        POSITIONS[name] ?? '',
        usernames.join(', '),
      ]);
      printTable(context.terminal, ['Position', 'Title', 'Held by'], rows);
    });
  },
});

const positionsSet = command({
  name: 'set',
  usage: 'make these people, and nobody else, the holders of a position',
  arguments: {
    position: { usage: 'such as treasurer', complete: 'position' },
    usernames: {
      usage: 'who; with --nobody, nobody',
      optional: true,
      variadic: true,
      complete: 'username',
    },
  },
  flags: {
    nobody: { type: 'boolean', usage: 'leave the position empty' },
    ...jsonFlag,
  },
  changes: true,
  load,
  async action({ position, usernames, nobody }, context, { setPosition }) {
    const isEmpty = usernames.length === 0;
    if (nobody ? !isEmpty : isEmpty) {
      throw new CeoError('usage', 'Who is to hold the position?', {
        next: `Give usernames, or else --nobody: ceo positions set ${position} --nobody`,
      });
    }
    const changes = await setPosition(context, position, usernames);
    return report({ position, changes }, () => {
      for (const { username, outcome } of changes) {
        context.terminal.print(`  ✓ ${username}: ${position} ${outcome}`);
      }
      if (changes.length === 0) context.terminal.print(`Nobody is ${position}, as before.`);
    });
  },
});

export const positions = command({
  name: 'positions',
  usage: 'positions of the club and who holds them',
  subcommands: [positionsList, positionsSet],
});
