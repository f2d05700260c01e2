/** Promise: it is known what is installed on a host that holds keys, to the byte. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { packagesLoadedBy } from '../support/packages.js';

const checkout = path.join(import.meta.dirname, '..', '..');
const dist = path.join(checkout, 'dist');

const manifest = JSON.parse(readFileSync(path.join(dist, 'manifest.json'), 'utf8')) as {
  packages: { name: string; version: string; integrity: string }[];
  files: Record<string, string>;
};
const lock = JSON.parse(readFileSync(path.join(checkout, 'package-lock.json'), 'utf8')) as {
  packages: Record<
    string,
    { version: string; integrity: string; dev?: boolean; hasInstallScript?: boolean }
  >;
};

test('every file of the build is listed, with its hash', async () => {
  const entries = await readdir(dist, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.relative(dist, path.join(parentPath, name)))
    // The mark of a build that went well, and the list itself.
    .filter((name) => name !== '.built' && name !== 'manifest.json');
  expect(Object.keys(manifest.files).sort()).toEqual(files.sort());
  for (const [name, hash] of Object.entries(manifest.files)) {
    const content = await readFile(path.join(dist, name));
    expect(`sha512-${createHash('sha512').update(content).digest('base64')}`).toBe(hash);
  }
});

test('every package in it is one of the lock file, with a hash and no development package', () => {
  expect(manifest.packages.length).toBeGreaterThan(20);
  for (const { name, version, integrity } of manifest.packages) {
    expect(integrity).toMatch(/^sha512-/);
    const locked = Object.entries(lock.packages).filter(
      ([folder, each]) => folder.endsWith(`node_modules/${name}`) && each.version === version,
    );
    expect(locked.some(([, each]) => each.integrity === integrity && each.dev !== true)).toBe(true);
  }
});

test('what the programs load is in the list', async () => {
  const listed = manifest.packages.map(({ name }) => name);
  for (const command of [
    ['ceo', 'members', 'get', 'ctdalek'],
    ['ceoc', '--help'],
  ] as const) {
    for (const name of await packagesLoadedBy('ctdalek', [...command])) {
      expect(listed).toContain(name);
    }
  }
});

test('one package alone runs a program of its own when it is installed', () => {
  const { allowScripts } = JSON.parse(
    readFileSync(path.join(checkout, 'package.json'), 'utf8'),
  ) as { allowScripts: Record<string, boolean> };
  const allowed = Object.keys(allowScripts).filter((name) => allowScripts[name]);
  expect(allowed).toEqual(['kerberos']);
  expect(readFileSync(path.join(checkout, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
  const withScripts = Object.entries(lock.packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([folder]) => folder.replace(/.*node_modules\//, ''));
  expect(withScripts.filter((name) => !Object.hasOwn(allowScripts, name))).toEqual([]);
});
