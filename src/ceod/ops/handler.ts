/** An operation: what is asked about a request, in this order, and what is then done. */
import type { MethodName, Request, ResponseInit } from '../../protocol/ops.js';
import type { StatusLine } from '../../protocol/status.js';
import type { Caller } from '../site/authority.js';

/** What ceod does for a method of `service Ceod`. */
export type Handler<M extends MethodName> = HandlerOf<Request<M>, ResponseInit<M>>;

/** By its messages, and not by the method's name, which the compiler would take for irrelevant. */
export interface HandlerOf<Req, Res> {
  /** What the rights of the proto do not say. @throws Refusal unless the caller may do this */
  readonly authorise?: (request: Req, caller: Caller) => Promise<void>;
  /** Fields that this request has no use for, whatever is in them. */
  readonly ignored?: (request: Req) => readonly string[];
  /** What the rules of the proto do not say. @throws Refusal that names the field */
  readonly validate?: (request: Req) => void;
  /** @throws Refusal, or CeoError with the code that tells what was changed (src/errors.ts) */
  readonly execute: (request: Req, caller: Caller) => Promise<Res>;
  /** Status of what fails at a server for a reason that only its text tells; EIO unless given. */
  readonly otherwise?: number;
  /** The response that consists of a refusal. */
  readonly refused: (refusal: StatusLine) => Res;
}
