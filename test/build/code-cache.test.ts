/** Promise: V8 takes the code cache of every program that was built. */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

/** In a process without what jest has set. */
const LOOK = `
  const { readFileSync } = require('node:fs');
  const { Script } = require('node:vm');
  for (const code of process.argv.slice(1)) {
    const cachedData = readFileSync(code.replace(/js$/, 'cache'));
    const { cachedDataRejected } = new Script(readFileSync(code, 'latin1'), { cachedData });
    if (cachedDataRejected) console.log(code);
  }`;

test('none is rejected', async () => {
  const files = await readdir('dist', { recursive: true });
  const programs = files.filter((file) => file.endsWith('.code.js')).map((file) => `dist/${file}`);
  expect(programs.length).toBeGreaterThan(0);
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', LOOK, ...programs], {
    env: {},
  });
  expect(stdout).toBe('');
});
