/** What people send: to ceod as an op, and to remctld as a command whose script does the same work. */
import { encodeBody } from '../src/protocol/body.js';
import { ops, type MethodName, type RequestInit } from '../src/protocol/ops.js';
import { AddUser_Type as Type } from '../src/generated/ceo/ceo_pb.js';
import type { Load } from './loadgen.js';

type Request = Load['request'];

/** The same to both. */
interface Requests {
  readonly ceod: Request;
  readonly remctld: Request;
}

export const USERNAME = 'ctdalek';
export const FORWARD = 'ctdalek@example.org';

function toCeod<M extends MethodName>(method: M, message: RequestInit<M>): Request {
  const { id, input, encoding } = ops[method];
  return { op: id, body: encodeBody(input, encoding, message) };
}

const toRemctld = (...command: readonly string[]): Request => ({ command: ['ceo', ...command] });

let loads = 0;

/** By command. A member is a new one each time: the generator counts up what is `######`. */
export const requests = {
  getforward: (): Requests => ({
    ceod: toCeod('getForward', { username: USERNAME }),
    remctld: toRemctld('getforward', USERNAME),
  }),
  mail: (): Requests => ({
    ceod: toCeod('updateMail', { username: USERNAME, forward: FORWARD }),
    remctld: toRemctld('mail', USERNAME, FORWARD),
  }),
  adduser(): Requests {
    loads += 1;
    const username = `b${loads}x######`;
    const realname = 'Bench Member';
    const password = 'long-enough';
    return {
      ceod: toCeod('addUser', { type: Type.MEMBER, username, realname, password }),
      remctld: toRemctld('adduser', username, realname, password),
    };
  },
};

export type Command = keyof typeof requests;

/** Of remctld alone: what it takes to run a program that does nothing. */
export const nothing: Request = toRemctld('nothing');
