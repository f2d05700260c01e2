/** `ceo mail`. */
import type { ForwardResult } from '../actions/mail.js';
import type { CommandContext } from './context.js';
import { command } from './command.js';
import { jsonFlag } from './flags.js';
import { report, type Report } from './result.js';

// Loaded by the command that needs them: --help must not wait for protobuf.
const load = () => import('../actions/mail.js');

const username = { usage: 'whose mail', complete: 'username' } as const;

const mailGet = command({
  name: 'get',
  usage: 'show where mail is forwarded to',
  arguments: { username },
  flags: jsonFlag,
  load,
  async action(values, context, { inOneLine, readForward }) {
    return told(context, await readForward(context, values.username), inOneLine);
  },
});

const mailSet = command({
  name: 'set',
  usage: 'forward mail to an address',
  arguments: { username, address: { usage: 'where to' } },
  flags: jsonFlag,
  changes: true,
  load,
  async action(values, context, { inOneLine, writeForward }) {
    const result = await writeForward(context, values.username, values.address);
    return told(context, result, inOneLine);
  },
});

const mailClear = command({
  name: 'clear',
  usage: 'stop forwarding mail',
  arguments: { username },
  flags: jsonFlag,
  changes: true,
  load,
  async action(values, context, { inOneLine, writeForward }) {
    return told(context, await writeForward(context, values.username, ''), inOneLine);
  },
});

export const mail = command({
  name: 'mail',
  usage: 'forwarding of mail',
  subcommands: [mailGet, mailSet, mailClear],
});

function told(
  { terminal }: CommandContext,
  { problem, ...result }: ForwardResult,
  inOneLine: (forward: string) => string,
): Report {
  return report(
    result,
    () => {
      if (problem !== undefined) return;
      const to = result.forward && inOneLine(result.forward);
      terminal.print(
        to === undefined
          ? `Mail of ${result.username} is not forwarded.`
          : `Mail of ${result.username} is forwarded to ${to}.`,
      );
    },
    { problem },
  );
}
