/** Promise: each guard that `npm run mutation` takes away is there, once, and so are its tests. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { mutants } from '../mutation/mutants.js';

const checkout = path.resolve(import.meta.dirname, '..');

test.each(mutants.map((mutant) => [mutant.name, mutant] as const))('%s', (_name, mutant) => {
  const source = readFileSync(path.join(checkout, mutant.file), 'utf8');
  expect(source.split(mutant.from)).toHaveLength(2);
  for (const file of mutant.tests) expect(existsSync(path.join(checkout, file))).toBe(true);
});
