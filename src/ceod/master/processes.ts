/** How the master starts session processes and runners: as whom, and with what. */
import path from 'node:path';
import { Child, type ChildEvents, type ChildProgram } from './child.js';
import type { LogAllowance } from './logRelay.js';
import type { SessionUids } from './sessionUids.js';

/** Whom a process runs as. */
export interface UnixUser {
  readonly uid: number;
  readonly gid: number;
}

/** Whom session processes run as: each has a uid of its own. */
export interface SessionIdentity {
  readonly uids: SessionUids;
  readonly gid: number;
}

/** A few lines for each connection, at the level debug. */
const SESSION_LOG: LogAllowance = { burst: 65_536, rate: 32_768, flood: 1 << 22 };

/** A line for each op. */
const RUNNER_LOG: LogAllowance = { burst: 1 << 23, rate: 1 << 23, flood: Infinity };

const nodeWith = (program: string) => [
  '--',
  process.execPath,
  path.join(import.meta.dirname, program),
];

/**
 * Starts a session process. It cannot become anybody else, and ends with the master.
 * @param identity undefined: as the daemon's own user, when that is not root
 */
export function startSession(
  identity: SessionIdentity | undefined,
  env: NodeJS.ProcessEnv,
  { onReport, onEnd }: ChildEvents,
): Child {
  let uid: number | undefined;
  const program = (): ChildProgram => {
    uid = identity?.uids.take();
    const who =
      identity === undefined
        ? []
        : [`--reuid=${uid}`, `--regid=${identity.gid}`, '--clear-groups', '--inh-caps=-all'];
    const options = ['--no-new-privs', '--pdeathsig=KILL', ...who];
    const command = ['setpriv', ...options, ...nodeWith('session.js')] as const;
    return { name: 'session', command, env, log: SESSION_LOG, takesSockets: true };
  };
  return new Child(program, {
    onReport,
    onEnd: (why, status) => {
      if (uid !== undefined) identity?.uids.giveBack(uid);
      onEnd(why, status);
    },
  });
}

/**
 * Starts a runner, as the op user, with that user's groups; root stays as it is. Programs of the
 * site's may need set-user-ID programs, and so it may gain privileges.
 */
export function startRunner(
  user: UnixUser | undefined,
  env: NodeJS.ProcessEnv,
  events: ChildEvents,
): Child {
  const who =
    user === undefined || user.uid === 0
      ? []
      : [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--init-groups'];
  const command = ['setpriv', ...who, ...nodeWith('runner.js')] as const;
  const program = { name: 'runner', command, env, log: RUNNER_LOG, takesSockets: false };
  return new Child(() => program, events);
}
