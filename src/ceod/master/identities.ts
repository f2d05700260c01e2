/** Who is who in a daemon that runs as root: processes that must not reach each other. */
import path from 'node:path';
import { othersIn } from '../../config/advice.js';
import { configDir, idRanges } from '../../config/settings.js';
import type { Problem } from '../../config/permissions.js';
import type { Range } from '../../config/kinds.js';
import { isKnown } from '../../process/nss.js';
import { shellWord } from '../../shellWord.js';
import { userInNss } from '../../process/nss.js';
import type { DaemonConfig } from '../base/config.js';
import { replayCacheProblems } from '../base/replayCache.js';

interface Holder {
  readonly role: 'session_user' | 'hook_user' | 'ops/*';
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Whom to take instead: the first that is free, made if there is no such user. */
const INSTEAD = {
  session_user: ['ceod', 'ceod-session'],
  hook_user: ['nobody', 'ceod-hook'],
} as const;

/** What is wrong with the users and uids of its processes. @throws CeoError config */
export async function identityProblems(config: DaemonConfig): Promise<Problem[]> {
  const { sessionUser, hookUser, runtimeDir } = config.ceod;
  const opUsers = [...new Set(config.ownRoutes.map(({ user }) => user))];
  const ops = await holders('ops/*', opUsers);
  const [session] = await holders('session_user', [sessionUser]);
  const [hook] = await holders('hook_user', [hookUser]);
  return [
    ...(session === undefined ? [] : await clash(session, ops)),
    ...(hook === undefined ? [] : await clash(hook, session ? [session, ...ops] : ops)),
    ...(await uidProblems(config)),
    ...(session === undefined ? [] : replayCacheProblems(runtimeDir, session.gid)),
  ];
}

/** Those who exist: who does not is told of where it is needed. */
async function holders(role: Holder['role'], names: readonly string[]): Promise<Holder[]> {
  const found = await Promise.all(
    names.map(async (name) => {
      const user = await userInNss(name);
      return user && { role, name, ...user };
    }),
  );
  return found.filter((each) => each !== undefined);
}

/** Processes of one uid have power over each other; those of one group read the same keytabs. */
const areApart = (one: Pick<Holder, 'uid' | 'gid'>, other: Holder) =>
  one.uid !== other.uid && one.gid !== other.gid;

async function clash(one: Holder, others: readonly Holder[]): Promise<Problem[]> {
  const file = `${one.role} = ${one.name}`;
  if (one.uid === 0) return [{ file, problem: 'is root', mend: await mend(one, others) }];
  const other = others.find((each) => !areApart(one, each));
  if (other === undefined) return [];
  const shared = one.uid === other.uid ? 'is the same user as' : 'has the same group as';
  const problem = `${shared} ${other.name} of ${other.role}`;
  // Of all users, nobody is the one whose group should read no keytab.
  const isNobody = other.role === 'session_user' && other.name === 'nobody';
  const rest = others.filter((each) => each !== other);
  return [
    { file, problem, mend: await (isNobody ? mend(other, [one, ...rest]) : mend(one, others)) },
  ];
}

/** The commands that give a role to somebody else: of a key that occurs twice, the last one counts. */
async function mend({ role }: Holder, others: readonly Holder[]): Promise<string> {
  if (role === 'ops/*') throw new Error('op users are as the routes have them');
  for (const name of INSTEAD[role]) {
    const user = await userInNss(name);
    if (user !== undefined && !others.every((other) => areApart(user, other))) continue;
    const set = setting(`${role} = ${name}`);
    if (user !== undefined) return set;
    return `adduser --system --group --no-create-home ${name} && ${set}`;
  }
  return setting(`${role} = USER`);
}

const setting = (line: string) =>
  `echo ${shellWord(line)} >>${shellWord(path.join(configDir(), 'ceod.cf'))}`;

/** Where ranges of uids begin that distributions leave to the site. */
const FIRST_UIDS = [70_000, 80_000, 90_000, 66_000];

/** uids of session processes that somebody else has, or may get, or too few of them. */
async function uidProblems({ accounts, ceod }: DaemonConfig): Promise<Problem[]> {
  const ranges = Object.entries(idRanges(accounts));
  const problemOf = async ({ first, last }: Range): Promise<string | undefined> => {
    const count = last - first + 1;
    if (count < ceod.maxSessions) return `has ${count}, and max_sessions is ${ceod.maxSessions}`;
    const other = ranges.find(([, { min, max }]) => first <= max && min <= last);
    if (other !== undefined) return `overlaps the ids of ${other[0]}s`;
    const theirs = othersIn({ min: first, max: last });
    if (theirs !== undefined) return `overlaps ${theirs}`;
    for (let uid = first; uid <= last; uid += 1) {
      if (await isKnown('uid', uid)) return `contains ${uid}, which somebody has`;
    }
    return undefined;
  };
  const problem = await problemOf(ceod.sessionUids);
  if (problem === undefined) return [];
  const line = ({ first, last }: Range) => `session_uids = ${first}-${last}`;
  let instead = 'session_uids = FIRST-LAST';
  for (const first of FIRST_UIDS) {
    const range = { first, last: first + Math.max(256, 2 * ceod.maxSessions) - 1 };
    if ((await problemOf(range)) !== undefined) continue;
    instead = line(range);
    break;
  }
  return [{ file: line(ceod.sessionUids), problem, mend: setting(instead) }];
}
