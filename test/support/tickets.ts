/** Tickets that are not as they should be. */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from './eventually.js';
import { folder, run } from './realm.js';

export const cacheOf = (name: string) => path.join(folder, 'ccaches', name);

/** A cache whose ticket has expired: it still says whose it was. */
export async function expired(username: string): Promise<string> {
  const cache = `FILE:${cacheOf(`expired-${username}`)}`;
  const kinit = ['kinit', '-l', '1s', '-c', cache, username] as const;
  const { status, stderr } = await run([...kinit], { input: `${username}-pw\n` });
  if (status !== 0) throw new Error(stderr);
  await eventually(async () => (await run(['klist', '-s', cache])).status !== 0);
  // Until the second in which it ends has passed, the KDC still takes it.
  await sleep(1_000);
  return cache;
}
