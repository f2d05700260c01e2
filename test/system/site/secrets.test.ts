/**
 * Promise: no password reaches a log, an argv, a journal, an error or a file.
 * Everything that is written while accounts are made and fail to be made is
 * read, and the command lines and environments of all processes meanwhile.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startOwnCeod, type OwnCeod } from '../../support/ownCeod.js';
import { folder, runAs, type Outcome } from '../../support/realm.js';

const SECRET = 'xyzzy-secret-7391';
/** Refused by the KDC's policy, which wants more characters. */
const SHORT_SECRET = 'q7#zK';

let ceod: OwnCeod;
const seen = new Set<string>();
let watching = true;
let watcher: Promise<void>;

/** What ps(1) shows to everybody, and what /proc shows of environments. */
async function watchProcesses(): Promise<void> {
  while (watching) {
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      for (const file of ['cmdline', 'environ']) {
        seen.add(await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => ''));
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

beforeAll(async () => {
  ceod = await startOwnCeod('log_level = debug');
  watcher = watchProcesses();
});
afterAll(() => ceod.stop());

const outcomes: Outcome[] = [];
async function add(username: string, password: string): Promise<number | null> {
  const outcome = await runAs(
    'ctdalek',
    ['ceo', 'members', 'add', username, '-n', 'Secret Keeper', '--password-stdin'],
    { env: ceod.env, input: `${password}\n` },
  );
  outcomes.push(outcome);
  return outcome.status;
}

/** ENOENT, or of a file system that is unmounted: ENOTCONN, ECONNABORTED. */
const GONE: readonly (string | undefined)[] = ['ENOENT', 'ENOTCONN', 'ECONNABORTED'];

const gone =
  <T>(instead: T) =>
  (error: NodeJS.ErrnoException): T => {
    if (GONE.includes(error.code)) return instead;
    throw error;
  };

/** Files that were written since then. What other tests take away meanwhile is not there any more. */
async function* filesWritten(since: number, dir: string): AsyncGenerator<string> {
  for (const entry of await readdir(dir, { withFileTypes: true }).catch(gone([]))) {
    const file = path.join(dir, entry.name);
    if (entry.isDirectory()) yield* filesWritten(since, file);
    if (!entry.isFile()) continue;
    const stats = await stat(file).catch(gone(undefined));
    if (stats !== undefined && stats.ctimeMs >= since) yield file;
  }
}

test('the password of a new member, of a refused one, of one who exists', async () => {
  // The kernel's clock for files may be a tick behind.
  const startedAt = Date.now() - 1_000;
  expect(await add('secret1', SECRET)).toBe(0);
  expect(await add('secret1', SECRET)).toBe(9);
  expect(await add('secret2', SHORT_SECRET)).toBe(1);
  expect(outcomes.at(-1)?.stderr).toContain('Password is too short');
  const json = JSON.stringify({
    type: 'MEMBER',
    username: 'Secret',
    password: SECRET,
    nonsense: 1,
  });
  outcomes.push(
    await runAs('ctdalek', ['ceoc', 'adduser', '--json'], { env: ceod.env, input: json }),
  );
  outcomes.push(
    await runAs('ctdalek', ['ceoc', 'adduser'], { env: ceod.env, input: `\x08\x09${SECRET}` }),
  );
  watching = false;
  await watcher;

  const said = outcomes.map(({ stdout, stderr }) => stdout + stderr).join('\n');
  expect([...seen].some((text) => text.includes('kadmin'))).toBe(true);
  const leaks: string[] = [];
  for (const secret of [SECRET, SHORT_SECRET]) {
    if (said.includes(secret)) leaks.push('what the programs said');
    if ([...seen].some((text) => text.includes(secret))) leaks.push('/proc');
    for await (const file of filesWritten(startedAt, folder)) {
      const content = await readFile(file).catch(gone(Buffer.alloc(0)));
      if (content.includes(secret)) leaks.push(file);
    }
  }
  expect(leaks).toEqual([]);
  expect(ceod.log().some((line) => JSON.stringify(line).includes('[redacted]'))).toBe(true);
});
