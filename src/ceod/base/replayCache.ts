/**
 * The one replay cache of all session processes: by itself libkrb5 has one for each uid, and a
 * session process has a uid of its own. Their group can write it, and nobody else.
 */
import { lstatSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { Problem } from '../../config/permissions.js';
import { CeoError } from '../../errors.js';
import { shellWord } from '../../shellWord.js';

const MODE = 0o660;

/** @throws CeoError config, if the environment names another kind of cache */
export function replayCacheFile(runtimeDir: string): string {
  const name = process.env['KRB5RCACHENAME'];
  if (name === undefined) return path.join(runtimeDir, 'replay');
  const [, file] = /^file2:(\/.*)$/.exec(name) ?? [];
  if (file !== undefined) return file;
  throw new CeoError('config', `KRB5RCACHENAME is ${name}: not a cache that all sessions share.`, {
    next: 'Unset it, or give it an absolute path: KRB5RCACHENAME=file2:PATH',
  });
}

/** What is wrong with it, if it is there; its folder is root's affair. @throws CeoError config */
export function replayCacheProblems(runtimeDir: string, group: number): Problem[] {
  const file = replayCacheFile(runtimeDir);
  const stats = lstatSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  const remove = `rm -rf ${shellWord(file)}`;
  if (!stats.isFile() || stats.nlink !== 1) {
    return [{ file, problem: 'is not a file of its own', mend: remove }];
  }
  const isOurs = stats.uid === 0 && stats.gid === group && (stats.mode & 0o7777) === MODE;
  const problem = 'is not a replay cache for session_user alone';
  return isOurs ? [] : [{ file, problem, mend: remove }];
}

/** Makes it, unless it is there. @returns its path @throws CeoError config */
export async function prepareReplayCache(
  runtimeDir: string,
  sessionUser: { readonly gid: number } | undefined,
): Promise<string> {
  const file = replayCacheFile(runtimeDir);
  const made = await open(file, 'wx', 0o600).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
  if (made !== undefined && sessionUser !== undefined) {
    await made.chown(0, sessionUser.gid);
    await made.chmod(MODE);
  }
  await made?.close();
  return file;
}
