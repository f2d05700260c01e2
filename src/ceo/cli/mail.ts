/** `ceo mail`. */
import type { ForwardResult } from '../actions/mail.js';
import type { CommandContext } from './context.js';
import { command } from './command.js';
import { jsonFlag } from './flags.js';
import { report, type Report } from './result.js';

// Loaded by the command that needs them: --help must not wait for protobuf.
const mailActions = () => import('../actions/mail.js');

const username = { usage: 'whose mail', complete: 'username' } as const;

const mailGet = command({
  name: 'get',
  usage: 'show where mail is forwarded to',
  arguments: { username },
  flags: jsonFlag,
  async action(values, context) {
    const { readForward } = await mailActions();
    return told(context, await readForward(context, values.username));
  },
});

const mailSet = command({
  name: 'set',
  usage: 'forward mail to an address',
  arguments: { username, address: { usage: 'where to' } },
  flags: jsonFlag,
  changes: true,
  async action(values, context) {
    const { writeForward } = await mailActions();
    const result = await writeForward(context, values.username, values.address);
    return told(context, result);
  },
});

const mailClear = command({
  name: 'clear',
  usage: 'stop forwarding mail',
  arguments: { username },
  flags: jsonFlag,
  changes: true,
  async action(values, context) {
    const { writeForward } = await mailActions();
    return told(context, await writeForward(context, values.username, ''));
  },
});

export const mail = command({
  name: 'mail',
  usage: 'forwarding of mail',
  subcommands: [mailGet, mailSet, mailClear],
});

async function told(
  { terminal }: CommandContext,
  { problem, ...result }: ForwardResult,
): Promise<Report> {
  const { inOneLine } = await mailActions();
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
