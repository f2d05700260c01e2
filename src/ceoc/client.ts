/**
 * The typed client: one method for each rpc of `service Ceod`, sent to the host
 * that the routing files name for it.
 */
import { CeoError } from '../errors.js';
import type { Ceod } from '../generated/ceo/ceo_pb.js';
import { decodeBody, encodeBody } from '../protocol/body.js';
import { ops, type MethodName, type Op, type RequestInit, type Response } from '../protocol/ops.js';
import { Connection, type Target, type Timeouts } from './connection.js';
import { linesOf } from '../protocol/status.js';
import { lookUp } from './lookUp.js';
import { MalformedBody } from '../protocol/strict.js';

/** What is sent where: an op of the proto, or one of the site's own. */
export interface RoutedOp {
  /** The msgtype of its frames. */
  readonly id: number;
  readonly name: string;
  /** Undefined: the proto does not know it. */
  readonly method?: MethodName;
}

/** Finds the host of an op. @throws CeoError config if no routing file names one */
export type Router = (op: RoutedOp) => Promise<Target>;

export type CeodClient = {
  readonly [M in MethodName]: (request: RequestInit<M>) => Promise<Response<M>>;
} & {
  /** Closes the connections that are open. */
  close(): void;
};

/**
 * A client whose methods are the service's. Calls to one host share a
 * connection and are sent one after the other; calls to different hosts run side
 * by side.
 */
export function createClient(_service: typeof Ceod, route: Router, timeouts: Timeouts): CeodClient {
  const relay = new Relay(route, timeouts);
  const method =
    <M extends MethodName>(name: M) =>
    async (request: RequestInit<M>): Promise<Response<M>> => {
      const op = ops[name];
      const body = encodeBody<Op<M>['input']>(op.input, op.encoding, request);
      return decodeReply(op, await relay.send(op, body), body);
    };
  const methods = Object.fromEntries(
    (Object.keys(ops) as MethodName[]).map((name) => [name, method(name)]),
  );
  return { ...methods, close: () => relay.close() } as CeodClient;
}

/**
 * @throws CeoError outcome_unknown if the reply does not conform to its type, or has none of the
 *   statuses that would say whether it was done
 */
export function decodeReply<M extends MethodName>(
  op: Op<M>,
  reply: Uint8Array,
  request: Uint8Array,
): Response<M> {
  const next = lookUp(op.method, request);
  let response;
  try {
    response = decodeBody<Op<M>['output']>(op.output, op.encoding, reply);
  } catch (error) {
    if (!(error instanceof MalformedBody)) throw error;
    const message = `The reply to ${op.name} cannot be read: ${error.message}.`;
    throw new CeoError('outcome_unknown', message, { next, cause: error });
  }
  if ('messages' in response && linesOf(response).length === 0) {
    const message = `ceod answered ${op.name} without a status: it may or may not have been done.`;
    throw new CeoError('outcome_unknown', message, { next });
  }
  return response;
}

/** Other ops may have other hosts: the error says which op was not sent. */
function notSent(op: RoutedOp, error: unknown): unknown {
  if (!(error instanceof CeoError) || error.code !== 'unreachable') return error;
  return new CeoError(error.code, `${op.name}: ${error.message}`, {
    ...(error.next !== undefined && { next: error.next }),
    cause: error,
  });
}

/** Sends bodies as they are, over one connection for each host, and in order on each. */
export class Relay {
  private readonly connections = new Map<string, Promise<Connection>>();
  /** The end of the last call to each host. */
  private readonly turns = new Map<string, Promise<unknown>>();
  private routed: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly route: Router,
    private readonly timeouts: Timeouts,
  ) {}

  /** @returns the plaintext of the response */
  async send(op: RoutedOp, plaintext: Uint8Array): Promise<Buffer> {
    // In turn as well: no op may overtake another on its way to the same host.
    const routed = this.routed.then(() => this.route(op));
    this.routed = routed.catch(() => undefined);
    const target = await routed;
    const key = `${target.host}:${target.port}`;
    const turn = (this.turns.get(key) ?? Promise.resolve()).then(async () => {
      const connection = await this.connect(key, target).catch((error: unknown) => {
        throw notSent(op, error);
      });
      return connection.call(
        { opId: op.id, opName: op.name, lookUp: lookUp(op.method, plaintext) },
        plaintext,
      );
    });
    this.turns.set(
      key,
      turn.catch(() => undefined),
    );
    return turn;
  }

  close(): void {
    for (const each of this.connections.values()) {
      each.then((connection) => connection.close()).catch(() => undefined);
    }
    this.connections.clear();
  }

  private async connect(key: string, target: Target): Promise<Connection> {
    const open = await this.connections.get(key)?.catch(() => undefined);
    if (open?.usable === true) return open;
    const opening = Connection.open(target, this.timeouts);
    this.connections.set(key, opening);
    return opening;
  }
}
