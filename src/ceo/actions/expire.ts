/** Reminding people whose registration has ended, through the site's expire_hook. */
import { CeoError } from '../../errors.js';
import { run, SYSTEM_PATH } from '../../process/run.js';
import type { Context } from '../context.js';
import type { Terminal } from '../terminal.js';
import type { Lapsed } from './people.js';

/** What has to be typed, to the letter. */
const CONSENT = 'Yes, do this';
const TIMEOUT_MS = 60_000;

/**
 * Runs expire_hook for each, with name and username, after asking on a terminal, or reading the
 * answer from standard input.
 * @param isAgreed whether nobody is to be asked
 * @throws CeoError config, usage; partly_failed when some could not be reminded
 */
export async function emailExpired(
  context: Context,
  terminal: Terminal,
  people: readonly Lapsed[],
  isAgreed: boolean,
): Promise<void> {
  const { accounts } = await context.site();
  const { expireHook } = accounts;
  if (expireHook === undefined) {
    throw new CeoError('config', 'The site has no expire_hook, which sends the reminders.', {
      next: 'Name one in accounts.cf.',
    });
  }
  if (people.length === 0) return;
  if (!isAgreed && (await answer(terminal, people.length)).trim() !== CONSENT) {
    if (terminal.interactive) {
      terminal.note('Nothing was sent.');
      return;
    }
    throw new CeoError('usage', 'Nothing was sent: nobody agreed to it.', {
      next: `Give the line "${CONSENT}" on standard input, or --yes.`,
    });
  }
  const failed: string[] = [];
  for (const { username, realname } of people) {
    const result = await run(expireHook, [realname, username], {
      env: {
        PATH: SYSTEM_PATH,
        LANG: 'C.UTF-8',
      },
      timeoutMs: TIMEOUT_MS,
    }).catch((error: unknown) => ({ status: undefined, stderr: String(error), timedOut: false }));
    if (result.status === 0) continue;
    failed.push(username);
    const why = result.timedOut ? 'the hook took too long' : result.stderr.trim();
    terminal.note(`${username}: ${why || 'the hook failed'}`);
  }
  terminal.note(`${people.length - failed.length} of ${people.length} were reminded.`);
  if (failed.length > 0) {
    throw new CeoError('partly_failed', `No reminder to ${failed.join(', ')}.`);
  }
}

async function answer(terminal: Terminal, count: number): Promise<string> {
  if (terminal.interactive)
    return terminal.ask(`Send a reminder to these ${count}? Type "${CONSENT}":`);
  return (await terminal.readLine()).toString();
}
