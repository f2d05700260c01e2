/** The pid of a daemon in the background, for scripts: RUNTIME_DIR/ceod.pid, one decimal line. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CeodSettings } from '../../config/settings.js';

const pidFile = ({ runtimeDir }: CeodSettings) => path.join(runtimeDir, 'ceod.pid');

/** Replaces one that an earlier daemon has left. */
export async function writePidFile(settings: CeodSettings, pid: number): Promise<void> {
  const file = pidFile(settings);
  await rm(file, { force: true });
  await writeFile(file, `${pid}\n`, { flag: 'wx', mode: 0o644 });
}

/** Removes this process's own, if there is one. */
export async function removePidFile(settings: CeodSettings): Promise<void> {
  const file = pidFile(settings);
  const text = await readFile(file, 'utf8').catch(() => '');
  if (text === `${process.pid}\n`) await rm(file, { force: true });
}
