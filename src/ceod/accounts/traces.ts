/**
 * What an earlier holder of a name or a uid has left on this host: mail, jobs, memberships. A new
 * account would come into it.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { isTaken } from './home.js';
import { run, SYSTEM_PATH } from '../../process/run.js';

/** Folders in which a file is its user's by name. */
const BY_NAME: readonly (readonly [what: string, folder: string])[] = [
  ['mail', '/var/mail'],
  ['mail', '/var/spool/mail'],
  ['crontab', '/var/spool/cron/crontabs'],
  ['crontab', '/var/spool/cron'],
  ['processes kept running', '/var/lib/systemd/linger'],
];

/** Files whose lines name users. */
const BY_LINE: readonly {
  readonly what: string;
  readonly files: string;
  /** The names for which a line does something. */
  readonly names: (line: string) => readonly string[];
}[] = [
  { what: 'group(5)', files: '/etc/group', names: (line) => list(line.split(':')[3]) },
  {
    what: 'gshadow(5)',
    files: '/etc/gshadow',
    names: (line) => line.split(':').slice(2, 4).flatMap(list),
  },
  { what: 'subuid(5)', files: '/etc/subuid', names: firstField },
  { what: 'subgid(5)', files: '/etc/subgid', names: firstField },
  { what: 'aliases(5)', files: '/etc/aliases', names: firstField },
  { what: 'sudoers(5)', files: '/etc/sudoers', names: sudoUsers },
  { what: 'sudoers(5)', files: '/etc/sudoers.d/*', names: sudoUsers },
  { what: 'crontab(1)', files: '/etc/cron.allow', names: (line) => [line.trim()] },
  { what: 'at(1)', files: '/etc/at.allow', names: (line) => [line.trim()] },
];

/** Folders in which what belongs to a uid is its user's; in /proc these are processes. */
const OF_UID = ['/var/mail', '/var/spool/cron/crontabs', '/var/spool/cron/atjobs', '/proc'];

/**
 * @param root instead of `/`, where all of it is looked for
 * @returns what there is, each with where
 */
export async function tracesOfName(name: string, root = '/'): Promise<string[]> {
  const own = BY_NAME.map(async ([what, folder]) => {
    const file = path.join(root, folder, name);
    const isThere = await isTaken(file).catch(unlessAbsent(false));
    return isThere ? [`${what} (${file})`] : [];
  });
  const lines = BY_LINE.map(async ({ what, files, names }) => {
    const found = await Promise.all(
      (await expanded(path.join(root, files))).map(async (file) => {
        const text = await readFile(file, 'utf8').catch(unlessAbsent(''));
        const isNamed = text
          .split('\n')
          .filter((line) => !/^\s*#/.test(line))
          .some((line) => names(line).includes(name));
        return isNamed ? [`a line of ${what} (${file})`] : [];
      }),
    );
    return found.flat();
  });
  const found = (await Promise.all([...own, ...lines])).flat();
  // One folder may be a link to another.
  return [...new Set(found)].sort();
}

/**
 * The uids to which files or processes belong: in these folders, and in those of the system.
 * Attributes that the kernel has are good enough, so that a home whose file system hangs is not
 * waited for.
 * @throws Error if it cannot be established in time
 */
export async function uidsWithTraces(
  folders: readonly string[],
  timeoutMs: number,
): Promise<ReadonlySet<number>> {
  const { status, timedOut, stdout } = await run(
    'sh',
    ['-c', OWNERS, 'sh', ...folders, ...OF_UID],
    {
      env: { PATH: SYSTEM_PATH, LANG: 'C' },
      timeoutMs,
    },
  );
  if (status !== 0 || timedOut) throw new Error('the owners of files cannot be looked for in time');
  return new Set(stdout.split('\n').filter(Boolean).map(Number));
}

/** Of these folders. What goes away meanwhile, as processes do, is none. */
const OWNERS = `
for folder; do
  [ ! -d "$folder" ] || find "$folder" -mindepth 1 -maxdepth 1 -print0
done 2>/dev/null |
  xargs -0 -r sh -c 'stat --cached=always --format %u -- "$@" 2>/dev/null; :' sh |
  sort -nu`;

function list(members = ''): string[] {
  return members.split(',').map((member) => member.trim());
}

function firstField(line: string): string[] {
  return [line.split(':')[0]?.trim() ?? ''];
}

/** The users and groups at the beginning of a rule or an alias. */
function sudoUsers(line: string): string[] {
  return line.split(/[\s,=:]+/).map((word) => word.replace(/^%/, ''));
}

async function expanded(pattern: string): Promise<string[]> {
  if (!pattern.endsWith('/*')) return [pattern];
  const folder = path.dirname(pattern);
  const names = await readdir(folder).catch(unlessAbsent<string[]>([]));
  return names.map((name) => path.join(folder, name));
}

/** What is not there, or is not for ceod to see, as it is not root, holds nothing. */
const unlessAbsent =
  <T>(nothing: T) =>
  (error: unknown): T => {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR'].includes(code)) return nothing;
    throw error;
  };
