/** Subscribing to a Mailman list, through version 3's REST interface or version 2's command. */
import { CeoError } from '../errors.js';
import { printable } from '../printable.js';
import { run } from '../process/run.js';
import { restInterface, type Mailman3Options } from './rest.js';

export interface List {
  readonly name: string;
  readonly domain: string;
}

/** Subscribes an address. @throws CeoError unreachable, outcome_unknown, failed */
export type Subscribe = (list: List, address: string) => Promise<'subscribed' | 'already a member'>;

/**
 * POST /members, as docs.mailman3.org has it: confirmed and approved by the administrator. Why it
 * is refused, which one status may have several reasons for, is looked up.
 */
export function mailman3(options: Mailman3Options): Subscribe {
  return async ({ name, domain }, address) => {
    const listId = `${name}.${domain}`;
    const list = `${name}@${domain}`;
    const send = restInterface(options);
    const isThere = async (path: string) => (await send(path)).status === 200;

    async function why(status: number): Promise<string | undefined> {
      if (status === 401) return 'Mailman refuses our password.';
      if (status === 202 || status === 409) return waits(list, address);
      if (status !== 400) return undefined;
      if (!(await isThere(`lists/${listId}`))) return `Mailman has no list ${list}.`;
      const ban = `bans/${encodeURIComponent(address)}`;
      return (await isThere(`lists/${listId}/${ban}`)) || (await isThere(ban))
        ? `${address} is banned from ${list}; the owner of the list can lift that.`
        : undefined;
    }

    try {
      const approved = { pre_verified: 'true', pre_confirmed: 'true', pre_approved: 'true' };
      const fields = { list_id: listId, subscriber: address };
      const { status } = await send('members', { ...fields, ...approved });
      if (status === 201) return 'subscribed';
      if (status === 409) {
        const found = await send('members/find', { ...fields, role: 'member' });
        if (sizeOf(found.text) > 0) return 'already a member';
      }
      throw new CeoError(
        'failed',
        (await why(status)) ?? `Mailman answered with status ${status}.`,
      );
    } catch (error) {
      if (error instanceof CeoError) throw error;
      if (UNKNOWN.has((error as Error).name)) throw noAnswer(address, error);
      throw new CeoError('unreachable', 'Mailman does not answer.', { cause: error });
    }
  };
}

/** How much a list of things has in it. */
function sizeOf(json: string): number {
  try {
    return (JSON.parse(json) as { total_size?: number } | null)?.total_size ?? 0;
  } catch {
    return 0;
  }
}

function waits(list: string, address: string): string {
  return (
    `a request of ${address} for ${list} waits for a confirmation or for a moderator; ` +
    `the owner of the list can accept it.`
  );
}

/** Errors behind which it may have been done. */
const UNKNOWN: ReadonlySet<string> = new Set(['TimeoutError', 'BodyTooLong']);

/** It was asked: to ask again does no harm. */
const noAnswer = (address: string, cause?: unknown) =>
  new CeoError(
    'outcome_unknown',
    `Mailman does not answer: ${address} may or may not have been subscribed; try again later.`,
    { cause },
  );

export interface Mailman2Options {
  /** Path of add_members(8). */
  readonly command: string;
  readonly timeoutMs: number;
}

/** `add_members -r - LIST`, the address on its standard input; it tells the outcome in a line. */
export function mailman2({ command, timeoutMs }: Mailman2Options): Subscribe {
  return async ({ name }, address) => {
    const result = await run(command, ['-r', '-', name], {
      env: { PATH: '/usr/bin:/bin', LANG: 'C' },
      timeoutMs,
      input: `${address}\n`,
    });
    if (result.timedOut) throw noAnswer(address);
    if (/^Subscribed: /m.test(result.stdout)) return 'subscribed';
    if (/^Already a member: /m.test(result.stdout)) return 'already a member';
    const why = (result.stderr || result.stdout).trim().split('\n').at(-1) ?? '';
    throw new CeoError('failed', `Mailman refused: ${printable(why) || 'it said nothing'}`);
  };
}
