/** Compiled files: without what only a debugger reads, and the packages of the libraries they need. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BUILD } from './checkout.js';
import { output } from './program.js';

/** As Debian's own packages have them. */
export const stripped = (file: string): Promise<Buffer> =>
  inFolder(async (folder) => {
    const result = path.join(folder, 'stripped');
    const parts = ['--remove-section=.comment', '--remove-section=.note'];
    await output(['strip', '--strip-unneeded', ...parts, '-o', result, file]);
    return readFile(result);
  });

/** What dpkg-shlibdeps says: which releases of which packages have what these files use. */
export const libraryDependencies = (files: readonly string[]): Promise<string> =>
  inFolder(async (folder) => {
    // It wants a source package around it.
    await mkdir(path.join(folder, 'debian'));
    await writeFile(
      path.join(folder, 'debian', 'control'),
      'Source: ceo\n\nPackage: ceo\nArchitecture: any\n',
    );
    const told = await output(['dpkg-shlibdeps', '-O', ...files.map((file) => `-e${file}`)], {
      cwd: folder,
    });
    return told.trim().replace('shlibs:Depends=', '');
  });

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(BUILD, { recursive: true });
  const folder = await mkdtemp(path.join(BUILD, '.native-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
