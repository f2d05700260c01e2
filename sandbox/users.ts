/** Unix users that Debian's packages make. */
import { run } from './run.js';

export interface UnixUser {
  uid: number;
  gid: number;
}

/** This user's ids; rejects when there is no such user. */
export async function unixUser(name: string): Promise<UnixUser> {
  const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
  return { uid: Number(uid), gid: Number(gid) };
}
