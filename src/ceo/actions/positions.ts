/** Positions of the club, each with any number of holders. */
import { CeoError } from '../../errors.js';
import { didYouMean } from '../../nearest.js';
import {
  changePosition,
  findAccounts,
  findOfficers,
  type Account,
} from '../../directory/accounts.js';
import type { Directory } from '../../directory/connection.js';
import type { Context } from '../context.js';
import { POSITIONS } from '../positions.js';

/** Usernames by position: every known position, and what else the directory has. */
export async function listPositions(context: Context): Promise<Map<string, string[]>> {
  const { directory } = await context.site();
  const holders = new Map<string, string[]>(Object.keys(POSITIONS).map((name) => [name, []]));
  for (const { username, positions } of await findOfficers(directory)) {
    for (const position of positions) {
      holders.set(position, [...(holders.get(position) ?? []), username]);
    }
  }
  return holders;
}

export interface PositionChange {
  readonly username: string;
  readonly outcome: 'given' | 'taken' | 'kept';
}

/**
 * Makes these people, and nobody else, the holders of a position.
 * @throws CeoError usage: no such position; not_found: no such person; denied.
 *   partly_failed if some changes were made before one failed
 */
export async function setPosition(
  context: Context,
  position: string,
  usernames: readonly string[],
): Promise<PositionChange[]> {
  const names = Object.keys(POSITIONS);
  if (!names.includes(position)) {
    throw new CeoError('usage', `There is no position ${position}.${didYouMean(position, names)}`, {
      next: `The positions are ${names.join(', ')}.`,
    });
  }
  const { directory } = await context.site();
  const wanted: Account[] = [];
  for (const username of new Set(usernames)) wanted.push(await context.account(username));
  const current = await findAccounts(directory, { position });
  const isWanted = (account: Account) => wanted.some(({ dn }) => dn === account.dn);
  const has = (account: Account) => current.some(({ dn }) => dn === account.dn);
  const changes: PositionChange[] = wanted
    .filter(has)
    .map(({ username }) => ({ username, outcome: 'kept' }));
  // First the new holders: nobody is without an officer meanwhile.
  const steps = [
    ...wanted
      .filter((each) => !has(each))
      .map((account) => ({ account, operation: 'add' as const })),
    ...current
      .filter((each) => !isWanted(each))
      .map((account) => ({ account, operation: 'delete' as const })),
  ];
  const underWay = {
    what: `the change of ${position}`,
    check: 'Check with: ceo positions list. The same command again makes what is missing.',
  };
  await context.change(underWay, () => makeChanges(directory, position, steps, changes));
  return changes;
}

async function makeChanges(
  directory: Directory,
  position: string,
  steps: readonly { readonly account: Account; readonly operation: 'add' | 'delete' }[],
  changes: PositionChange[],
): Promise<void> {
  let done = 0;
  for (const { account, operation } of steps) {
    try {
      await changePosition(directory, account, operation, position);
    } catch (error) {
      if (done === 0 || !(error instanceof CeoError)) throw error;
      throw new CeoError(
        'partly_failed',
        `${done} of ${steps.length} changes were made: ${error.message}`,
        {
          next: 'The same command again makes the others.',
          cause: error,
        },
      );
    }
    done += 1;
    changes.push({
      username: account.username,
      outcome: operation === 'add' ? 'given' : 'taken',
    });
  }
}
