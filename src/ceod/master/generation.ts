/**
 * The processes that serve one configuration: a pool of sessions, and the runners that they send ops
 * to. When the configuration is read again, another generation takes over; this one serves the
 * connections that it has, and ends.
 */
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { removeTree } from '../../process/removeTree.js';
import type { DaemonConfig } from '../base/config.js';
import { daemonEnvironment } from '../base/environment.js';
import type { Logger } from '../base/log.js';
import { prepareReplayCache } from '../base/replayCache.js';
import { SessionPool } from './pool.js';
import { startSession, type UnixUser } from './processes.js';
import { SessionUids } from './sessionUids.js';
import { RunnerSupervisor } from './supervisor.js';
import type { requireUsers } from './users.js';

export class Generation {
  private constructor(
    readonly config: DaemonConfig,
    readonly pool: SessionPool,
    readonly runners: readonly RunnerSupervisor[],
    private readonly uids: SessionUids | undefined,
  ) {}

  /**
   * Starts its processes; connections wait in its pool until it is opened.
   * @param number counted from 1, in the life of this daemon
   */
  static async start(
    config: DaemonConfig,
    { sessionUser, opUsers }: Awaited<ReturnType<typeof requireUsers>>,
    number: number,
    log: Logger,
  ): Promise<Generation> {
    const { ceod } = config;
    const replayCache = await prepareReplayCache(ceod.runtimeDir, sessionUser);
    const sessions = sessionUser && {
      uids: new SessionUids(ceod.sessionUids, path.join(ceod.runtimeDir, 'uids')),
      gid: sessionUser.gid,
    };
    const env = {
      ...daemonEnvironment(),
      KRB5_KTNAME: `FILE:${ceod.serviceKeytab}`,
      KRB5RCACHENAME: `file2:${replayCache}`,
    };
    const runners = await Promise.all(
      opUsers.map(async ({ name, identity }) => {
        const socket = await prepareSocketFolder(
          ceod.runtimeDir,
          name,
          identity,
          sessionUser,
          number,
        );
        return new RunnerSupervisor(name, identity, socket, config, log);
      }),
    );
    const pool = new SessionPool(
      poolSettings(config, runners),
      (events) => startSession(sessions, env, events),
      log,
    );
    return new Generation(config, pool, runners, sessions?.uids);
  }

  /** Resolves when every op can be executed. */
  async ready(): Promise<void> {
    await Promise.all(this.runners.map((runner) => runner.firstServing));
  }

  /** Gives up those who wait, to be served by another; ends when the others have ended. */
  async retire(): Promise<void> {
    await this.pool.retire();
    await this.end();
  }

  /** Finishes the ops in hand, and ends. */
  async drain(): Promise<void> {
    await this.pool.drain();
    await this.end();
  }

  kill(): void {
    this.pool.kill();
    for (const runner of this.runners) runner.kill();
  }

  private async end(): Promise<void> {
    await Promise.all(this.runners.map((runner) => runner.drain()));
    this.uids?.close();
  }
}

function poolSettings({ ceod, ...config }: DaemonConfig, runners: readonly RunnerSupervisor[]) {
  const socketOf = new Map(runners.map((runner) => [runner.user, runner.socketPath]));
  return {
    spares: ceod.spareSessions,
    maxSessions: ceod.maxSessions,
    maxQueued: ceod.maxQueued,
    maxPerAddress: ceod.maxPerAddress,
    startups: ceod.maxStartups,
    maxAgeMs: ceod.maxSessionAge * 1000,
    busyMaxAgeMs: ceod.maxSessionAgeBusy * 1000,
    opTimeoutMs: ceod.opTimeout * 1000,
    penalties: {
      failures: ceod.penaltyFailures,
      durationMs: ceod.penaltyTime * 1000,
      exempt: ceod.penaltyExempt,
    },
    sessionsPerProcess: ceod.sessionsPerProcess,
    session: {
      service: `ceod@${config.hostname}`,
      realm: config.accounts.krb5Realm,
      runners: config.ownRoutes.map(({ id, user }) => [id, socketOf.get(user) ?? ''] as const),
      loginDeadlineMs: ceod.loginDeadline * 1000,
      busyLoginDeadlineMs: ceod.loginDeadlineBusy * 1000,
      idleTimeoutMs: ceod.idleTimeout * 1000,
      busyIdleTimeoutMs: ceod.idleTimeoutBusy * 1000,
      logLevel: ceod.logLevel,
    },
  };
}

/**
 * Only the op user and the session user's group can reach the socket. Its folder
 * is this generation's own: a daemon, or a generation, that still finishes its ops keeps its socket. It lies
 * in a folder of root's, where the op user puts nothing in the way.
 */
async function prepareSocketFolder(
  runtimeDir: string,
  user: string,
  opUser: UnixUser | undefined,
  sessionUser: UnixUser | undefined,
  number: number,
): Promise<string> {
  const parent = path.join(runtimeDir, user);
  await mkdir(parent, { recursive: true });
  await chmod(parent, 0o711);
  if (process.getuid?.() === 0) await chown(parent, 0, 0);
  const pid = String(process.pid);
  for (const name of await readdir(parent)) {
    const [owner = ''] = name.split('.');
    const isLeft = owner === pid ? number === 1 : !existsSync(`/proc/${owner}`);
    if (isLeft) await removeTree(path.join(parent, name));
  }
  const folder = path.join(parent, number === 1 ? pid : `${pid}.${number}`);
  await mkdir(folder, { mode: 0o700 });
  if (opUser !== undefined && sessionUser !== undefined) {
    await chown(folder, opUser.uid, sessionUser.gid);
  }
  await chmod(folder, 0o750);
  return path.join(folder, 'runner.sock');
}
