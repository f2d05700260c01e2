/** The folders in which homes are made: there, root's, and mounted where they should be. */
import path from 'node:path';
import { homeFolders } from '../../config/settings.js';
import { readRegularText } from '../../regularFile.js';
import { shellWord } from '../../shellWord.js';
import { statOf } from './files.js';
import { fault, type Finding } from './finding.js';
import type { Host } from './host.js';

const OTHERS_WRITE = 0o022;
const OTHERS_ENTER = 0o001;

export async function homes(host: Host): Promise<Finding[]> {
  const found = await Promise.all(
    homeFolders(host.accounts).map((folder) => home(folder, host.timeoutMs)),
  );
  return found.flat();
}

async function home(folder: string, timeoutMs: number): Promise<Finding[]> {
  const mount = mountAbove(folder);
  if (mount !== undefined && !isMounted(mount)) {
    const what = `${folder} is to be on ${mount}, as /etc/fstab has it, which is not mounted`;
    return [fault('homes.unmounted', what, `mount ${shellWord(mount)}`)];
  }
  const stat = await statOf(folder, timeoutMs);
  if (stat?.kind !== 'folder') {
    const what = `${folder} ${stat === undefined ? 'does not exist' : 'is no folder'}`;
    const mend = `install -d -m 0755 -o root -g root ${shellWord(folder)}`;
    return [fault('homes.absent', what, mend)];
  }
  const found: Finding[] = [];
  if (stat.uid !== 0) {
    const what = `${folder} belongs to the uid ${stat.uid}, and not to root`;
    found.push(fault('homes.owner', what, `chown root:root ${shellWord(folder)}`));
  }
  if ((stat.mode & OTHERS_WRITE) !== 0 || (stat.mode & OTHERS_ENTER) === 0) {
    const how = (stat.mode & OTHERS_WRITE) !== 0 ? 'others can write' : 'nobody can enter';
    const what = `${folder} has the mode ${stat.mode.toString(8)}: ${how}`;
    found.push(fault('homes.mode', what, `chmod 0755 ${shellWord(folder)}`));
  }
  return found;
}

/** The place of fstab(5) that a folder is on, unless that is the root of all. */
function mountAbove(folder: string): string | undefined {
  const places = linesOf('/etc/fstab')
    .filter(([, , , options = '']) => !options.split(',').includes('noauto'))
    .map(([, place = '']) => path.resolve('/', place))
    .filter((place) => place !== '/' && `${folder}/`.startsWith(`${place}/`));
  return places.sort((one, other) => other.length - one.length)[0];
}

/** By the kernel's list: to look at the place itself could take for ever. */
const isMounted = (place: string): boolean =>
  linesOf('/proc/self/mounts').some(([, mounted]) => mounted === place);

/** The fields of fstab(5), which those of the kernel's list share; none if it cannot be read. */
function linesOf(file: string): string[][] {
  let text: string;
  try {
    text = readRegularText(file);
  } catch {
    return [];
  }
  const unescaped = (field: string) =>
    field.replace(/\\([0-7]{3})/g, (_match, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/).map(unescaped))
    .filter(([, place = '']) => place.startsWith('/'));
}
