/** `ceo mail`. */
import type { ForwardResult } from '../actions/mail.js';
import type { CommandContext } from './context.js';
import { command } from './command.js';
import { jsonFlag } from './flags.js';
import { printResult } from './result.js';

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
    return print(context, values.json, await readForward(context, values.username));
  },
});

const mailSet = command({
  name: 'set',
  usage: 'forward mail to an address',
  arguments: { username, address: { usage: 'where to' } },
  flags: jsonFlag,
  async action(values, context) {
    const { writeForward } = await mailActions();
    const result = await writeForward(context, values.username, values.address);
    return print(context, values.json, result);
  },
});

const mailClear = command({
  name: 'clear',
  usage: 'stop forwarding mail',
  arguments: { username },
  flags: jsonFlag,
  async action(values, context) {
    const { writeForward } = await mailActions();
    return print(context, values.json, await writeForward(context, values.username, ''));
  },
});

export const mail = command({
  name: 'mail',
  usage: 'forwarding of mail',
  subcommands: [mailGet, mailSet, mailClear],
});

async function print(
  { terminal }: CommandContext,
  json: boolean,
  { problem, ...result }: ForwardResult,
): Promise<number> {
  const { inOneLine } = await mailActions();
  return printResult(terminal, json, result, problem, undefined, () => {
    if (problem !== undefined) return;
    const to = result.forward && inOneLine(result.forward);
    terminal.print(
      to === undefined
        ? `Mail of ${result.username} is not forwarded.`
        : `Mail of ${result.username} is forwarded to ${to}.`,
    );
  });
}
