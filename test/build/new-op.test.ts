/** Promise: `npm run new-op` makes all that an op consists of: it compiles, and is known everywhere. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';

const root = path.resolve(import.meta.dirname, '../..');
const copy = mkdtempSync(path.join(os.tmpdir(), 'ceo-new-op-'));
afterAll(() => rmSync(copy, { recursive: true }));

const run = (...[program = '', ...args]: string[]) =>
  execFileSync(path.join(root, 'node_modules/.bin', program), args, {
    cwd: copy,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${root}/node_modules/.bin:${process.env['PATH'] ?? ''}` },
  });

test('SetShell', () => {
  for (const name of ['src', 'proto', 'scripts', 'etc', 'docs', 'test', 'sandbox'])
    cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  for (const name of ['package.json', 'tsconfig.json', 'buf.yaml', 'buf.gen.yaml'])
    cpSync(path.join(root, name), path.join(copy, name));
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  run('tsx', 'scripts/newOp.ts', 'SetShell');
  const include = ['src', 'test/system/ceod/setshell.test.ts'];
  const narrow = { extends: './tsconfig.json', include };
  writeFileSync(path.join(copy, 'tsconfig.narrow.json'), JSON.stringify(narrow));
  run('tsc', '--noEmit', '-p', 'tsconfig.narrow.json');
  run('buf', 'lint');
  const read = (file: string) => readFileSync(path.join(copy, file), 'utf8');
  expect(read('docs/protocol.md')).toContain('| setshell | `ceo.SetShell` |');
  expect(read('docs/protocol.md')).toContain('| setshell | office; syscom |');
  expect(read('etc/ops/setshell')).toMatch(/setshell root 0x14\n$/);
  expect(run('tsx', 'src/ceoc/main.ts', 'list')).toContain('setshell');
  expect(() => run('tsx', 'scripts/newOp.ts', 'SetShell')).toThrow(/such as SetShell/);
});
