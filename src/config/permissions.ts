/**
 * What a daemon that runs as root must be able to rely on: nobody else can
 * change what it reads and runs, or read its keys.
 */
import { lstatSync, readlinkSync, statSync, type Stats } from 'node:fs';
import path from 'node:path';
import { shellWord } from '../shellWord.js';

/** Something that is wrong with a file, and the commands that mend it. */
export interface Problem {
  readonly file: string;
  readonly problem: string;
  /** For a shell. */
  readonly mend: string;
}

/** Whose a file is. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** A Unix user as passwd(5) has it. */
export interface Reader extends Owner {
  readonly name: string;
}

const GROUP_READ = 0o040;
const GROUP_WRITE = 0o020;
const OTHER_READ = 0o004;
const OTHER_WRITE = 0o002;
const STICKY = 0o1000;

/** As many as the kernel follows, path_resolution(7). */
const MAX_LINKS = 40;

/**
 * Files that somebody other than root could change or replace: the files
 * themselves, every folder above them, and where symbolic links lead. Files
 * that do not exist are passed over.
 * @param owner who may own and write them as well: for what runs as that user alone
 */
export function writableByOthers(files: readonly string[], owner?: Owner): Problem[] {
  const places = new Map(files.flatMap((file) => placesTo(file).places));
  return [...places].flatMap(([file, stats]) => {
    const isLink = stats.isSymbolicLink();
    const mend = isLink
      ? `chown -h root:root ${shellWord(file)}`
      : `chown root:root ${shellWord(file)} && chmod go-w ${shellWord(file)}`;
    if (stats.uid !== 0 && stats.uid !== owner?.uid) {
      return [{ file, problem: 'does not belong to root', mend }];
    }
    // A link has no mode of its own, symlink(7).
    if (isLink || !othersWrite(stats, owner)) return [];
    return [{ file, problem: 'can be written by others', mend }];
  });
}

/** Whether it is a file, and not a link to one, that belongs to root and that nobody else can write. */
export function isRootsAlone(file: string): boolean {
  const stats = lookAt(file);
  return stats?.isFile() === true && stats.uid === 0 && !modeLetsOthersWrite(stats);
}

/**
 * Folders that root is to make and that somebody else could make first: they
 * do not exist, and what they would be in is for all, such as `/tmp`.
 */
export function claimableByOthers(folders: readonly string[]): Problem[] {
  return folders.flatMap((folder) => {
    const { places, isThere } = placesTo(folder);
    const [, last] = places.at(-1) ?? [];
    if (isThere || last === undefined || (last.mode & STICKY) === 0) return [];
    if (!modeLetsOthersWrite(last)) return [];
    const mend = `install -d -m 0755 -o root -g root ${shellWord(folder)}`;
    return [{ file: folder, problem: 'does not exist, and others could make it', mend }];
  });
}

/** Every name on the way from the root to a file, as the kernel goes it, path_resolution(7). */
function placesTo(file: string): { places: [string, Stats][]; isThere: boolean } {
  const places: [string, Stats][] = [['/', lstatSync('/')]];
  const names = (path.isAbsolute(file) ? file : `${process.cwd()}/${file}`).split('/');
  let folder = '/';
  let links = 0;
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    // What was resolved so far has no links: `..` is the folder above.
    const place = path.join(folder, name);
    const stats = lookAt(place);
    if (stats === undefined) return { places, isThere: false };
    places.push([place, stats]);
    if (!stats.isSymbolicLink()) {
      folder = place;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) return { places, isThere: false };
    const target = readlinkSync(place);
    if (path.isAbsolute(target)) folder = '/';
    names.unshift(...target.split('/'));
  }
  return { places, isThere: true };
}

/** Undefined also for what is below something else than a folder. */
function lookAt(place: string): Stats | undefined {
  try {
    return lstatSync(place);
  } catch {
    return undefined;
  }
}

/** In a sticky folder nobody can replace what belongs to root. */
function othersWrite(stats: Stats, owner: Owner | undefined): boolean {
  if (stats.isDirectory() && (stats.mode & STICKY) !== 0) return false;
  return modeLetsOthersWrite(stats, owner);
}

/** The group bits are also the mask of an access list, acl(5): nobody has more in it. */
function modeLetsOthersWrite({ mode, gid }: Stats, owner?: Owner): boolean {
  if ((mode & OTHER_WRITE) !== 0) return true;
  return (mode & GROUP_WRITE) !== 0 && gid !== owner?.gid;
}

/**
 * What is wrong with a keytab, apart from the folders above it.
 * @param reader who besides root may read it, and must be able to; nobody if undefined
 */
export function readableByOthers(file: string, reader: Reader | undefined): Problem[] {
  const other = reader?.uid === 0 ? undefined : reader;
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) {
    return [{ file, problem: 'does not exist', mend: `kadmin -q 'ktadd -k ${file} PRINCIPAL'` }];
  }
  const mend =
    other === undefined
      ? `chown root:root ${shellWord(file)} && chmod 0600 ${shellWord(file)}`
      : `chown root:${other.gid} ${shellWord(file)} && chmod 0640 ${shellWord(file)}`;
  const wrong = (problem: string) => [{ file, problem, mend }];
  if (!stats.isFile()) return wrong('is not a file');
  if (stats.uid !== 0 && stats.uid !== other?.uid) return wrong('does not belong to root');
  if ((stats.mode & (OTHER_READ | OTHER_WRITE | GROUP_WRITE)) !== 0) {
    return wrong('can be read or changed by others');
  }
  const groupIsReaders = other !== undefined && stats.gid === other.gid && stats.gid !== 0;
  if ((stats.mode & GROUP_READ) !== 0 && stats.gid !== 0 && !groupIsReaders) {
    return wrong(`can be read by the group ${stats.gid}`);
  }
  if (other !== undefined && !readableBy(stats, other)) {
    return wrong(`cannot be read by ${other.name}`);
  }
  return [];
}

function readableBy(stats: Stats, { uid, gid }: Reader): boolean {
  if (stats.uid === uid) return (stats.mode & 0o400) !== 0;
  return stats.gid === gid && (stats.mode & GROUP_READ) !== 0;
}
