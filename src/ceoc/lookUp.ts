/** How to find out whether an op was done whose reply was lost. */
import { AddUser_Type as Type } from '../generated/ceo/ceo_pb.js';
import { decodeBody } from '../protocol/body.js';
import { ops, type MethodName, type Op, type Request } from '../protocol/ops.js';
import { MalformedBody } from '../protocol/strict.js';
import { shellWord } from '../shellWord.js';

const ADVICE: { readonly [M in MethodName]: (request: Request<M>) => string } = {
  addUser({ type, username }) {
    const kind = type === Type.CLUB ? 'clubs' : 'members';
    return `Check with: ceo ${kind} get ${shellWord(username)}`;
  },
  updateMail: () => 'It is safe to do it again.',
  addMySQLUser: ({ onlyNew, username }) =>
    onlyNew
      ? `Do it again; if it exists by then: ceo mysql create ${shellWord(username)} --reset`
      : 'It is safe to do it again: that sets a new password.',
  subscribe: () => 'It is safe to do it again.',
  getForward: () => 'It is safe to do it again.',
  inspect: () => 'It is safe to do it again.',
  resetPassword: () => 'It is safe to do it again: that sets another password.',
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
