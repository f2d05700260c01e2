/** Work in people's homes, as the users whose homes they are. A home that hangs costs its owner alone. */
import { CeoError } from '../../errors.js';
import { run, type Identity, type RunResult } from '../../process/run.js';
import { Turns } from '../../process/turns.js';
import { Status } from '../../protocol/status.js';
import { Refusal } from '../base/refusal.js';

export interface Home {
  readonly username: string;
  readonly home: string;
  /** Undefined: as ceod, which is not root. */
  readonly as: Identity | undefined;
}

/** At a time in one home. What hangs there keeps its place until it is really over. */
const PLACES = 2;
/** How long a place in a home is waited for. */
const PATIENCE_MS = 3_000;

/** Homes in which somebody is at work. */
const turnsOf = new Map<string, Turns>();

/**
 * Runs a shell script in which $1 is the home.
 * @throws Refusal EHOME, if others before it hang there: nothing was begun
 */
export async function runInHome(
  script: string,
  { username, home, as }: Home,
  options: { readonly timeoutMs: number; readonly input?: string },
): Promise<RunResult> {
  const turns = turnsOf.get(username) ?? new Turns(`the home of ${username}`, PLACES);
  turnsOf.set(username, turns);
  const leave = await turns.take(PATIENCE_MS).catch(notBegun(username));
  const giveBack = () => {
    leave();
    if (turns.areFree) turnsOf.delete(username);
  };
  try {
    const result = await run('sh', ['-c', script, 'sh', home], {
      env: { PATH: '/usr/bin:/bin', LANG: 'C' },
      forWhom: username,
      ...(as !== undefined && { as }),
      ...options,
    });
    if (result.lingers === undefined) giveBack();
    else void result.lingers.end.then(giveBack);
    return result;
  } catch (error) {
    giveBack();
    return notBegun(username)(error);
  }
}

const notBegun = (username: string) => (error: unknown) => {
  if (!(error instanceof CeoError)) throw error;
  const message = `the home of ${username} does not answer: nothing was done; try again when it does`;
  throw new Refusal(Status.EHOME, message, { cause: error });
};
