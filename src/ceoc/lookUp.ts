/** How to find out whether an op was done whose reply was lost. */
import { AddUser_Type as Type } from '../generated/ceo/ceo_pb.js';
import { decodeBody } from '../protocol/body.js';
import { ops, type MethodName, type Op, type Request } from '../protocol/ops.js';
import { MalformedBody } from '../protocol/strict.js';
import { checkAccount, checkDatabase, PASSWORD_AGAIN, SAFE_AGAIN } from './whetherDone.js';

const ADVICE: { readonly [M in MethodName]: (request: Request<M>) => string } = {
  addUser: ({ type, username }) => checkAccount(username, type === Type.CLUB ? 'clubs' : 'members'),
  updateMail: () => SAFE_AGAIN,
  addMySQLUser: ({ onlyNew, username }) => checkDatabase(username, onlyNew),
  subscribe: () => SAFE_AGAIN,
  getForward: () => SAFE_AGAIN,
  inspect: () => SAFE_AGAIN,
  resetPassword: () => PASSWORD_AGAIN,
};

/** @param plaintext the request as it was sent */
export function lookUp(method: MethodName | undefined, plaintext: Uint8Array): string {
  return method === undefined ? UNKNOWN : adviceOn(method, plaintext);
}

const UNKNOWN = 'Check whether it was done before you send it again.';

// M ties an op to its advice, which a union of methods would not.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
function adviceOn<M extends MethodName>(method: M, plaintext: Uint8Array): string {
  const { input, encoding } = ops[method];
  try {
    return ADVICE[method](decodeBody<Op<M>['input']>(input, encoding, plaintext));
  } catch (error) {
    if (error instanceof MalformedBody) return UNKNOWN;
    throw error;
  }
}
