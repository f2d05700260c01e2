/** ~/.forward, through ceod: homes need not be mounted where ceo runs. */
import { isFieldSet } from '@bufbuild/protobuf';
import { refusalOf } from '../../ceoc/outcome.js';
import { CeoError } from '../../errors.js';
import { forwardAddressProblem, localUserOf } from '../../forwardAddress.js';
import { GetForwardResponseSchema } from '../../generated/ceo/ceo_pb.js';
import type { StatusLine } from '../../protocol/status.js';
import { shellWord } from '../../shellWord.js';
import type { Context } from '../context.js';

export interface ForwardResult {
  readonly username: string;
  /** Undefined: mail is not forwarded. */
  readonly forward: string | undefined;
  readonly steps: readonly StatusLine[];
  readonly problem: CeoError | undefined;
}

/** A ~/.forward in one line. */
export const inOneLine = (forward: string): string => forward.split('\n').join(', ');

/** @throws CeoError if nothing was sent, or the reply is lost */
export async function readForward(context: Context, username: string): Promise<ForwardResult> {
  const ceod = await context.ceod();
  const reply = await ceod.getForward({ username });
  const has = isFieldSet(reply, GetForwardResponseSchema.field.forward);
  const problem = refusalOf(reply.messages);
  return { username, forward: has ? reply.forward : undefined, steps: reply.messages, problem };
}

/** Why mail cannot be forwarded there; undefined: it can. */
export async function forwardProblemOf(
  context: Context,
  username: string,
  forward: string,
): Promise<string | undefined> {
  const { rules } = await context.site();
  return (
    forwardAddressProblem(forward, username, rules) ?? (await localUserProblem(context, forward))
  );
}

/** Whether a forward without a domain names nobody here. */
export async function localUserProblem(
  context: Context,
  forward: string,
): Promise<string | undefined> {
  const name = localUserOf(forward);
  if (name === undefined || (await context.findAccount(name)) !== undefined) return undefined;
  const { isKnown } = await import('../../process/nss.js');
  if (await isKnown('user', name)) return undefined;
  return `there is no user ${name} here; an address elsewhere has an @`;
}

/**
 * @param forward empty: mail is not forwarded any more
 * @throws CeoError if nothing was sent, or the outcome is unknown
 */
export async function writeForward(
  context: Context,
  username: string,
  forward: string,
): Promise<ForwardResult> {
  const wrong = await forwardProblemOf(context, username, forward);
  if (wrong !== undefined) throw new CeoError('usage', `Nothing was sent: ${wrong}.`);
  const underWay = {
    what: `the forwarding of ${username}'s mail`,
    check: `Check with: ceo mail get ${shellWord(username)}`,
  };
  const { messages: steps } = await context.changeByCeod(underWay, (ceod) =>
    ceod.updateMail({ username, forward }),
  );
  const problem = refusalOf(steps);
  return { username, forward: forward === '' ? undefined : forward, steps, problem };
}
