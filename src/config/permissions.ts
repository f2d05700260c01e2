/**
 * What a daemon that runs as root must be able to rely on: nobody else can
 * change its configuration or read its keys.
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

/** A Unix user as passwd(5) has it. */
export interface Reader {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

const GROUP_READ = 0o040;
const GROUP_WRITE = 0o020;
const OTHER_READ = 0o004;
const OTHER_WRITE = 0o002;
const STICKY = 0o1000;

/**
 * Files that somebody other than root could change or replace: the files
 * themselves, every folder above them, and where symbolic links lead. Files
 * that do not exist are passed over.
 */
export function writableByOthers(files: readonly string[]): Problem[] {
  const places = new Map<string, Stats>();
  for (const file of files) collectPlaces(path.resolve(file), places);
  return [...places].flatMap(([file, stats]) => {
    const isLink = stats.isSymbolicLink();
    const mend = isLink
      ? `chown -h root:root ${shellWord(file)}`
      : `chown root:root ${shellWord(file)} && chmod go-w ${shellWord(file)}`;
    if (stats.uid !== 0) return [{ file, problem: 'does not belong to root', mend }];
    // A link has no mode of its own, symlink(7).
    if (isLink || !othersWrite(stats)) return [];
    return [{ file, problem: 'can be written by others', mend }];
  });
}

/** Every name on the way from the root to a file, in this order. */
function collectPlaces(file: string, places: Map<string, Stats>): void {
  if (places.has(file)) return;
  const folder = path.dirname(file);
  if (folder !== file) collectPlaces(folder, places);
  const stats = lstatSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return;
  places.set(file, stats);
  if (stats.isSymbolicLink()) collectPlaces(path.resolve(folder, readlinkSync(file)), places);
}

/** In a sticky folder nobody can replace what belongs to root. */
function othersWrite(stats: Stats): boolean {
  if (stats.isDirectory() && (stats.mode & STICKY) !== 0) return false;
  return (stats.mode & (GROUP_WRITE | OTHER_WRITE)) !== 0;
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
