/** Removing a folder whose content belongs to somebody else. */
import { run, SYSTEM_PATH } from './run.js';

const TIMEOUT_MS = 10_000;

/**
 * By rm(1), which goes from folder to folder by openat(2) and never follows a link that somebody
 * puts in the way meanwhile. Node's own rm goes by path: whoever owns a folder in the tree could
 * lead it elsewhere. What is mounted in it stays.
 * @throws Error if it is not removed
 */
export async function removeTree(folder: string, timeoutMs = TIMEOUT_MS): Promise<void> {
  const { status, stderr } = await run('rm', ['-rf', '--one-file-system', '--', folder], {
    env: { PATH: SYSTEM_PATH, LANG: 'C' },
    timeoutMs,
  });
  if (status !== 0) throw new Error(stderr.split('\n')[0] || `${folder} is not yet removed`);
}
