/**
 * The master: listens, supervises, and never parses a byte from the network.
 * Accepted sockets go to session processes, ops go from there to the runners.
 */
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, rm } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { userInNss } from './accounts/names.js';
import { Backoff } from './backoff.js';
import type { Child } from './child.js';
import { runnerCredential, type DaemonConfig } from './config.js';
import { daemonEnvironment } from './environment.js';
import { CeoError } from '../errors.js';
import type { Logger } from './log.js';
import { RUNNER_SERVES, type ToRunner } from './messages.js';
import { SessionPool } from './pool.js';
import { startRunner, startSession, type UnixUser } from './processes.js';
import { prepareReplayCache } from './replayCache.js';
import { SessionUids } from './sessionUids.js';

/** The kernel may lower it (net.core.somaxconn). */
const BACKLOG = 1024;

/** How long killed processes may take to end: one whose file system does not answer never does. */
const AFTER_KILL_MS = 2_000;

export class Master {
  private constructor(
    private readonly config: DaemonConfig,
    private readonly server: net.Server,
    private readonly pool: SessionPool,
    private readonly runners: readonly RunnerSupervisor[],
    private readonly log: Logger,
  ) {}

  /**
   * Resolves when it listens and every runner serves.
   * @throws Error if it cannot listen: then nothing was started
   */
  static async start(config: DaemonConfig, log: Logger): Promise<Master> {
    const isRoot = process.getuid?.() === 0;
    const sessionUser = isRoot ? await requireUser(config.ceod.sessionUser) : undefined;
    const opUsers = await Promise.all(
      [...new Set(config.ownRoutes.map(({ user }) => user))].map(async (name) => ({
        name,
        identity: isRoot ? await requireUser(name) : undefined,
      })),
    );
    const server = net.createServer({ pauseOnConnect: true, noDelay: true });
    // The port is the lock: a second daemon of this configuration gets no further.
    await listen(server, config);
    const early: net.Socket[] = [];
    const keep = (socket: net.Socket) => early.push(socket);
    server.on('connection', keep);
    server.on('error', (error) => log.error({ err: error }, 'listener'));

    await makeRuntimeFolder(config.ceod.runtimeDir);
    const replayCache = await prepareReplayCache(config.ceod.runtimeDir, sessionUser);
    const sessions = sessionUser && {
      uids: new SessionUids(config.ceod.sessionUids, path.join(config.ceod.runtimeDir, 'uids')),
      gid: sessionUser.gid,
    };
    const sessionEnv = {
      ...daemonEnvironment(),
      KRB5_KTNAME: `FILE:${config.ceod.serviceKeytab}`,
      KRB5RCACHENAME: `file2:${replayCache}`,
    };
    const runners = await Promise.all(
      opUsers.map(async ({ name, identity }) => {
        const socketPath = await prepareSocketFolder(
          config.ceod.runtimeDir,
          name,
          identity,
          sessionUser,
        );
        return new RunnerSupervisor(name, identity, socketPath, config, log);
      }),
    );
    const socketOf = new Map(runners.map((runner) => [runner.user, runner.socketPath]));
    const pool = new SessionPool(
      {
        spares: config.ceod.spareSessions,
        maxSessions: config.ceod.maxSessions,
        maxQueued: config.ceod.maxQueued,
        maxPerAddress: config.ceod.maxPerAddress,
        penalties: {
          failures: config.ceod.penaltyFailures,
          durationMs: config.ceod.penaltyTime * 1000,
          exempt: config.ceod.penaltyExempt,
        },
        sessionsPerProcess: config.ceod.sessionsPerProcess,
        session: {
          service: `ceod@${config.hostname}`,
          realm: config.accounts.krb5Realm,
          runners: config.ownRoutes.map(({ id, user }) => [id, socketOf.get(user) ?? '']),
          loginDeadlineMs: config.ceod.loginDeadline * 1000,
          idleTimeoutMs: config.ceod.idleTimeout * 1000,
          busyIdleTimeoutMs: config.ceod.idleTimeoutBusy * 1000,
          logLevel: config.ceod.logLevel,
        },
      },
      (events) => startSession(sessions, sessionEnv, events),
      log,
    );
    await Promise.all(runners.map((runner) => runner.firstServing));
    server.off('connection', keep);
    server.on('connection', (socket) => pool.accept(socket));
    early.forEach((socket) => pool.accept(socket));
    const { ceodPort: port, ceodListen: host } = config.ceod;
    log.info({ host, port, service: `ceod/${config.hostname}` }, 'listening');
    return new Master(config, server, pool, runners, log);
  }

  /** Finishes the ops in hand; what takes longer than the drain timeout is killed. */
  async stop(): Promise<void> {
    this.log.info('stopping: finishing the ops in hand');
    const late = setTimeout(() => {
      this.log.warn('the drain timeout has passed: killing what is left');
      this.pool.kill();
      for (const runner of this.runners) runner.kill();
    }, this.config.ceod.drainTimeout * 1000);
    let tooLate: NodeJS.Timeout | undefined;
    const leftBehind = new Promise<void>((resolve) => {
      tooLate = setTimeout(
        () => {
          this.log.error('what was killed does not end: it is left behind');
          resolve();
        },
        this.config.ceod.drainTimeout * 1000 + AFTER_KILL_MS,
      );
    });
    this.server.close();
    await Promise.race([this.drain(), leftBehind]);
    clearTimeout(late);
    clearTimeout(tooLate);
  }

  private async drain(): Promise<void> {
    await this.pool.drain();
    await Promise.all(this.runners.map((runner) => runner.drain()));
  }
}

function listen(server: net.Server, config: DaemonConfig): Promise<void> {
  const { ceodPort: port, ceodListen: host } = config.ceod;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function requireUser(name: string): Promise<UnixUser> {
  const user = await userInNss(name);
  if (user !== undefined) return user;
  throw new CeoError('config', `There is no Unix user ${name}.`, {
    next: `Create it with: adduser --system --group --no-create-home ${name}`,
  });
}

/** Everybody may pass through; what is in it is guarded folder by folder. */
async function makeRuntimeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true });
  if (made !== undefined) await chmod(folder, 0o711);
}

/**
 * Only the op user and the session user's group can reach the socket. Its name
 * is this daemon's own: one that still finishes its ops keeps its socket.
 */
async function prepareSocketFolder(
  runtimeDir: string,
  user: string,
  opUser: UnixUser | undefined,
  sessionUser: UnixUser | undefined,
): Promise<string> {
  const folder = path.join(runtimeDir, user);
  await mkdir(folder, { recursive: true });
  if (opUser !== undefined && sessionUser !== undefined) {
    await chown(folder, opUser.uid, sessionUser.gid);
  }
  await chmod(folder, 0o750);
  await removeStale(folder);
  return path.join(folder, `runner-${process.pid}.sock`);
}

/** Sockets of daemons that are no more. */
async function removeStale(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = /^runner-(\d+)\.sock$/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) {
      await rm(path.join(folder, name), { force: true });
    }
  }
}

/** Keeps one runner running. */
class RunnerSupervisor {
  readonly firstServing: Promise<void>;
  private child: Child | undefined;
  private ended: (() => void) | undefined;
  private readonly backoff = new Backoff();

  constructor(
    readonly user: string,
    private readonly identity: UnixUser | undefined,
    readonly socketPath: string,
    private readonly config: DaemonConfig,
    private readonly log: Logger,
  ) {
    this.firstServing = new Promise((resolve) => this.start(resolve));
  }

  drain(): Promise<void> {
    return new Promise((resolve) => {
      this.ended = resolve;
      this.backoff.stop();
      if (this.child === undefined) resolve();
      else this.tell({ kind: 'drain' });
    });
  }

  kill(): void {
    this.ended ??= () => undefined;
    this.child?.kill();
  }

  private start(onServing: () => void): void {
    const { logLevel } = this.config.ceod;
    const isAdmin = this.identity === undefined || this.identity.uid === 0;
    const env = {
      ...daemonEnvironment(),
      ...runnerCredential(this.config.ceod, this.user, isAdmin),
    };
    let isServing = false;
    this.child = startRunner(this.identity, env, {
      onReport: (byte) => {
        if (byte !== RUNNER_SERVES || isServing) {
          this.log.error({ user: this.user }, 'a runner says what none would say: killing it');
          this.child?.kill();
          return;
        }
        isServing = true;
        this.backoff.reset();
        onServing();
      },
      onEnd: (why) => {
        this.child = undefined;
        if (this.ended !== undefined) {
          this.ended();
          return;
        }
        this.log.error({ user: this.user, why }, 'the runner ended: starting it again');
        this.backoff.wait(() => this.start(onServing));
      },
    });
    const options = { user: this.user, isAdmin, socketPath: this.socketPath };
    this.tell({ kind: 'serve', options, logLevel });
  }

  private tell(message: ToRunner): void {
    this.child?.send(message);
  }
}
