/** The Node of the package ceo-node: from npm's registry, as the lock file in node/ has it. */
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { BUILD, inCheckout } from './checkout.js';
import { output } from './program.js';

const FOLDER = path.join(BUILD, 'node');
const PACKAGE = `node-linux-${process.arch}`;

export interface Node {
  readonly version: string;
  readonly folder: string;
}

let installing: Promise<Node> | undefined;

/** Installs it below build/, unless it is there; once for all who ask. */
export const ownNode = (): Promise<Node> => (installing ??= install());

async function install(): Promise<Node> {
  const files = ['package.json', 'package-lock.json'] as const;
  const wanted = await Promise.all(
    files.map((file) => readFile(inCheckout('packaging', 'node', file), 'utf8')),
  );
  const { packages } = JSON.parse(wanted[1] ?? '') as {
    packages: Record<string, { version: string }>;
  };
  const version = packages[`node_modules/${PACKAGE}`]?.version;
  if (version === undefined) throw new Error(`packaging/node has no Node for ${process.arch}`);
  const folder = path.join(FOLDER, 'node_modules', PACKAGE);
  // npm writes its own lock file last.
  const present = await readFile(path.join(FOLDER, 'node_modules', '.package-lock.json'), 'utf8')
    .then((text) => (JSON.parse(text) as { packages: typeof packages }).packages)
    .catch(() => undefined);
  if (present?.[`node_modules/${PACKAGE}`]?.version === version) return { version, folder };
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  await Promise.all(
    files.map((file) => cp(inCheckout('packaging', 'node', file), path.join(FOLDER, file))),
  );
  const cache = path.join(FOLDER, 'cache');
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await output(['npm', 'ci', ...options, '--cache', cache], { cwd: FOLDER });
  await rm(cache, { recursive: true, force: true });
  // npm passes over an optional package that it cannot get, without a word.
  if (!existsSync(path.join(folder, 'bin', 'node')))
    throw new Error(`npm did not bring ${PACKAGE} ${version}: try again`);
  return { version, folder };
}
