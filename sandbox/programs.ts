/** The programs of ceo where everybody in the sandbox can read them: session processes are not root. */
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkout } from './checkout.js';

/** Where dist/ and what it needs are, for a sandbox in this folder. */
export const programsOf = (folder: string): string => join(folder, 'programs');

/** Puts them there: a link to the checkout, or a copy if that is root's alone. */
export async function installPrograms(folder: string): Promise<void> {
  const target = programsOf(folder);
  if (await everybodyReads(checkout)) {
    await symlink(checkout, target);
    return;
  }
  await mkdir(target);
  await Promise.all(
    ['package.json', 'dist', ...runtimePackages()]
      .filter((name) => existsSync(join(checkout, name)))
      .map((name) => cp(join(checkout, name), join(target, name), { recursive: true })),
  );
}

/** Folders of the packages that are not for development, as package-lock.json has them. */
function runtimePackages(): string[] {
  const lock = JSON.parse(readFileSync(join(checkout, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
  };
  return Object.entries(lock.packages)
    .filter(([name]) => /^node_modules\/(?:@[^/]+\/)?[^/]+$/.test(name))
    .filter(([, { dev, devOptional }]) => dev !== true && devOptional !== true)
    .map(([name]) => name);
}

const READ_AND_SEARCH = 0o005;

/** Whether everybody may enter a folder and all those above it. */
async function everybodyReads(folder: string): Promise<boolean> {
  const { mode } = await stat(folder);
  if ((mode & READ_AND_SEARCH) !== READ_AND_SEARCH) return false;
  return folder === '/' || everybodyReads(dirname(folder));
}
