/** The replay cache, which session processes write: who cannot write it serves nobody. */
import path from 'node:path';
import { userInNss } from '../../process/nss.js';
import type { Identity } from '../../process/run.js';
import { shellWord } from '../../shellWord.js';
import { replayCacheFile, replayCacheProblems } from '../base/replayCache.js';
import { holds, statOf } from './files.js';
import { fault, type Finding } from './finding.js';
import type { Host } from './host.js';

export async function replay({ ceod, timeoutMs }: Host): Promise<Finding[]> {
  const user = await userInNss(ceod.sessionUser);
  if (user === undefined) {
    const mend = `adduser --system --group --no-create-home ${shellWord(ceod.sessionUser)}`;
    return [fault('replay.user', `there is no user ${ceod.sessionUser} (session_user)`, mend)];
  }
  const problems = replayCacheProblems(ceod.runtimeDir, user.gid);
  if (problems.length > 0)
    return problems.map(({ file, problem, mend }) =>
      fault('replay.file', `${file} ${problem}`, mend),
    );
  const file = replayCacheFile(ceod.runtimeDir);
  // ceod makes it, and runtime_dir as well.
  if ((await statOf(file, timeoutMs)) === undefined) return [];
  const session = { uid: ceod.sessionUids.first, gid: user.gid, groups: [] };
  if (await holds('-w', file, session, timeoutMs)) return [];
  const folder = await closed(path.dirname(file), session, timeoutMs);
  const what = `session processes cannot write ${file}: they do not get through ${folder}`;
  return [fault('replay.folder', what, `chmod a+x ${shellWord(folder)}`)];
}

/** The uppermost folder on the way that keeps somebody out. */
async function closed(folder: string, who: Identity, timeoutMs: number): Promise<string> {
  const above = path.dirname(folder);
  if (above === folder || (await holds('-x', above, who, timeoutMs))) return folder;
  return closed(above, who, timeoutMs);
}
