/** How to find out whether an op was done whose reply was lost. */
import { CeoError } from '../errors.js';
import { MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import { AddUser_Type as Type } from '../generated/ceo/ceo_pb.js';
import { decodeBody } from '../protocol/body.js';
import { ops, type MethodName, type Op, type Request } from '../protocol/ops.js';
import { MalformedBody } from '../protocol/strict.js';
import { checkAccount, checkDatabase } from './whetherDone.js';

/** Of those whose request decides; for the others the proto tells. */
const ADVICE: { readonly [M in MethodName]?: (request: Request<M>) => string | undefined } = {
  addUser: ({ type, username }) => checkAccount(username, type === Type.CLUB ? 'clubs' : 'members'),
  addMySQLUser: ({ onlyNew, username }) => (onlyNew ? checkDatabase(username) : undefined),
};

/** @param plaintext the request as it was sent */
export function lookUp(method: MethodName | undefined, plaintext: Uint8Array): string {
  if (method === undefined) return UNKNOWN;
  return adviceOn(method, plaintext) ?? safeAgain(method) ?? UNKNOWN;
}

/** That an op may be done again; undefined if it may not. */
export function safeAgain(method: MethodName): string | undefined {
  const { idempotency, again } = ops[method];
  if (idempotency === MethodOptions_IdempotencyLevel.IDEMPOTENCY_UNKNOWN) return undefined;
  return `It is safe to do it again${again === '' ? '' : `: ${again}`}.`;
}

/** What a reply leaves open that says too little. */
export const lost = (method: MethodName, message: string): CeoError =>
  new CeoError('outcome_unknown', message, { next: safeAgain(method) ?? UNKNOWN });

const UNKNOWN = 'Check whether it was done before you send it again.';

// M ties an op to its advice, which a union of methods would not.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
function adviceOn<M extends MethodName>(method: M, plaintext: Uint8Array): string | undefined {
  const { input, encoding } = ops[method];
  try {
    return ADVICE[method]?.(decodeBody<Op<M>['input']>(input, encoding, plaintext));
  } catch (error) {
    if (error instanceof MalformedBody) return UNKNOWN;
    throw error;
  }
}
