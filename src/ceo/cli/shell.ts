/** `ceo shell`. */
import { command } from './command.js';
import { jsonFlag } from './flags.js';
import { report } from './result.js';

// Loaded by the command that needs them: --help must not wait for LDAP.
const load = () => import('../actions/shells.js');

const shellList = command({
  name: 'list',
  usage: 'the shells that can be chosen',
  flags: jsonFlag,
  load,
  async action(_values, context, { listShells }) {
    const shells = await listShells(context);
    return report({ shells }, () => {
      shells.forEach((shell) => context.terminal.print(shell));
    });
  },
});

const shellSet = command({
  name: 'set',
  usage: 'change the login shell',
  arguments: {
    shell: { usage: 'one of ceo shell list', complete: 'shell' },
    username: { usage: 'whose; your own unless given', optional: true, complete: 'username' },
  },
  flags: jsonFlag,
  changes: true,
  load,
  async action({ shell, username: given }, context, { changeShell }) {
    const username = given ?? (await context.username());
    const changed = await changeShell(context, username, shell);
    const result = { username, shell, changed };
    return report(result, () => {
      context.terminal.print(
        changed
          ? `The shell of ${username} is now ${shell}.`
          : `The shell of ${username} is ${shell} already.`,
      );
    });
  },
});

export const shell = command({
  name: 'shell',
  usage: 'login shells',
  subcommands: [shellList, shellSet],
});
