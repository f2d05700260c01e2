/**
 * From an op id, a principal and the plaintext of a request to the plaintext of
 * the response. The order of the checks is part of the contract
 * (docs/protocol.md §5): form, authorised?, field rules, then the op itself.
 */
import { create } from '@bufbuild/protobuf';
import { CeoError } from '../../errors.js';
import { decodeBody, encodeBody } from '../../protocol/body.js';
import { firstFieldProblem, type RuleSettings } from '../../protocol/fieldRules.js';
import type { MethodName, Op, Request, Response, ResponseInit } from '../../protocol/ops.js';
import { redacted } from '../../protocol/redact.js';
import { linesOf, Status, type StatusLine } from '../../protocol/status.js';
import { MalformedBody } from '../../protocol/strict.js';
import type { Handler } from '../ops/handler.js';
import type { Caller } from '../site/authority.js';
import { requireRight, type Asked } from '../site/rights.js';
import type { ChannelRequest } from '../between/channel.js';
import type { Logger } from '../base/log.js';
import { usernameOf } from '../base/principal.js';
import { invalid, Refusal, statusOf } from '../base/refusal.js';

/** Who asks: looks a username up as a caller. */
export type CallerOf = (username: string) => Caller;

/** An op as plaintexts of its request and response. Undefined: the connection is to be closed. */
export interface Service {
  readonly serve: (plaintext: Buffer, caller: Caller) => Promise<Uint8Array | undefined>;
  /** The response that consists of a refusal, if the op has such. */
  readonly refuse: (refusal: Refusal) => Uint8Array | undefined;
}

/** Of a request what counts. */
type Asking = Pick<ChannelRequest, 'opId' | 'principal' | 'plaintext'>;

export class Dispatcher {
  constructor(
    private readonly table: ReadonlyMap<number, Service>,
    private readonly realm: string,
    private readonly callerOf: CallerOf,
    private readonly log: Logger,
  ) {}

  /** Undefined: the connection is to be closed without a reply. */
  async dispatch({ opId, principal, plaintext }: Asking): Promise<Uint8Array | undefined> {
    const username = usernameOf(principal, this.realm);
    const service = this.table.get(opId);
    if (username === undefined || service === undefined) {
      this.log.warn(
        { principal, opId },
        username === undefined ? 'principal refused' : 'unknown op',
      );
      return undefined;
    }
    try {
      return await service.serve(plaintext, this.callerOf(username));
    } catch (error) {
      this.log.error({ principal, opId, err: error }, 'op failed unexpectedly');
      return undefined;
    }
  }

  /** Undefined: the connection is to be closed without a reply. */
  refuse(opId: number, refusal: Refusal): Uint8Array | undefined {
    return this.table.get(opId)?.refuse(refusal);
  }
}

export interface ServeOptions {
  /** What is asked about those whom requests name, and what their fields must be. */
  readonly asked: Asked & { readonly rules: RuleSettings };
  readonly log: Logger;
  /** An op that takes longer goes on, but its connection is closed: the outcome is unknown. */
  readonly timeoutMs: number;
}

/** Serves a method of the proto by its handler. */
export function serveOp<M extends MethodName>(
  op: Op<M>,
  handler: Handler<M>,
  { asked, log, timeoutMs }: ServeOptions,
): Service {
  const serve: Service['serve'] = async (plaintext, caller) => {
    const startedAt = performance.now();
    const answer = await respond(op, handler, plaintext, caller, asked);
    const { request, response, cause } = answer;
    log[answer.isDown ? 'error' : 'info'](
      {
        op: op.name,
        caller: caller.username,
        request: request && redacted(op.input, request),
        response: redacted(op.output, response),
        ms: Math.round(performance.now() - startedAt),
        err: cause,
      },
      'op',
    );
    return encodeBody(op.output, op.encoding, response);
  };
  const serveInTime: Service['serve'] = async (plaintext, caller) => {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        log.error(
          { op: op.name, caller: caller.username },
          'the op exceeds op_timeout: it goes on',
        );
        resolve(undefined);
      }, timeoutMs);
    });
    return Promise.race([serve(plaintext, caller), tooLate]).finally(() => clearTimeout(timer));
  };
  const refuse = (refusal: Refusal) =>
    encodeBody(
      op.output,
      op.encoding,
      create<Op<M>['output']>(op.output, handler.refused(refusal.line)),
    );
  return { serve: serveInTime, refuse };
}

interface Answer<M extends MethodName> {
  readonly request: Request<M> | undefined;
  readonly response: Response<M>;
  /** What a refusal came of; nothing that the caller is told. */
  readonly cause: unknown;
  /** Something that ceod works with could not be reached, or did not answer: an operator's affair. */
  readonly isDown: boolean;
}

async function respond<M extends MethodName>(
  op: Op<M>,
  handler: Handler<M>,
  plaintext: Uint8Array,
  caller: Caller,
  asked: ServeOptions['asked'],
): Promise<Answer<M>> {
  let request: Request<M> | undefined;
  let response: ResponseInit<M>;
  let cause: unknown;
  let isDown = false;
  try {
    request = decodeBody<Op<M>['input']>(op.input, op.encoding, plaintext);
    // Who names nobody asks for themself.
    const username = 'username' in request ? request.username : caller.username;
    await requireRight(op, username, caller, asked);
    await handler.authorise?.(request, caller);
    checkFields(op, request, asked.rules, handler.ignored?.(request));
    handler.validate?.(request);
    response = await handler.execute(request, caller);
  } catch (error) {
    const line = refusalLine(error, handler.otherwise);
    response = handler.refused(line);
    ({ cause } = error as Error);
    isDown = comesOfSilence(error);
  }
  isDown ||= linesOf(response).some(({ status }) => SILENT.includes(status));
  return { request, response: create<Op<M>['output']>(op.output, response), cause, isDown };
}

/** The statuses of what was not reached, or did not answer. */
const SILENT: readonly number[] = [Status.EHOSTUNREACH, Status.ETIMEDOUT];

/** Whether an error, or what it came of, is that somebody was not reached or did not answer. */
function comesOfSilence(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const isSilence =
    error instanceof CeoError && (error.code === 'unreachable' || error.code === 'outcome_unknown');
  return isSilence || comesOfSilence(error.cause);
}

/** @throws Refusal that names the first field which breaks its rule */
function checkFields<M extends MethodName>(
  { input }: Op<M>,
  request: Request<M>,
  rules: RuleSettings,
  ignored: readonly string[] | undefined,
): void {
  const found = firstFieldProblem(input, request, rules, ignored);
  if (found !== undefined) throw invalid(found.field, found.problem);
}

/** @throws the error itself if it is a fault of the program */
function refusalLine(error: unknown, otherwise: number = Status.EIO): StatusLine {
  if (error instanceof Refusal) return error.line;
  if (error instanceof MalformedBody) return { status: Status.EINVAL, message: error.message };
  if (!(error instanceof CeoError)) throw error;
  return { status: statusOf(error, otherwise), message: error.message };
}
