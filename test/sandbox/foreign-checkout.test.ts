/** Promise: the sandbox works, with its ceods as root, whoever the checkout and Node belong to. */
import { execFile } from 'node:child_process';
import { chmod, copyFile, cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const exec = promisify(execFile);
const checkout = fileURLToPath(new URL('../..', import.meta.url));

let copy: string;
beforeAll(async () => {
  copy = await mkdtemp(path.join(tmpdir(), 'ceo-checkout-'));
  for (const name of ['dist', 'etc', 'sandbox', 'src', 'package.json', 'package-lock.json']) {
    await cp(path.join(checkout, name), path.join(copy, name), { recursive: true });
  }
  await symlink(path.join(checkout, 'node_modules'), path.join(copy, 'node_modules'));
});
afterAll(() => rm(copy, { recursive: true, force: true }));

/** A change by way of ceod, in a sandbox of this checkout. */
async function useSandbox(node: string): Promise<string> {
  const { stdout } = await exec(
    node,
    [
      ...['--import', path.join(copy, 'node_modules/tsx/dist/loader.mjs')],
      path.join(copy, 'sandbox/main.ts'),
      ...['exec', 'sh', '-ec'],
      'ceo mail set ctdalek away@example.com && cat "$CEO_SANDBOX/users/ctdalek/.forward"',
    ],
    { env: { ...process.env, CEO_SANDBOX: undefined, NODE_OPTIONS: undefined } },
  );
  return stdout;
}

test('a checkout of somebody else, whose group can write', async () => {
  await chmod(copy, 0o755);
  await exec('chown', ['-R', '-P', '-h', '1000:1000', copy]);
  await exec('chmod', ['-R', 'g+w', path.join(copy, 'dist'), path.join(copy, 'package.json')]);
  expect(await useSandbox(process.execPath)).toContain('away@example.com');
});

test('one that is nobody else’s to read, and a Node of somebody else', async () => {
  const node = path.join(copy, 'node');
  await copyFile(process.execPath, node);
  await exec('chown', ['1000:1000', node]);
  await chmod(copy, 0o700);
  expect(await useSandbox(node)).toContain('away@example.com');
});
