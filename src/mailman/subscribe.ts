/** Subscribing to a Mailman list, through version 3's REST interface or version 2's command. */
import { CeoError } from '../errors.js';
import { bodyText } from '../httpBody.js';
import { printable } from '../printable.js';
import { run } from '../process/run.js';

export interface List {
  readonly name: string;
  readonly domain: string;
}

/** Subscribes an address. @throws CeoError unreachable, outcome_unknown, failed */
export type Subscribe = (list: List, address: string) => Promise<'subscribed' | 'already a member'>;

export interface Mailman3Options {
  /** Of the REST interface, such as `http://localhost:8001/3.1`. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly timeoutMs: number;
}

/** Far more than Mailman says. */
const MAX_BYTES = 1 << 16;

/** POST /members, as docs.mailman3.org has it: confirmed and approved by the administrator. */
export function mailman3({ url, username, password, timeoutMs }: Mailman3Options): Subscribe {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return async ({ name, domain }, address) => {
    const approved = { pre_verified: 'true', pre_confirmed: 'true', pre_approved: 'true' };
    const fields = { list_id: `${name}.${domain}`, subscriber: address, ...approved };
    let response;
    let text;
    try {
      response = await fetch(`${url}/members`, {
        method: 'POST',
        headers: { authorization },
        body: new URLSearchParams(fields),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      text = await bodyText(response, MAX_BYTES);
    } catch (error) {
      if (UNKNOWN.has((error as Error).name)) throw noAnswer(address, error);
      throw new CeoError('unreachable', 'Mailman does not answer.', { cause: error });
    }
    if (response.status === 201) return 'subscribed';
    if (response.status === 409 && /already subscribed/i.test(text)) return 'already a member';
    const list = `${name}@${domain}`;
    const { status } = response;
    const why = REFUSALS.find((each) => each.status === status && each.text.test(text));
    const message = why?.message(list, address) ?? `Mailman answered with status ${status}.`;
    throw new CeoError('failed', message);
  };
}

/** In Mailman's words (mailman/rest/members.py). */
const REFUSALS: readonly {
  readonly status: number;
  readonly text: RegExp;
  readonly message: (list: string, address: string) => string;
}[] = [
  { status: 401, text: /^/, message: () => 'Mailman refuses our password.' },
  {
    status: 400,
    text: /banned/i,
    message: (list, address) =>
      `${address} is banned from ${list}; the owner of the list can lift that.`,
  },
  { status: 400, text: /no such list/i, message: (list) => `Mailman has no list ${list}.` },
  { status: 202, text: /^/, message: waits },
  { status: 409, text: /pending/i, message: waits },
];

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
