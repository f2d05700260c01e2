/** A server that does not come up says why; one that hangs is not waited for. */
import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { startServer } from '../../sandbox/server.js';
import { folder, run, variable } from './inside.js';

const server = (name: string, script: string, ready: boolean, limit: number) =>
  startServer({
    name,
    command: ['sh', '-c', script],
    env: { PATH: variable('PATH'), CEO_SANDBOX: folder },
    log: join(folder, 'log', `${name}.log`),
    ready: () => Promise.resolve(ready),
    limit,
  });

test('an early end is told with the end of the log', async () => {
  const start = server('dies', 'echo no such database >&2; exit 3', false, 10_000);
  await expect(start).rejects.toThrow(/^dies ended with status 3\. [^]*no such database$/);
});

test('a server that is never ready is ended', async () => {
  const start = server('hangs', 'echo $$; exec sleep 600', false, 300);
  const message = await start.then(String, (reason: unknown) => (reason as Error).message);
  expect(message).toContain('hangs was not ready within 300 ms');
  const pid = Number(/(\d+)$/.exec(message)?.[1]);
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('a program that is missing is told', async () => {
  await expect(server('missing', 'exec /no/such/program', false, 10_000)).rejects.toThrow(
    '/no/such/program',
  );
});

test('a server that runs as another user dies with this process all the same', async () => {
  const uid = (await run(['id', '-u', 'list'])).stdout.trim();
  const start = startServer({
    name: 'dumps',
    command: ['setpriv', '--dump'],
    user: 'list',
    env: { PATH: variable('PATH') },
    log: join(folder, 'log', 'dumps.log'),
    ready: () => Promise.resolve(false),
  });
  await expect(start).rejects.toThrow(new RegExp(`euid: ${uid}\n[^]*Parent death signal: KILL`));
});

test('stop waits for the end', async () => {
  const { pid, stop } = await server(
    'stops',
    'trap "sleep 0.2; exit 0" TERM; while :; do sleep 0.05; done',
    true,
    1000,
  );
  await stop();
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  await stop();
});
