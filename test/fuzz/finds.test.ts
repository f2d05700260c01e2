/** Promise: what a fuzzer has found once stays mended, and every target begins where it should. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { targets } from '../../fuzz/targets.js';

const folder = path.join(import.meta.dirname, '..', '..', 'fuzz', 'finds');
const kept = existsSync(folder) ? readdirSync(folder) : [];

describe.each(Object.entries(targets))('%s', (name, { fuzz, seeds }) => {
  test('keeps its promises for what the search begins with', () => {
    expect(seeds.length).toBeGreaterThan(0);
    for (const seed of seeds) fuzz(Buffer.from(seed));
  });

  test('keeps them for what once broke one', () => {
    const finds = kept.includes(name) ? readdirSync(path.join(folder, name)) : [];
    for (const find of finds) fuzz(readFileSync(path.join(folder, name, find)));
  });
});

test('finds are of targets that there are', () => {
  expect(kept.filter((name) => !Object.hasOwn(targets, name))).toEqual([]);
});
