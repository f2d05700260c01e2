/** Promise: what a hook leaves in the background neither holds the reply up nor is taken for a failure. */
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { unixUser } from '../../../sandbox/users.js';
import { eventually } from '../../support/eventually.js';
import { startOwnCeod, type OwnCeod } from '../../support/ownCeod.js';
import { folder, runAs } from '../../support/realm.js';

const dir = path.join(folder, 'background');
let ceod: OwnCeod | undefined;
let background: number | undefined;
afterEach(async () => {
  await ceod?.stop();
  ceod = undefined;
  if (background !== undefined && existsSync(`/proc/${background}`)) {
    process.kill(background, 'SIGKILL');
  }
  background = undefined;
});

test.each([
  ['bgout', 'its standard output and error', 'sleep 50 &'],
  ['bgerr', 'its standard error', 'sleep 50 >/dev/null &'],
  ['bgsession', 'both, in a session of its own', 'setsid sleep 50 &'],
])('%s: a child that holds %s open', async (username, _what, leave) => {
  await mkdir(dir, { recursive: true });
  await chown(dir, (await unixUser('nobody')).uid, 0);
  const hook = path.join(folder, 'hooks', username);
  const pid = path.join(dir, username);
  await writeFile(hook, `#!/bin/sh\n${leave}\necho $! >'${pid}'\necho done\n`, { mode: 0o755 });
  // Longer than the client waits: a reply that is held up for so long is lost.
  ceod = await startOwnCeod('hook_timeout = 40\nreply_timeout = 30', {
    accounts: `notify_hook = ${hook}`,
  });
  const { status, stdout, stderr } = await runAs(
    'ctdalek',
    ['ceo', 'members', 'add', username, '-n', 'Hooked', '--password-stdin', '--json'],
    { env: ceod.env, input: 'a-good-password\n' },
  );
  background = Number(await readFile(pid, 'utf8'));
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const { steps } = JSON.parse(stdout) as { steps: { message: string }[] };
  const messages = steps.map(({ message }) => message);
  expect(messages.filter((message) => /warning|notif/.test(message))).toEqual([
    'successfully notified',
  ]);
  // It was not waited for, and it is not ended either: that is the hook's business.
  const still = background;
  await eventually(() => existsSync(`/proc/${still}`));
});
