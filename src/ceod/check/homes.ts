/** The folders in which homes are made: there, root's, and mounted where they should be. */
import path from 'node:path';
import { readRegularText } from '../../regularFile.js';
import { shellWord } from '../../shellWord.js';
import { statOf } from './files.js';
import { fault, type Finding } from './finding.js';
import type { Host } from './host.js';

const OTHERS_WRITE = 0o022;
const OTHERS_ENTER = 0o001;

export const homeFolders = ({ accounts }: Pick<Host, 'accounts'>): readonly string[] => [
  ...new Set([accounts.memberHome, accounts.clubHome]),
];

export async function homes(host: Host): Promise<Finding[]> {
  const found = await Promise.all(homeFolders(host).map((folder) => home(folder, host.timeoutMs)));
  return found.flat();
}

async function home(folder: string, timeoutMs: number): Promise<Finding[]> {
  const mount = mountAbove(folder);
  if (mount !== undefined && !(await isMounted(mount, timeoutMs))) {
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
  const places = readFstab()
    .map(([, place = '']) => place)
    .filter((place) => place.startsWith('/') && place !== '/')
    .filter((place) => `${folder}/`.startsWith(`${place.replace(/\/$/, '')}/`));
  return places.sort((one, other) => other.length - one.length)[0];
}

function readFstab(): string[][] {
  let text: string;
  try {
    text = readRegularText('/etc/fstab');
  } catch {
    return [];
  }
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
    .filter(([, , , options = '']) => !options.split(',').includes('noauto'));
}

/** A file system of its own, which the folder above it is not on. */
async function isMounted(place: string, timeoutMs: number): Promise<boolean> {
  const [here, above] = await Promise.all([
    statOf(place, timeoutMs),
    statOf(path.dirname(place), timeoutMs),
  ]);
  return here !== undefined && here.device !== above?.device;
}
