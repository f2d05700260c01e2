/** Names and numbers that the system itself uses (NSS: passwd(5), group(5)). */
import { isKnown } from './nss.js';
import { run } from './run.js';

const TIMEOUT_MS = 10_000;
/** getent(1): one or more keys could not be found. */
const NOT_FOUND = 2;

async function getent(database: 'passwd' | 'group', key: string): Promise<string | undefined> {
  const result = await run('getent', ['--', database, key], {
    env: { PATH: process.env['PATH'] ?? '', LANG: 'C' },
    timeoutMs: TIMEOUT_MS,
  });
  if (result.status === 0) return result.stdout.split('\n')[0];
  if (result.status === NOT_FOUND) return undefined;
  throw new Error(`getent ${database}: ${result.stderr.trim() || 'no answer'}`);
}

/** Whether NSS knows the name as a user or a group. */
export async function nameIsInNss(name: string): Promise<'user' | 'group' | undefined> {
  if (await isKnown('user', name)) return 'user';
  return (await isKnown('group', name)) ? 'group' : undefined;
}

/** Whether NSS knows the number as a uid or gid. */
export async function idIsInNss(id: number): Promise<boolean> {
  return (await isKnown('uid', id)) || isKnown('gid', id);
}

/** A Unix user, as NSS knows it: undefined if it does not. */
export async function userInNss(name: string): Promise<{ uid: number; gid: number } | undefined> {
  const fields = (await getent('passwd', name))?.split(':');
  if (fields === undefined) return undefined;
  const [uid, gid] = fields.slice(2, 4).map((field) => (/^\d+$/.test(field) ? Number(field) : NaN));
  if (uid === undefined || gid === undefined || Number.isNaN(uid + gid))
    throw new Error(`${name} has no uid and gid in NSS`);
  return { uid, gid };
}

/** The members that group(5) lists for a group. */
export async function groupMembersInNss(group: string): Promise<string[]> {
  const line = await getent('group', group);
  return (
    line
      ?.split(':')[3]
      ?.split(',')
      .filter((name) => name !== '') ?? []
  );
}
