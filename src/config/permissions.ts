/**
 * What a daemon that runs as root must be able to rely on: nobody else can
 * change its configuration or read its keys.
 */
import { statSync, type Stats } from 'node:fs';
import path from 'node:path';

/** Something that is wrong with a file, and the commands that mend it. */
export interface Problem {
  readonly file: string;
  readonly problem: string;
  readonly mend: string;
}

const GROUP_WRITE = 0o020;
const OTHER_WRITE = 0o002;
const OTHER_READ = 0o004;
const STICKY = 0o1000;

/** The problems of configuration files and of every folder above them. */
export function writableByOthers(files: readonly string[]): Problem[] {
  const withParents = new Set(files.flatMap((file) => [file, ...parents(file)]));
  return [...withParents].flatMap((file) => {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined) return [];
    const mend = `chown root:root ${file} && chmod go-w ${file}`;
    if (stats.uid !== 0) return [{ file, problem: 'does not belong to root', mend }];
    return othersWrite(stats) ? [{ file, problem: 'can be written by others', mend }] : [];
  });
}

/** The problems of a keytab that may be read by root and the users of one group alone. */
export function keytabProblems(
  file: string,
  readableBy: { uid: number; gid: number; name: string } | undefined,
): Problem[] {
  const stats = statSync(file, { throwIfNoEntry: false });
  const mend =
    readableBy === undefined || readableBy.uid === 0
      ? `chown root:root ${file} && chmod 0600 ${file}`
      : `chown root:${readableBy.gid} ${file} && chmod 0640 ${file}`;
  if (stats === undefined)
    return [{ file, problem: 'does not exist', mend: `kadmin -q 'ktadd -k ${file} …'` }];
  const groupIsFine = readableBy !== undefined && stats.gid === readableBy.gid && stats.gid !== 0;
  const ownerIsFine = stats.uid === 0 || stats.uid === readableBy?.uid;
  if (!ownerIsFine || (stats.mode & (OTHER_READ | OTHER_WRITE | GROUP_WRITE)) !== 0) {
    return [{ file, problem: 'can be read or changed by others', mend }];
  }
  if ((stats.mode & 0o040) !== 0 && !groupIsFine) {
    return [{ file, problem: `can be read by the group ${stats.gid}`, mend }];
  }
  if (readableBy !== undefined && readableBy.uid !== 0 && !readable(stats, readableBy)) {
    return [{ file, problem: `cannot be read by ${readableBy.name}`, mend }];
  }
  return [];
}

function readable(stats: Stats, { uid, gid }: { uid: number; gid: number }): boolean {
  if (stats.uid === uid) return (stats.mode & 0o400) !== 0;
  return stats.gid === gid && (stats.mode & 0o040) !== 0;
}

/** In a sticky folder nobody can replace what belongs to root. */
function othersWrite(stats: Stats): boolean {
  if (stats.isDirectory() && (stats.mode & STICKY) !== 0) return false;
  const groupWrites = (stats.mode & GROUP_WRITE) !== 0 && stats.gid !== 0;
  return groupWrites || (stats.mode & OTHER_WRITE) !== 0;
}

function parents(file: string): string[] {
  const parent = path.dirname(file);
  return parent === file ? [] : [parent, ...parents(parent)];
}
