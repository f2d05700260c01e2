/**
 * Many people signed up one after the other: while one is being finished, the
 * account of the next is made. Each row is taken from whatever state it is found
 * in to done, so that the same file can be imported again after an interruption
 * at any moment.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { refusalOf } from '../../ceoc/outcome.js';
import type { Account } from '../../directory/accounts.js';
import { missingTerms, type Term } from '../../directory/terms.js';
import { asCeoError, CeoError, messageOf } from '../../errors.js';
import { generatePassword } from '../../password.js';
import { isBusy, isWarning, type StatusLine } from '../../protocol/status.js';
import type { Context } from '../context.js';
import type { CsvFile } from './csvFile.js';
import type { ImportRow } from './importFile.js';
import { inspectName } from './inspect.js';
import { register } from './renew.js';
import { addPerson, attempt, subscribeIfServed, type NewPerson } from './signUp.js';

/** What became of a row; in a dry run: what would. */
export const OUTCOMES = [
  'created',
  /** It was there; what was missing was added. */
  'completed',
  /** It was there, and nothing was missing. */
  'skipped',
  /** The name belongs to somebody or something else. */
  'conflict',
  'failed',
  /** The import stopped before it. */
  'left',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface RowResult {
  readonly line: number;
  readonly username: string;
  readonly outcome: Outcome;
  /** What was done, or why not. */
  readonly message: string;
  /** Whether anything stands that was not there before. */
  readonly changed: boolean;
  /** Of a conflict or failure. */
  readonly error?: CeoError;
  /** No other row would fare better: the import stops. */
  readonly stops?: boolean;
}

export interface ImportOptions {
  readonly dryRun: boolean;
  /** Where generated passwords are kept; undefined if each row has its own. */
  readonly passwords: CsvFile | undefined;
  /** The first of the terms. */
  readonly from: Term;
  /** Asked before each row: why to stop. */
  readonly stopped: () => string | undefined;
}

/** What concerns the caller or a server, not a row. */
const STOPPING: readonly string[] = ['denied', 'unreachable', 'unauthenticated', 'config'];

/**
 * Imports the rows, and yields their results in order. It does not throw: what
 * failed is the row's outcome.
 */
export async function* importMembers(
  context: Context,
  rows: readonly ImportRow[],
  options: ImportOptions,
): AsyncGenerator<RowResult, void, undefined> {
  let stopped: string | undefined;
  const heed = (result: RowResult): RowResult => {
    if (result.stops === true) stopped ??= result.message;
    return result;
  };
  let previous: Promise<RowResult> | undefined;
  for (const row of rows) {
    const fail = (error: unknown) => failed(row, error);
    stopped ??= options.stopped();
    const beginning =
      stopped === undefined
        ? begin(context, row, options).catch(fail)
        : resultOf(row, 'left', `not tried: ${stopped}`);
    if (previous !== undefined) yield await previous;
    const begun = await beginning;
    previous =
      typeof begun === 'function'
        ? begun().catch(fail).then(heed)
        : // At once: the next row must not begin before.
          Promise.resolve(heed(begun));
  }
  if (previous !== undefined) yield await previous;
}

/** Does what is left of a row whose account is there. */
type Finish = () => Promise<RowResult>;

/** Looks the account up, and makes it if it is not there. */
async function begin(
  context: Context,
  row: ImportRow,
  options: ImportOptions,
): Promise<RowResult | Finish> {
  let account = await context.findAccount(row.username);
  if (account === undefined) {
    if (options.dryRun) return rehearse(context, row);
    const { problem, steps } = await create(context, row, options);
    if (problem === undefined) return () => finish(context, row, options, steps);
    if (problem.code !== 'exists') return failed(row, problem);
    // Somebody else was faster, or it is no account that has the name.
    account = await context.findAccount(row.username);
    if (account === undefined) return conflict(row, problem.message);
  }
  const other = differenceOf(account, row);
  if (other !== undefined) return conflict(row, other);
  if (!options.dryRun) return () => finish(context, row, options);
  const missing = missingTerms(account, row.kind, row.terms, options.from);
  if (missing.length === 0) return resultOf(row, 'skipped', 'no term is missing');
  return resultOf(row, 'completed', `to be registered for ${missing.join(', ')}`);
}

/** What would become of a row that has no account. */
async function rehearse(context: Context, row: ImportRow): Promise<RowResult> {
  const obstacle = (await inspectName(context, row.username))?.obstacle;
  return obstacle === undefined ? resultOf(row, 'created', '') : conflict(row, obstacle);
}

/** Why an account is not the row's; undefined: it is. */
function differenceOf({ kind, realname }: Account, row: ImportRow): string | undefined {
  if (kind === 'club') return `${row.username} is a club`;
  if (realname.normalize('NFC') === row.realname.normalize('NFC')) return undefined;
  return `${row.username} is ${realname}`;
}

interface Creation {
  readonly steps: readonly StatusLine[];
  readonly problem: CeoError | undefined;
}

/** With a password of its own, or one that is on disk before it can be in use. */
async function create(
  context: Context,
  row: ImportRow,
  { passwords }: ImportOptions,
): Promise<Creation> {
  if (row.password !== undefined)
    return createOnce(context, row, { password: row.password, mustChange: false });
  if (passwords === undefined) throw new Error('there is no file for the passwords');
  const password = generatePassword();
  try {
    passwords.add([row.username, password]);
  } catch (error) {
    throw new Unwritable(error);
  }
  let creation: Creation;
  try {
    creation = await createOnce(context, row, { password, mustChange: true });
  } catch (error) {
    // A password stays that may be in use.
    if (!(error instanceof CeoError && error.code === 'outcome_unknown')) passwords.strike();
    throw error;
  }
  if (creation.problem !== undefined) passwords.strike();
  return creation;
}

/** The passwords cannot be kept: no further account may be made. */
class Unwritable extends Error {
  constructor(override readonly cause: unknown) {
    super(messageOf(cause));
  }
}

/** With growing pauses, half a minute in all. */
const ATTEMPTS = 14;
const PAUSE_MS = 300;

/**
 * Sends the request until its outcome is known. ceod makes a name once and all
 * of it or nothing, so that a request whose reply was lost can be sent again: if
 * it was done, the name is taken now, which it was not before.
 */
async function createOnce(
  context: Context,
  row: ImportRow,
  password: Pick<NewPerson, 'password' | 'mustChange'>,
): Promise<Creation> {
  let lost: CeoError | undefined;
  for (let count = 1; ; count += 1) {
    const last = count === ATTEMPTS;
    try {
      const { steps, problem } = await send(context, row, password);
      const busy = steps.some(isBusy);
      if (!busy || last) {
        if (lost === undefined || problem?.code !== 'exists') return { steps, problem };
        if (busy) throw lost;
        const account = await context.findAccount(row.username);
        const isOurs = account !== undefined && differenceOf(account, row) === undefined;
        return { steps: [], problem: isOurs ? await whatIsMissing(context, row) : problem };
      }
    } catch (error) {
      const isLost = error instanceof CeoError && error.code === 'outcome_unknown';
      // What hinders us from looking does not make it known.
      if (!isLost || last) throw lost ?? error;
      lost = error;
    }
    await pause(PAUSE_MS * count);
  }
}

/** Whether what a lost reply would have told of is all there. */
async function whatIsMissing(
  context: Context,
  { username }: ImportRow,
): Promise<CeoError | undefined> {
  const found = await inspectName(context, username);
  if (found?.missing.length === 0) return undefined;
  const next = 'Tell the systems committee.';
  return found === undefined
    ? new CeoError('outcome_unknown', 'the account is there; whether all of it is, is not known', {
        next,
      })
    : new CeoError('partly_failed', `the account is there, but no ${found.missing.join(', ')}`, {
        next,
      });
}

async function send(
  context: Context,
  row: ImportRow,
  password: Pick<NewPerson, 'password' | 'mustChange'>,
): Promise<Creation> {
  const { steps } = await addPerson(context, { ...row, ...password });
  return { steps, problem: refusalOf(steps) };
}

/**
 * Terms and mailing list: what is missing of them.
 * @param created what came of the account; undefined: it was there
 */
async function finish(
  context: Context,
  row: ImportRow,
  { from }: ImportOptions,
  created?: readonly StatusLine[],
): Promise<RowResult> {
  const { username, kind, terms: count } = row;
  const terms = await attempt(
    () => again(() => register(context, username, kind, { missingOf: count, from })),
    'no term was registered',
    '',
  );
  const list = await attempt(
    () => (kind === 'member' ? again(() => subscribeIfServed(context, username)) : undefined),
    'the mailing list has not got the new member',
    '',
  );
  const registered = terms.value ?? [];
  const subscribed = list.value?.startsWith('Subscribed: ') === true;
  const changed = created !== undefined || registered.length > 0 || subscribed;
  const failures = [terms.failure, list.failure].filter((each) => each !== undefined);
  const done = [
    ...(created ?? []).filter(isWarning).map(({ message }) => message),
    ...(registered.length > 0 ? [`registered for ${registered.join(', ')}`] : []),
    ...(subscribed ? [`mailing list: ${list.value ?? ''}`] : []),
  ];
  if (failures.length > 0) {
    const what = failures.map((failure) => `${failure.what}: ${messageOf(failure.error)}`);
    const message = [
      `the account ${created === undefined ? 'is there' : 'was made'}`,
      ...done,
      `but ${what.join('; and ')}`,
    ].join('; ');
    const worst = failures.map(({ error }) => asCeoError(error));
    const error = worst.find(({ code }) => STOPPING.includes(code)) ?? worst[0];
    return failed(row, new CeoError(error?.code ?? 'failed', message, withNext(error)), changed);
  }
  const outcome = created !== undefined ? 'created' : changed ? 'completed' : 'skipped';
  const message = outcome === 'skipped' ? 'nothing is missing' : done.join('; ');
  return { ...resultOf(row, outcome, message), changed };
}

/** Once more, of what is safe to do again. */
async function again<T>(part: () => Promise<T>): Promise<T> {
  try {
    return await part();
  } catch (error) {
    if (error instanceof CeoError && error.code === 'outcome_unknown') return part();
    throw error;
  }
}

const resultOf = ({ line, username }: ImportRow, outcome: Outcome, message: string): RowResult => ({
  line,
  username,
  outcome,
  message,
  changed: false,
});

const conflict = (row: ImportRow, message: string): RowResult => ({
  ...resultOf(row, 'conflict', message),
  error: new CeoError('exists', message),
});

function failed(row: ImportRow, cause: unknown, changed = false): RowResult {
  const error = asCeoError(cause);
  const stops = cause instanceof Unwritable || STOPPING.includes(error.code);
  return { ...resultOf(row, 'failed', error.message), changed, error, stops };
}

const withNext = (error: CeoError | undefined) =>
  error?.next === undefined ? {} : { next: error.next };
