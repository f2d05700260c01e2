#!/usr/bin/env node
/**
 * The relay: one operation, from standard input to standard output.
 */
import { readSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { create, fromJsonString, toJson } from '@bufbuild/protobuf';
import { asCeoError, CeoError, exitStatus, kinds, messageOf } from '../errors.js';
import { complain } from '../complaint.js';
import { decodeBody, encodeBody } from '../protocol/body.js';
import { allOps, ops, type MethodName, type Op } from '../protocol/ops.js';
import { MalformedBody, utf8 } from '../protocol/strict.js';
import { guardOutput } from '../stdoutGuard.js';
import { didYouMean } from '../nearest.js';
import { printableJson } from '../printable.js';
import { VERSION } from '../version.js';
import { decodeReply, Relay, type RoutedOp } from './client.js';
import { describable, described, listed, template } from './describe.js';
import { lookUp } from './lookUp.js';
import { refusalOfResponse } from './outcome.js';
import { pingHost } from './ping.js';
import { loadSite, siteRoutes } from './site.js';

const HELP = `Usage: ceoc OP [--json]
       ceoc ping HOST [--json]
       ceoc list | describe OP|MESSAGE | template OP

Sends one operation to the ceod that serves it, with your Kerberos ticket: reads
the request from standard input, writes the response to standard output.

Without --json both are serialized protobuf, as declared in ceo.proto (for an op
whose body is text: that text). The request is checked against its type before
anything is sent. An op of the site's own, which ops/* alone knows, passes as it is.

ping HOST asks the ceod of that host how it is, with nothing on standard input, and
ends as plug-ins of Nagios do: 0 all is well, 1 something that ceod needs is slow
or down, 2 no answer, 3 it cannot be asked: no ticket, a wrong configuration.

list shows the operations; describe one of them, who may use it, and its
messages, or a message; template the JSON of a request, to be filled in.

Options:
  --json     both are protobuf JSON
  --version  show the version
  -h, --help show this

Operations:
${listed().replace(/^/gm, '  ')}

Exit status:
  0   a response was received; with --json: and all its statuses are 0
  2   the command line or the request is wrong; nothing was sent
  5   the host cannot be reached; nothing was done
  6   the reply was lost, or says nothing of what was done: it is not known
      whether it was done
  7   with --json: it failed, and what was done could not all be undone
  8   no Kerberos ticket, or authentication failed; nothing was done
  10  the configuration is wrong
With --json, a response that refuses ends in the status of its reason:
${refusals()}
`;

/** The exit statuses that statuses of a response come to. */
function refusals(): string {
  const told = Object.values(kinds).filter(({ statuses }) => Object.keys(statuses).length > 0);
  return told
    .map(({ exit, statuses }) => `  ${String(exit).padEnd(3)} ${Object.keys(statuses).join(', ')}`)
    .join('\n');
}

async function main(): Promise<number> {
  const line = parseCommandLine();
  if ('shown' in line) {
    process.stdout.write(line.shown);
    return 0;
  }
  if ('host' in line) return pingHost(line.host, line.json);
  const { json, name } = line;
  const op = allOps.find((each) => each.name === name);
  const sent = op ?? ownOp(name);
  // What the proto does not know passes as it is.
  const request = op === undefined ? await readInput() : await readRequest(op, json);
  if (op === undefined && json) throw usage(`${name} is an op of the site's own: it has no JSON.`);
  const { route, timeouts } = loadSite();
  const relay = new Relay(route, timeouts);
  const onSignal = () => {
    complain(
      'ceoc',
      new CeoError(
        'outcome_unknown',
        `Interrupted: ${name} was under way, and may or may not have been done.`,
        { next: lookUp(op?.method, request) },
      ),
    );
    process.exit(exitStatus.outcome_unknown);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, onSignal);
  try {
    const reply = await relay.send(sent, request);
    if (op === undefined || !json) {
      process.stdout.write(reply);
      // Whoever reads it may take what is empty for success.
      if (op !== undefined) decodeReply(op, reply, request);
      return 0;
    }
    const response = decodeReply(op, reply, request);
    const shown = toJson(op.output, create(op.output, response as never));
    process.stdout.write(`${printableJson(shown as object)}\n`);
    const refusal = refusalOfResponse(response);
    if (refusal === undefined) return 0;
    complain('ceoc', refusal);
    return exitStatus[refusal.code];
  } finally {
    relay.close();
  }
}

type CommandLine =
  { shown: string } | { json: boolean; name: string } | { json: boolean; host: string };

function parseCommandLine(): CommandLine {
  let parsed;
  try {
    parsed = parseArgs({
      options: {
        json: { type: 'boolean' },
        version: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
      allowPositionals: true,
    });
  } catch (error) {
    throw usage(messageOf(error));
  }
  const { values, positionals } = parsed;
  if (values.help === true) return { shown: HELP };
  if (values.version === true) return { shown: `${VERSION}\n` };
  const [name, ...rest] = positionals;
  if (name === undefined) throw usage('No operation was named.');
  const shown = told(name, rest);
  if (shown !== undefined) return { shown: `${shown}\n` };
  const [host, ...more] = rest;
  if (name === ops.ping.name && host !== undefined && more.length === 0)
    return { json: values.json === true, host };
  if (rest.length > 0) throw usage('Only one operation can be sent at a time.');
  return { json: values.json === true, name };
}

/** Words that tell of the proto: of what by its name; undefined: there is no such thing. */
const TELLS: Readonly<
  Record<
    string,
    { what: string; tell: (name: string) => string | undefined; names: () => string[] }
  >
> = {
  describe: { what: 'operation or message', tell: described, names: describable },
  template: { what: 'operation', tell: template, names: () => allOps.map(({ name }) => name) },
};

/** What ceoc tells of the proto; undefined: it is no word for that, or an op of the site's. */
function told(word: string, [name, ...rest]: readonly string[]): string | undefined {
  const about = TELLS[word];
  if (about === undefined && word !== 'list') return undefined;
  if (knownRoutes().some((route) => route.name === word)) return undefined;
  if (about === undefined) {
    if (name !== undefined) throw usage('ceoc list takes nothing more.');
    return listed();
  }
  if (name === undefined || rest.length > 0) throw usage(`ceoc ${word} takes one name.`);
  const text = about.tell(name);
  if (text !== undefined) return text;
  throw usage(`There is no ${about.what} "${name}".${didYouMean(name, about.names())}`);
}

/** An op that the proto does not know, but a routing file. */
function ownOp(name: string): RoutedOp {
  const routes = knownRoutes();
  const route = routes.find((each) => each.name === name);
  const names = [...allOps, ...routes].map((each) => each.name);
  if (route === undefined)
    throw usage(`There is no operation "${name}".${didYouMean(name, names)}`);
  return { id: route.id, name };
}

/** Without a configuration nothing else is known either: the name is what is wrong. */
function knownRoutes() {
  try {
    return siteRoutes();
  } catch (error) {
    if (error instanceof CeoError && error.code === 'config') return [];
    throw error;
  }
}

function usage(message: string): CeoError {
  return new CeoError('usage', message, {
    next: `The operations are ${allOps.map((op) => op.name).join(', ')}; see ceoc --help.`,
  });
}

/** On standard input, in bytes: JSON may take more than the frame that is made of it. */
const MAX_REQUEST = 1 << 20;

/** By read(2): a stream takes 2 ms to set up. */
async function readInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  const add = (chunk: Buffer) => {
    chunks.push(chunk);
    total += chunk.length;
    if (total <= MAX_REQUEST) return;
    throw new CeoError('usage', `The request has more than ${MAX_REQUEST >> 20} MB.`, {
      next: 'Give one request on standard input.',
    });
  };
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(16_384);
      const length = readSync(0, chunk);
      if (length === 0) return Buffer.concat(chunks);
      add(chunk.subarray(0, length));
    }
  } catch (error) {
    if (error instanceof CeoError) throw error;
    // Somebody who shares it has made it non-blocking: a stream can wait.
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') {
      throw new CeoError('usage', `The request cannot be read: ${messageOf(error)}.`, {
        next: 'Give it on standard input.',
      });
    }
  }
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) add(chunk);
  return Buffer.concat(chunks);
}

/** The bytes to send: what was given, once it is known to conform. */
async function readRequest<M extends MethodName>(op: Op<M>, json: boolean): Promise<Uint8Array> {
  const input = await readInput();
  try {
    if (json) {
      const message = fromJsonString(op.input, textOf(input));
      const bytes = encodeBody(op.input, op.encoding, message);
      decodeBody(op.input, op.encoding, bytes);
      return bytes;
    }
    decodeBody(op.input, op.encoding, input);
    return input;
  } catch (error) {
    const why = error instanceof MalformedBody ? error.message : jsonProblem(error);
    throw new CeoError('usage', `The request is no ${op.input.typeName}: ${why}.`, {
      next: json
        ? 'Give protobuf JSON on standard input, for example {"username": "alice"}.'
        : `Give a serialized ${op.input.typeName} on standard input, or use --json.`,
    });
  }
}

/** Replacing what is no UTF-8 would make another password of it. */
function textOf(input: Uint8Array): string {
  const text = utf8(input);
  if (text === undefined) throw new MalformedBody(undefined, 'it is no UTF-8, or contains NUL');
  if (!text.startsWith('\ufeff')) return text;
  throw new MalformedBody(undefined, 'it begins with a byte-order mark');
}

/** The library's text may quote the input, which may hold a password: only the field is told. */
function jsonProblem(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const unknown = /: key "([\w.]+)" is unknown/.exec(message)?.[1];
  if (unknown !== undefined) return `there is no field "${unknown}"`;
  const field = /^cannot (?:decode|encode) field ([\w.]+)/.exec(message)?.[1];
  return field === undefined ? 'it is no JSON object' : `${field} is missing or of a wrong type`;
}

guardOutput('ceoc');
// Should it wait for what never comes, Node ends the process.
process.exitCode = exitStatus.outcome_unknown;
main().then(
  (status) => (process.exitCode = status),
  (error: unknown) => {
    complain('ceoc', error);
    process.exitCode = exitStatus[asCeoError(error).code];
  },
);
