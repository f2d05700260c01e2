/** mail (0x02): sets or removes ~/.forward, as the user whose home it is. */
import { isFieldSet } from '@bufbuild/protobuf';
import type { ManagedAccount } from '../../directory/accounts.js';
import { UpdateMailSchema } from '../../generated/ceo/ceo_pb.js';
import { Status, success } from '../../protocol/status.js';
import type { Handler } from './handler.js';
import { runInHome } from './inHome.js';
import { inMessages, Refusal } from '../base/refusal.js';
import type { Site } from '../site/site.js';

/** $1 is the home directory; the new content is on standard input. Never follows ~/.forward. */
const REPLACE = `
set -eu
umask 022
cd -- "$1"
new=$(mktemp .forward.XXXXXXXX)
trap 'rm -f -- "$new"' EXIT
cat >"$new"
chmod 0644 -- "$new"
mv -fT -- "$new" .forward
`;
const REMOVE = `
set -eu
cd -- "$1"
rm -f -- .forward
`;

export function mail(site: Site): Handler<'updateMail'> {
  return {
    async execute(request) {
      const { username } = request;
      const finished = success(`finished updating mail for ${username}`);
      if (!isFieldSet(request, UpdateMailSchema.field.forward)) {
        await site.managedAccount(username);
        return { messages: [finished] };
      }
      const account = await site.managedAccount(username);
      await writeForward(site, account, request.forward);
      const what = request.forward === '' ? 'cleared' : 'updated';
      return { messages: [success(`successfully ${what} forward for ${username}`), finished] };
    },

    refused: inMessages,
  };
}

async function writeForward(site: Site, account: ManagedAccount, forward: string): Promise<void> {
  const as = await site.identityOf(account);
  const script = forward === '' ? REMOVE : REPLACE;
  const { username, home } = account;
  const { status, timedOut, stderr } = await runInHome(
    script,
    { username, home, as },
    { timeoutMs: site.stepTimeoutMs, input: `${forward}\n` },
  );
  if (status === 0) return;
  const why = timedOut
    ? `it took too long: it may or may not have been changed; check with: ceo mail get ${username}`
    : (stderr.trim().split('\n')[0] ?? 'unknown');
  throw new Refusal(
    timedOut ? Status.ETIMEDOUT : Status.EHOME,
    `cannot write .forward in ${home}: ${why}`,
  );
}
