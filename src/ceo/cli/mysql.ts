/** `ceo mysql`. */
import { CeoError } from '../../errors.js';
import { shellWord } from '../../shellWord.js';
import type { Terminal } from '../terminal.js';
import { command } from './command.js';
import { jsonFlag } from './flags.js';
import { printSteps, report } from './result.js';

const mysqlCreate = command({
  name: 'create',
  usage: 'create a database with its user, or else give that user a new password',
  arguments: {
    username: { usage: 'the member or club whose database it is', complete: 'username' },
  },
  flags: {
    reset: {
      type: 'boolean',
      usage: 'if there is one: a new password for its user, without a question',
    },
    ...jsonFlag,
  },
  examples: [{ command: 'ceo mysql create chessclub', usage: 'for a club that you are in' }],
  changes: true,
  load: () => import('../actions/mysql.js'),
  async action({ username, reset }, context, { createDatabase }) {
    const { terminal } = context;
    let { problem, ...result } = await createDatabase(context, username, reset);
    if (problem?.code === 'exists') {
      if (!terminal.interactive) {
        problem = new CeoError('exists', problem.message, {
          next: `For a new password: ceo mysql create ${shellWord(username)} --reset`,
        });
      } else if (await isReset(terminal, username)) {
        ({ problem, ...result } = await createDatabase(context, username, true));
      }
    }
    return report(
      result,
      () => {
        printSteps(terminal, result.steps, problem);
        if (result.password === undefined) return;
        terminal.print(`Database and user: ${username}`);
        terminal.print(`Password:          ${result.password}`);
        terminal.print(
          result.infoFile === undefined
            ? 'It is shown only now: write it down.'
            : `It is also in ${result.infoFile}.`,
        );
      },
      { problem },
    );
  },
});

/** Asks whether the password of one that exists is to be another. */
async function isReset(terminal: Terminal, username: string): Promise<boolean> {
  terminal.note(
    `${username} has a database already. With a new password the old one stops working.`,
  );
  const answer = await terminal.ask('Set a new password? (yes or no)');
  return answer.trim().toLowerCase() === 'yes';
}

export const mysql = command({
  name: 'mysql',
  usage: 'databases of members and clubs',
  subcommands: [mysqlCreate],
});
