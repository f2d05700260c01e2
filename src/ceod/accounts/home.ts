/**
 * Home directories: built under a private name beside their place, in a folder
 * that only root can enter, and renamed into place when they are complete. So
 * nobody can put a symlink in the way of what root does.
 */
import { constants } from 'node:fs';
import {
  chmod,
  lchown,
  lstat,
  mkdir,
  open,
  readdir,
  readlink,
  rmdir,
  symlink,
} from 'node:fs/promises';
import path from 'node:path';
import { renameNoReplace } from '../../process/rename.js';
import { removeTree } from '../../process/removeTree.js';
import { run } from '../../process/run.js';

export interface HomePlan {
  /** Its final path. */
  readonly home: string;
  /** The private folder in which it is built: a sibling of `home`. */
  readonly staging: string;
  readonly uid: number;
  readonly gid: number;
  readonly skeleton: string;
  /** Contents of ~/.forward, if there is to be one. */
  readonly forward: string | undefined;
  /** Whether everyone in the group may write: access and default ACLs. */
  readonly shared: boolean;
}

/** ACL of a shared home (docs/directory.md), for a gid. */
const sharedAcl = (gid: number) => `u::rwx,g::r-x,o::r-x,g:${gid}:rwx,m::rwx`;

/**
 * Builds the home in its staging folder.
 * @returns its inode number, by which it is recognised after the rename
 */
export async function buildHome(plan: HomePlan, timeoutMs: number): Promise<bigint> {
  await mkdir(plan.staging, { mode: 0o700 });
  const home = stagedHome(plan);
  await mkdir(home);
  await chmod(home, 0o755);
  if (plan.shared) await setAcl(home, sharedAcl(plan.gid), timeoutMs);
  await copySkeleton(plan.skeleton, home, plan);
  if (plan.forward !== undefined) {
    await writeNew(path.join(home, '.forward'), 0o644, Buffer.from(`${plan.forward}\n`), plan);
  }
  await giveTo(home, plan);
  return (await lstat(home, { bigint: true })).ino;
}

/** Renames a built home into place. @throws Error if there is anything already */
export async function installHome(plan: HomePlan): Promise<void> {
  if (await isTaken(plan.home)) throw new Error(`${plan.home} exists already`);
  await renameNoReplace(stagedHome(plan), plan.home);
  await rmdir(plan.staging);
}

/**
 * Removes a home that was built for this plan, wherever it is.
 * @param inode what buildHome returned; undefined if it did not get that far
 * @param timeoutMs for what is in it
 * @returns whether there was anything to remove
 */
export async function removeHome(
  plan: Pick<HomePlan, 'home' | 'staging'>,
  inode: bigint | undefined,
  timeoutMs: number,
): Promise<boolean> {
  const staged = await exists(plan.staging);
  const placed = inode !== undefined && (await inodeOf(plan.home)) === inode;
  if (placed) {
    if (!staged) await mkdir(plan.staging, { mode: 0o700 });
    await renameNoReplace(plan.home, stagedHome(plan));
  }
  if (staged || placed) await removeTree(plan.staging, timeoutMs);
  return staged || placed;
}

const stagedHome = ({ staging }: Pick<HomePlan, 'staging'>) => path.join(staging, 'home');

/**
 * Whether there is a home of that name, also something that is mounted there: the folder above it
 * tells, and not a file system of somebody's that may never answer.
 */
export async function isTaken(home: string): Promise<boolean> {
  return (await readdir(path.dirname(home))).includes(path.basename(home));
}

async function exists(file: string): Promise<boolean> {
  return (await inodeOf(file)) !== undefined;
}

async function inodeOf(file: string): Promise<bigint | undefined> {
  try {
    return (await lstat(file, { bigint: true })).ino;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Copies what root owns (the daemon's own user, when that is not root): regular
 * files, symlinks, and one level of directories, which are left empty.
 */
async function copySkeleton(skeleton: string, home: string, owner: HomePlan): Promise<void> {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  for (const name of await readdir(skeleton)) {
    const from = path.join(skeleton, name);
    const to = path.join(home, name);
    const entry = await lstat(from);
    if (entry.uid !== uid || entry.gid !== gid) continue;
    const mode = entry.mode & 0o7777;
    if (entry.isFile()) {
      await writeNew(to, mode, await readRegular(from), owner);
    } else if (entry.isSymbolicLink()) {
      await symlink(await readlink(from), to);
      await giveTo(to, owner);
    } else if (entry.isDirectory()) {
      await mkdir(to);
      await chmod(to, mode);
      await giveTo(to, owner);
    }
  }
}

async function readRegular(file: string): Promise<Buffer> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

async function writeNew(
  file: string,
  mode: number,
  content: Buffer,
  owner: HomePlan,
): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const handle = await open(file, flags, 0o600);
  try {
    await handle.writeFile(content);
    if (isRoot()) await handle.chown(owner.uid, owner.gid);
    // Behind chown, which clears the set-id bits.
    await handle.chmod(mode);
  } finally {
    await handle.close();
  }
}

/** Gives it to the new user; without root, everything belongs to the one user. */
async function giveTo(file: string, { uid, gid }: HomePlan): Promise<void> {
  if (isRoot()) await lchown(file, uid, gid);
}

const isRoot = () => process.getuid?.() === 0;

async function setAcl(folder: string, acl: string, timeoutMs: number): Promise<void> {
  const inherited = acl.split(',').map((entry) => `d:${entry}`);
  const result = await run('setfacl', ['-m', [acl, ...inherited].join(','), '--', folder], {
    env: { PATH: process.env['PATH'] ?? '', LANG: 'C' },
    timeoutMs,
  });
  if (result.status !== 0) throw new Error(`setfacl: ${result.stderr.trim() || 'timed out'}`);
}
