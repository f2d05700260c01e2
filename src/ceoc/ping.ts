/** How the ceod of a host is, in a line and an exit status as plug-ins of Nagios have them. */
import { create, toJson } from '@bufbuild/protobuf';
import { asCeoError, CeoError, type ErrorCode } from '../errors.js';
import { Ceod, PingResponse_Health as Health } from '../generated/ceo/ceo_pb.js';
import { printable, printableJson } from '../printable.js';
import { ops, type Response } from '../protocol/ops.js';
import { createClient } from './client.js';
import { refusalOfResponse } from './outcome.js';
import { hostOfSite, loadSite } from './site.js';

const STATUS = { OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3 } as const;
type State = keyof typeof STATUS;

/** Less than a monitor waits: a ceod takes two seconds for its answer, and somewhat more while it is busy. */
const CONNECT_MS = 10_000;
const REPLY_MS = 6_000;

/** It is not ceod that is found wanting. */
const UNASKED: readonly ErrorCode[] = ['unauthenticated', 'config', 'usage'];

/** Prints what the ceod of a host says. @returns the exit status */
export async function pingHost(name: string, json: boolean): Promise<number> {
  try {
    const response = await ask(name);
    const { state, text } = told(response);
    const shown = json
      ? printableJson(toJson(ops.ping.output, create(ops.ping.output, response)) as object)
      : printable(`CEOD ${state} - ${text}`);
    process.stdout.write(`${shown}\n`);
    return STATUS[state];
  } catch (error) {
    const { code, message, next } = asCeoError(error);
    const state = UNASKED.includes(code) ? 'UNKNOWN' : code === 'busy' ? 'WARNING' : 'CRITICAL';
    const advice = next === undefined ? '' : ` ${next}`;
    process.stdout.write(`CEOD ${state} - ${printable(`${message}${advice}`)}\n`);
    return STATUS[state];
  }
}

async function ask(name: string): Promise<Response<'ping'>> {
  const { timeouts, port } = loadSite();
  const { name: host, address } = await hostOfSite(name);
  const client = createClient(Ceod, () => Promise.resolve({ host, address, port }), {
    connectMs: Math.min(timeouts.connectMs, CONNECT_MS),
    replyMs: Math.min(timeouts.replyMs, REPLY_MS),
  });
  try {
    const response = await client.ping({});
    const refusal = refusalOfResponse(response);
    if (refusal !== undefined) throw refusal;
    return response;
  } catch (error) {
    // What a lost reply leaves open is nothing here.
    if (!(error instanceof CeoError) || error.code !== 'outcome_unknown') throw error;
    throw new CeoError('unreachable', `ceod on ${host} did not answer the ping.`, { cause: error });
  } finally {
    client.close();
  }
}

function told({ messages, parts, ops: served }: Response<'ping'>): { state: State; text: string } {
  const isWell = parts.every(({ health }) => health === Health.OK);
  const [first] = messages;
  const health = parts.map((part) => `${part.name} ${Health[part.health].toLowerCase()}`);
  return {
    state: isWell ? 'OK' : 'WARNING',
    text: `${[first?.message ?? 'ceod', ...health].join(', ')}; serves ${served.join(', ')}`,
  };
}
