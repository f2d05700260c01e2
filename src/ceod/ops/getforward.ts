/** getforward (0x10): reads ~/.forward, as the user whose home it is. */
import { Status, success } from '../../protocol/status.js';
import type { Handler } from './handler.js';
import { runInHome } from './inHome.js';
import { inMessages, Refusal } from '../base/refusal.js';
import type { Site } from '../site/site.js';

/** Longer ones are no addresses; what is behind is left out, and said so. */
const MAX_BYTES = 4096;

/** $1 is the home directory. Exit status 3: there is no such file. */
const READ = `
set -eu
cd -- "$1"
[ -e .forward ] || exit 3
[ -f .forward ]
head -c ${MAX_BYTES + 1} -- .forward
`;
const NONE = 3;

export function getForward(site: Site): Handler<'getForward'> {
  return {
    async execute({ username }) {
      const account = await site.managedAccount(username);
      const as = await site.identityOf(account);
      const { home } = account;
      const result = await runInHome(
        READ,
        { username, home, as },
        { timeoutMs: site.stepTimeoutMs },
      );
      if (result.status === NONE) return { messages: [success(`${username} has no forward`)] };
      if (result.status !== 0) {
        const why = result.timedOut ? 'it took too long' : (result.stderr.split('\n')[0] ?? '');
        throw new Refusal(Status.EHOME, `cannot read .forward in ${home}: ${why}`);
      }
      const isCut = Buffer.byteLength(result.stdout) > MAX_BYTES;
      // What no client takes: NUL, and a byte-order mark at the beginning.
      const text = result.stdout.slice(0, MAX_BYTES).replaceAll('\0', '');
      const forward = text.replace(/^\ufeff+/, '').replace(/\n$/, '');
      const note = isCut ? [success(`only the first ${MAX_BYTES} bytes are shown`)] : [];
      return { messages: [success(`forward of ${username}`), ...note], forward };
    },

    refused: inMessages,
  };
}
