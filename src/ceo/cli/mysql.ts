/** `ceo mysql`. */
import { createDatabase } from '../actions/mysql.js';
import { command } from './command.js';
import { jsonFlag } from './flags.js';
import { printSteps, report } from './result.js';

const mysqlCreate = command({
  name: 'create',
  usage: 'create a database with its user, or give that user a new password',
  arguments: {
    username: { usage: 'the member or club whose database it is', complete: 'username' },
  },
  flags: jsonFlag,
  examples: [{ command: 'ceo mysql create chessclub', usage: 'for a club that you are in' }],
  changes: true,
  async action({ username }, context) {
    const { terminal } = context;
    const { problem, ...result } = await createDatabase(context, username);
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

export const mysql = command({
  name: 'mysql',
  usage: 'databases of members and clubs',
  subcommands: [mysqlCreate],
});
