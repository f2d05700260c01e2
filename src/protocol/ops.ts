/**
 * The operations, read off the descriptors of `service Ceod` and their
 * (ceo.op) options: the one table that dispatcher, client and routing use.
 */
import { getOption, hasOption, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf';
import type { DescMethodUnary } from '@bufbuild/protobuf';
import type { MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import { Ceod } from '../generated/ceo/ceo_pb.js';
import { op as opOption, type BodyEncoding, type Right } from '../generated/ceo/op_pb.js';

type Methods = typeof Ceod.method;

/** A method of `service Ceod`, by its name in TypeScript: `addUser`, `updateMail`… */
export type MethodName = keyof Methods;
export type Request<M extends MethodName> = MessageShape<Methods[M]['input']>;
export type RequestInit<M extends MethodName> = MessageInitShape<Methods[M]['input']>;
export type Response<M extends MethodName> = MessageShape<Methods[M]['output']>;
export type ResponseInit<M extends MethodName> = MessageInitShape<Methods[M]['output']>;

export interface Op<M extends MethodName = MethodName> {
  readonly method: M;
  /** The msgtype of its frames. */
  readonly id: number;
  /** Its name in the routing files and on ceoc's command line. */
  readonly name: string;
  /** The Unix user whose runner executes it, unless a routing file names another. */
  readonly runAs: string;
  readonly encoding: BodyEncoding;
  /** Whoever has one of them may use it. */
  readonly rights: readonly Right[];
  /** Behind "not authorized to". */
  readonly doing: string;
  readonly idempotency: MethodOptions_IdempotencyLevel;
  /** Behind "It is safe to do it again"; empty: nothing more is to be said. */
  readonly again: string;
  /** The file of settings, with passwords, that is its own; empty: it has none. */
  readonly settings: string;
  readonly input: Methods[M]['input'];
  readonly output: Methods[M]['output'];
}

function describe<M extends MethodName>(method: M): Op<M> {
  const descriptor: DescMethodUnary = Ceod.method[method];
  if (!hasOption(descriptor, opOption)) {
    throw new Error(`rpc ${descriptor.name} has no (ceo.op) option`);
  }
  const { id, name, runAs, body, may, doing, again, settings } = getOption(descriptor, opOption);
  const { idempotency } = descriptor;
  const { input, output } = Ceod.method[method];
  return {
    ...{ method, id, name, runAs, encoding: body, rights: may, doing },
    ...{ idempotency, again, settings, input, output },
  };
}

/** Every op of the proto, by method. */
export const ops: { readonly [M in MethodName]: Op<M> } = {
  ...(Object.fromEntries(
    (Object.keys(Ceod.method) as MethodName[]).map((method) => [method, describe(method)]),
  ) as { [M in MethodName]: Op<M> }),
};

/** Every op of the proto, in the order of the service. */
export const allOps: readonly Op[] = Object.values(ops);
