/**
 * dist/manifest.json: what a host that runs this build has on it. Every package that is in the
 * bundles or loaded beside them, with the hash that the lock file has of it, and a hash of every
 * file.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What is loaded from node_modules, as it cannot be bundled. */
const BESIDE = /^node_modules\/(kerberos|@koromix\/koffi-linux-(x64|arm64))$/;

/** @typedef {{ packages: Record<string, { version: string, integrity?: string }> }} Lock */

/**
 * @param {string} dist the folder of the build
 * @param {readonly import('esbuild').Metafile[]} metafiles
 */
export function writeManifest(dist, metafiles) {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const bundled = new Set(inputs.map(folderOfPackage).filter((folder) => folder !== undefined));
  const lock = /** @type {Lock} */ (JSON.parse(readFileSync('package-lock.json', 'utf8')));
  const packages = Object.entries(lock.packages)
    .filter(([folder]) => bundled.has(folder) || BESIDE.test(folder))
    .map(([folder, { version, integrity }]) => ({
      name: folder.replace(/.*node_modules\//, ''),
      version,
      integrity,
    }));
  const files = Object.fromEntries(
    readdirSync(dist, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => path.join(parentPath, name))
      .sort()
      .map((file) => [path.relative(dist, file), `sha512-${hashOf(file)}`]),
  );
  const manifest = JSON.stringify({ packages, files }, undefined, 2);
  writeFileSync(path.join(dist, 'manifest.json'), `${manifest}\n`);
}

/** @param {string} input as esbuild names it, such as `node_modules/a/node_modules/@b/c/index.js` */
const folderOfPackage = (input) =>
  /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input.replace(/^.*?(?=node_modules\/)/, ''))?.[0];

/** @param {string} file */
const hashOf = (file) => createHash('sha512').update(readFileSync(file)).digest('base64');
