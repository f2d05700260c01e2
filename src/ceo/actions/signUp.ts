/**
 * Signing somebody up: the account through ceod, then the terms with the staff
 * member's own ticket. What stands is kept; what is missing is told with the
 * command that finishes it.
 */
import { AddUser_Type as Type } from '../../generated/ceo/ceo_pb.js';
import type { RequestInit } from '../../protocol/ops.js';
import { refusalOf } from '../../ceoc/outcome.js';
import { CeoError } from '../../errors.js';
import type { StatusLine } from '../../protocol/status.js';
import type { Context } from '../context.js';

export interface NewPerson {
  readonly kind: 'member' | 'club-rep';
  readonly username: string;
  readonly realname: string;
  readonly program: string | undefined;
  readonly email: string | undefined;
  readonly password: string;
  /** How many terms are paid for, from the current one on; at least 1. */
  readonly terms: number;
}

export interface NewClub {
  readonly username: string;
  readonly name: string;
}

/** What happened, step by step, and what is left to do. */
export interface SignUpResult {
  readonly username: string;
  readonly steps: readonly StatusLine[];
  /** Terms that were registered now. */
  readonly terms: readonly string[];
  readonly problem: CeoError | undefined;
  /** The command that does what is missing; only after a part was done. */
  readonly finish: string | undefined;
}

/** @throws CeoError if nothing was sent, or the outcome is unknown */
export async function signUpPerson(context: Context, person: NewPerson): Promise<SignUpResult> {
  const { kind, username, realname, program, email, password, terms: count } = person;
  const { steps, problem } = await addUser(context, {
    type: kind === 'member' ? Type.MEMBER : Type.CLUB_REP,
    username,
    realname,
    password,
    ...(program !== undefined && { program }),
    ...(email !== undefined && { email }),
  });
  if (problem !== undefined) {
    return { username, steps, terms: [], problem, finish: undefined };
  }
  try {
    const added = await context.registerTerms(username, kind, count);
    return { username, steps, terms: added, problem, finish: undefined };
  } catch (error) {
    return {
      username,
      steps,
      terms: [],
      problem: asProblem(error, `The account ${username} was made, but no term was registered`),
      finish: renewCommand(username, kind, count),
    };
  }
}

/** @throws CeoError if nothing was sent, or the outcome is unknown */
export async function signUpClub(
  context: Context,
  { username, name }: NewClub,
): Promise<SignUpResult> {
  const request = { type: Type.CLUB, username, realname: name } as const;
  return { username, terms: [], finish: undefined, ...(await addUser(context, request)) };
}

async function addUser(context: Context, request: RequestInit<'addUser'>) {
  const ceod = await context.ceod();
  const { messages: steps } = await ceod.addUser(request);
  return { steps, problem: refusalOf(steps) };
}

function renewCommand(username: string, kind: NewPerson['kind'], count: number): string {
  const rep = kind === 'club-rep' ? ' --club-rep' : '';
  return `ceo members renew ${username} --terms ${count}${rep}`;
}

function asProblem(error: unknown, prefix: string): CeoError {
  const why = error instanceof Error ? error.message : String(error);
  const next = error instanceof CeoError ? error.next : undefined;
  return new CeoError('partly_failed', `${prefix}: ${why}`, {
    ...(next !== undefined && { next }),
    cause: error,
  });
}
