/**
 * The programs of ceo in the sandbox's own folder: root's, as ceod wants what it runs to be,
 * whoever the checkout belongs to, and where session processes can read them.
 */
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writableByOthers } from '../src/config/permissions.js';
import { checkout } from './checkout.js';
import { run } from './run.js';

/** Where dist/ and what it needs are, for a sandbox in this folder. */
export const programsOf = (folder: string): string => join(folder, 'programs');

/** What runs ceod: this process's Node, or a copy of it if others can write that. */
export function nodeOf(folder: string): string {
  const copy = copyOfNode(folder);
  return existsSync(copy) ? copy : process.execPath;
}

const copyOfNode = (folder: string): string => join(programsOf(folder), 'node');

/** What the bundles load that is in none of them. */
const PACKAGES = ['kerberos', `@koromix/koffi-linux-${process.arch}`];

/** Puts them there. */
export async function installPrograms(folder: string): Promise<void> {
  const target = programsOf(folder);
  await mkdir(target);
  await Promise.all(
    ['package.json', 'dist', ...PACKAGES.map((name) => join('node_modules', name))]
      .filter((name) => existsSync(join(checkout, name)))
      .map((name) =>
        cp(join(checkout, name), join(target, name), { recursive: true, dereference: true }),
      ),
  );
  if (writableByOthers([process.execPath]).length > 0) {
    await copyFile(process.execPath, copyOfNode(folder));
  }
  // A copy has the modes of the checkout, which its own umask gave it.
  await run('chmod', ['-R', 'a+rX,go-w', target]);
}
