/**
 * `npm run conformance`: holds a server, or a client, against docs/protocol.md, and tells of every rule
 * there whether it is kept.
 */
import { constants } from 'node:os';
import path from 'node:path';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { messageOf } from '../src/errors.js';
import { printable } from '../src/printable.js';
import { allOps, type Op } from '../src/protocol/ops.js';
import { verdictOn, type Case } from './case.js';
import { clientCases } from './client.js';
import { Host } from './host.js';
import { serverCases } from './server.js';
import { patience } from './socket.js';

const NAME = 'npm run conformance --';
/** npm runs a script in the checkout, wherever it was called. */
const absolute = (file: string) => path.resolve(process.env['INIT_CWD'] ?? '.', file);

const options = await yargs(hideBin(process.argv))
  .scriptName(NAME)
  .usage(
    `${NAME} --server HOST:PORT [OPTION…]
${NAME} --client COMMAND --keytab FILE --host NAME --port N [OPTION…]

Holds a server, or a client, against docs/protocol.md, and tells of every rule
there that binds it whether it is kept. Exit status: 0 if none is broken, 1 if
one is, 2 if that cannot be found out.

A server is asked as whoever has the ticket (KRB5CCNAME), for what no server
executes: nothing is changed on its site.

A client is COMMAND, run by a shell with the name of an op behind it: it reads
the serialized request from standard input, and writes the response to standard
output. It needs a ticket, and must come to this tool for mail and mailman.`,
  )
  .option('server', { type: 'string', describe: 'HOST:PORT, the server to try: ceod/HOST' })
  .option('client', { type: 'string', describe: 'the command to try' })
  .option('address', {
    type: 'string',
    describe: 'where the server is, if not where its name says; where to wait for the client',
  })
  .option('op', {
    type: 'string',
    array: true,
    requiresArg: true,
    choices: allOps.map(({ name }) => name),
    default: ['mail', 'adduser'],
    describe: 'what the server serves',
  })
  .option('stranger', {
    type: 'string',
    describe: 'a credential cache of a principal that is no user, a service say',
  })
  .option('keytab', { type: 'string', describe: 'with the key of ceod/NAME' })
  .option('host', { type: 'string', describe: 'what the client takes this tool for' })
  .option('port', { type: 'number', describe: 'where to wait for the client' })
  .option('json', {
    type: 'boolean',
    default: false,
    describe: 'COMMAND OP --json reads and writes JSON, and fails if the statuses are not all 0',
  })
  .option('rule', {
    type: 'string',
    array: true,
    requiresArg: true,
    choices: [...new Set([...serverCases, ...clientCases].map(({ number }) => number))],
    describe: 'only these, by their numbers',
  })
  .option('patience', {
    type: 'number',
    default: patience.seconds,
    describe: 'how many seconds a peer is waited for that neither answers nor closes',
  })
  .conflicts('server', ['client', 'keytab', 'host', 'port'])
  .implies('client', ['keytab', 'host', 'port'])
  .check(({ server, client }) => {
    if (server === undefined && client === undefined) throw new Error('Give --server or --client.');
    if (server !== undefined && !/^[^:]+:\d+$/.test(server)) throw new Error('--server HOST:PORT');
    return true;
  })
  .strict()
  .fail((message, error) => {
    process.stderr.write(`${message || messageOf(error)}\nSee ${NAME} --help.\n`);
    process.exit(2);
  })
  .version(false)
  .parseAsync();

/** @returns whether none is broken */
async function report<Side extends 'server' | 'client', Peer>(
  cases: readonly Case<Side, Peer>[],
  peer: Peer,
): Promise<boolean> {
  let conforms = true;
  for (const each of cases) {
    if (options.rule?.includes(each.number) === false) continue;
    const { outcome, why } = await verdictOn(each, peer);
    conforms &&= outcome !== 'broken';
    console.log(`${each.number.padEnd(4)}${outcome.padEnd(11)}${each.sentence}`);
    if (why !== undefined) console.log(`${' '.repeat(15)}${printable(why)}`);
  }
  return conforms;
}

function tryServer(): Promise<boolean> {
  const [host = '', port = ''] = options.server?.split(':') ?? [];
  return report(serverCases, {
    host,
    address: options.address ?? host,
    port: Number(port),
    ops: options.op.map((name) => allOps.find((op) => op.name === name)) as [Op, ...Op[]],
    stranger: options.stranger,
  });
}

async function tryClient(): Promise<boolean> {
  const env = { ...process.env };
  process.env['KRB5_KTNAME'] = `FILE:${absolute(options.keytab ?? '')}`;
  // What comes here comes from one command: nothing is kept of it.
  process.env['KRB5RCACHENAME'] = 'none:';
  const host = await Host.open({
    command: options.client ?? '',
    json: options.json,
    host: options.host ?? '',
    address: options.address ?? '127.0.0.1',
    port: options.port ?? 0,
    env,
  });
  try {
    return await report(clientCases, host);
  } finally {
    host.close();
  }
}

patience.seconds = options.patience;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}
try {
  const conforms = await (options.server === undefined ? tryClient() : tryServer());
  process.exitCode = conforms ? 0 : 1;
} catch (error) {
  process.stderr.write(`conformance: ${printable(messageOf(error))}\n`);
  process.exitCode = 2;
}
