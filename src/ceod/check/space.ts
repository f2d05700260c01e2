/** Room on the file systems that ceod writes to: a full one ends sign-ups half-way. */
import path from 'node:path';
import { homeFolders } from '../../config/settings.js';
import { shellWord } from '../../shellWord.js';
import { freeAt, statOf } from './files.js';
import { fault, type Finding } from './finding.js';
import { makesAccounts, type Host } from './host.js';

/** In percent. */
const LEAST = 5;

export async function space(host: Host): Promise<Finding[]> {
  const { stateDir, runtimeDir } = host.ceod;
  const places = [
    ...(makesAccounts(host)
      ? homeFolders(host.accounts).map((folder) => ['homes', folder] as const)
      : []),
    ['state_dir', stateDir] as const,
    ['runtime_dir', runtimeDir] as const,
  ];
  const found = await Promise.all(
    places.map(async ([name, folder]) => {
      const place = await nearest(folder, host.timeoutMs);
      const free = await freeAt(place, host.timeoutMs);
      return [
        ...tooLittle(`space.${name}`, 'space', free.space, folder),
        ...tooLittle(`space.${name}.inodes`, 'inodes', free.inodes, folder),
      ];
    }),
  );
  return found.flat();
}

/** The folder, or that in which ceod would make it. */
async function nearest(folder: string, timeoutMs: number): Promise<string> {
  if (folder === '/' || (await statOf(folder, timeoutMs)) !== undefined) return folder;
  return nearest(path.dirname(folder), timeoutMs);
}

function tooLittle(
  id: string,
  what: 'space' | 'inodes',
  free: number | undefined,
  folder: string,
): Finding[] {
  if (free === undefined || free >= LEAST) return [];
  const flag = what === 'inodes' ? '--inodes ' : '';
  const mend = `du -x ${flag}-d 2 ${shellWord(folder)} | sort -n | tail`;
  return [fault(id, `only ${free.toFixed(1)} % of the ${what} are free at ${folder}`, mend)];
}
