/**
 * Signing somebody up: the account through ceod, then the terms with the staff
 * member's own ticket, then the mailing list through ceod. What stands is kept; what is missing is told with the
 * command that finishes it.
 */
import type { AddUser_Type } from '../../generated/ceo/ceo_pb.js';
import { refusalOf } from '../../ceoc/outcome.js';
import { checkAccount } from '../../ceoc/whetherDone.js';
import { CeoError, messageOf } from '../../errors.js';
import type { StatusLine } from '../../protocol/status.js';
import type { Context } from '../context.js';
import { shellWord } from '../../shellWord.js';
import { fieldProblem, newAccountProblems, type NewAccountFields } from '../../newAccount.js';
import { detailsOf, FIELDS, PERSON, type FieldName, type Known } from '../../person.js';
import { register } from './renew.js';
import { beginPart, unwatched, type Progress } from './progress.js';
import { subscribe } from './subscribe.js';

export interface NewPerson extends Known {
  readonly kind: 'member' | 'club-rep';
  readonly username: string;
  readonly password: string;
  /** Whether it must be changed at the first login. */
  readonly mustChange?: boolean;
  /** How many terms are paid for, from the current one on. */
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
  /** What came of the mailing list; undefined: not subscribed. */
  readonly list: string | undefined;
  readonly problem: CeoError | undefined;
  /** The command that does what is missing; only after a part was done. */
  readonly finish: string | undefined;
}

/** @throws CeoError if nothing was sent, or the outcome is unknown */
export async function signUpPerson(
  context: Context,
  person: NewPerson,
  progress: Progress = unwatched,
): Promise<SignUpResult> {
  const { kind, username, terms } = person;
  const rest = [
    ...(terms > 0 ? [renewCommand(username, kind, terms)] : []),
    ...(kind === 'member' ? [subscribeCommand(username)] : []),
  ];
  const underWay = {
    what: `the sign-up of ${username}`,
    check: checkAccount(username),
    ...(rest.length > 0 && { finish: rest.join(' && ') }),
  };
  return context.changeByCeod(underWay, () => makeAndRegister(context, person, progress));
}

async function makeAndRegister(
  context: Context,
  person: NewPerson,
  progress: Progress,
): Promise<SignUpResult> {
  const { kind, username, terms: count } = person;
  progress.begin('Making the account');
  const { steps, problem } = await addPerson(context, person);
  progress.show(steps);
  if (problem !== undefined) {
    return { username, steps, terms: [], list: undefined, problem, finish: undefined };
  }
  // Neither of the two needs the other: each is tried, whatever became of the other.
  const terms = await attempt(
    () => {
      if (count === 0) return undefined;
      beginPart(progress, 'Registering the terms');
      return register(context, username, kind, { next: count });
    },
    'no term was registered',
    renewCommand(username, kind, count),
  );
  const list = await attempt(
    () => {
      if (kind !== 'member') return undefined;
      beginPart(progress, 'Subscribing to the mailing list');
      return subscribeIfServed(context, username);
    },
    'the mailing list has not got the new member',
    subscribeCommand(username),
  );
  const failures = [terms.failure, list.failure].filter((each) => each !== undefined);
  return {
    username,
    steps,
    terms: terms.value ?? [],
    list: list.value,
    problem: partlyFailed(`The account ${username} was made`, failures),
    finish: failures.length === 0 ? undefined : failures.map(({ command }) => command).join(' && '),
  };
}

/** A part of a sign-up that failed, and the command that does it. */
export interface Failure {
  readonly what: string;
  readonly error: unknown;
  readonly command: string;
}

export async function attempt<T>(
  part: () => Promise<T> | undefined,
  what: string,
  command: string,
): Promise<{ value?: T | undefined; failure?: Failure }> {
  try {
    return { value: await part() };
  } catch (error) {
    return { failure: { what, error, command } };
  }
}

/** A site without a mailing list routes that op to no host. */
export async function subscribeIfServed(
  context: Context,
  username: string,
): Promise<string | undefined> {
  try {
    return await subscribe(context, username);
  } catch (error) {
    if (error instanceof CeoError && error.code === 'config') return undefined;
    throw error;
  }
}

/** @param done what stands, as the beginning of a sentence */
export function partlyFailed(done: string, failures: readonly Failure[]): CeoError | undefined {
  if (failures.length === 0) return undefined;
  const parts = failures.map(({ what, error }) => `${what}: ${messageOf(error)}`);
  const next = failures
    .map(({ error }) => (error instanceof CeoError ? error.next : undefined))
    .find((each) => each !== undefined);
  return new CeoError('partly_failed', `${done}, but ${parts.join('; and ')}`, {
    ...(next !== undefined && { next }),
    cause: failures[0]?.error,
  });
}

/** @throws CeoError if nothing was sent, or the outcome is unknown */
export async function signUpClub(
  context: Context,
  { username, name }: NewClub,
): Promise<SignUpResult> {
  const underWay = {
    what: `the sign-up of ${username}`,
    check: checkAccount(username, 'clubs'),
  };
  const { steps, problem } = await context.changeByCeod(underWay, () =>
    addUser(context, 'CLUB', { username, realname: name }),
  );
  return { username, steps, terms: [], list: undefined, problem, finish: undefined };
}

/** The account alone. @throws CeoError if nothing was sent, or the outcome is unknown */
export function addPerson(context: Context, person: Omit<NewPerson, 'terms'>) {
  const { kind, username, password, mustChange = false } = person;
  return addUser(context, kind === 'member' ? 'MEMBER' : 'CLUB_REP', {
    username,
    password,
    ...detailsOf(FIELDS, (field) => person[field]),
    ...(mustChange && { mustChange }),
  });
}

async function addUser(
  context: Context,
  type: keyof typeof AddUser_Type,
  request: NewAccountFields & { readonly mustChange?: boolean },
) {
  const problems = await problemsOf(context, request);
  if (problems.length > 0) {
    const told = problems.map(([field, problem]) => `${field}: ${problem}`).join('; ');
    throw new CeoError('usage', `Nothing was sent: ${told}.`);
  }
  const ceod = await context.ceod();
  // The commands know this file, and --help must not wait for protobuf.
  const { AddUser_Type: types } = await import('../../generated/ceo/ceo_pb.js');
  const { messages: steps } = await ceod.addUser({ ...request, type: types[type] });
  return { steps, problem: refusalOf(steps) };
}

/** Every field that is wrong, with a sentence about it. */
async function problemsOf(context: Context, request: NewAccountFields) {
  const { rules } = await context.site();
  const problems = newAccountProblems(request, rules);
  for (const field of FIELDS) {
    if (problems.some(([broken]) => broken === field)) continue;
    const problem = await siteProblem(context, field, request[field] ?? '');
    if (problem !== undefined) problems.push([field, problem]);
  }
  return problems;
}

/** What is wrong with one field of a person. @param username whose it is */
export async function fieldProblemAt(
  context: Context,
  field: FieldName,
  text: string,
  username: string,
): Promise<string | undefined> {
  const { rules } = await context.site();
  return fieldProblem(field, text, username, rules) ?? (await siteProblem(context, field, text));
}

/** What only the site can tell of a text that keeps its rule: a forward may name a user there. */
async function siteProblem(
  context: Context,
  field: FieldName,
  text: string,
): Promise<string | undefined> {
  if (PERSON[field].rule !== 'forward') return undefined;
  const { localUserProblem } = await import('./mail.js');
  return localUserProblem(context, text);
}

function renewCommand(username: string, kind: NewPerson['kind'], count: number): string {
  const rep = kind === 'club-rep' ? ' --club-rep' : '';
  return `ceo members renew ${shellWord(username)} --terms ${count}${rep}`;
}

const subscribeCommand = (username: string) => `ceo members subscribe ${shellWord(username)}`;
