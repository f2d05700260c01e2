/**
 * The master: listens, supervises, and never parses a byte from the network.
 * Accepted sockets go to session processes, ops go from there to the runners.
 */
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readdir } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { userInNss } from '../../process/nss.js';
import { removeTree } from '../../process/removeTree.js';
import { Backoff } from '../base/backoff.js';
import type { Child } from './child.js';
import { runnerCredential, type DaemonConfig } from '../base/config.js';
import { daemonEnvironment } from '../base/environment.js';
import { CeoError } from '../../errors.js';
import { onLogLine, type Logger } from '../base/log.js';
import { JOURNAL_SUFFIX, journalIn } from '../base/journalPlace.js';
import { VERSION } from '../../version.js';
import { controlSocket, serveControl } from './control.js';
import { Failures } from './failures.js';
import type { RunnerStatus, Status } from './status.js';
import { RUNNER_SERVES, type ToRunner } from '../between/masterProtocol.js';
import { SessionPool } from './pool.js';
import { turnAway } from './queue.js';
import { startRunner, startSession, type UnixUser } from './processes.js';
import { prepareReplayCache } from '../base/replayCache.js';
import { SessionUids } from './sessionUids.js';

/** The kernel may lower it (net.core.somaxconn). */
const BACKLOG = 1024;

/** A runner that has served for so long was in order. */
const STEADY_MS = 60_000;

/** How long killed processes may take to end: one whose file system does not answer never does. */
const AFTER_KILL_MS = 2_000;

/** Of what an operator is shown. */
const MAX_SHOWN = 100;

const NO_SESSIONS = { busy: 0, ready: 0, starting: 0, ending: 0, queued: 0 };

export class Master {
  private readonly server = net.createServer({ pauseOnConnect: true, noDelay: true });
  private pool: SessionPool | undefined;
  private readonly runners: RunnerSupervisor[] = [];
  private isServing = false;
  private lookingAtJournals: Promise<string[]> | undefined;
  private readonly failures = new Failures();

  constructor(
    private readonly config: DaemonConfig,
    private readonly log: Logger,
  ) {}

  /**
   * Resolves when it listens and every runner serves.
   * @throws Error if it cannot listen: then nothing was started
   */
  async start(): Promise<void> {
    const { config, log, server } = this;
    const { sessionUser, opUsers } = await requireUsers(config);
    // Until there is somewhere to wait, under limits and deadlines.
    const early: net.Socket[] = [];
    server.on('connection', (socket) => {
      if (this.pool !== undefined) this.pool.accept(socket);
      else if (early.length < BACKLOG) early.push(socket);
      else turnAway(socket);
    });
    // The port is the lock: a second daemon of this configuration gets no further.
    await listen(server, config);
    server.on('error', (error) => log.error({ err: error }, 'listener'));

    await makeRuntimeFolder(config.ceod.runtimeDir);
    onLogLine((line) => this.failures.note(line));
    await serveControl(controlSocket(config.ceod), {
      status: () => this.status(),
      unban: (address) => ({ lifted: this.unban(address) }),
    });
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
    const sockets = await Promise.all(
      opUsers.map(({ name, identity }) =>
        prepareSocketFolder(config.ceod.runtimeDir, name, identity, sessionUser),
      ),
    );
    for (const [index, { name, identity }] of opUsers.entries()) {
      this.runners.push(new RunnerSupervisor(name, identity, sockets[index] ?? '', config, log));
    }
    const socketOf = new Map(this.runners.map((runner) => [runner.user, runner.socketPath]));
    const pool = (this.pool = new SessionPool(
      {
        spares: config.ceod.spareSessions,
        maxSessions: config.ceod.maxSessions,
        maxQueued: config.ceod.maxQueued,
        maxPerAddress: config.ceod.maxPerAddress,
        startups: config.ceod.maxStartups,
        maxAgeMs: config.ceod.maxSessionAge * 1000,
        busyMaxAgeMs: config.ceod.maxSessionAgeBusy * 1000,
        opTimeoutMs: config.ceod.opTimeout * 1000,
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
          busyLoginDeadlineMs: config.ceod.loginDeadlineBusy * 1000,
          idleTimeoutMs: config.ceod.idleTimeout * 1000,
          busyIdleTimeoutMs: config.ceod.idleTimeoutBusy * 1000,
          logLevel: config.ceod.logLevel,
        },
      },
      (events) => startSession(sessions, sessionEnv, events),
      log,
    ));
    early.forEach((socket) => pool.accept(socket));
    await Promise.all(this.runners.map((runner) => runner.firstServing));
    this.isServing = true;
    pool.open();
    const { ceodPort: port, ceodListen: host } = config.ceod;
    log.info({ host, port, service: `ceod/${config.hostname}` }, 'listening');
  }

  /**
   * Finishes the ops in hand; what takes longer than the drain timeout is killed. Before it serves
   * there are none: what was left half-made is undone by the next one.
   */
  async stop(): Promise<void> {
    this.server.close();
    if (!this.isServing) {
      this.log.info('stopping: it did not serve yet');
      this.kill();
      return;
    }
    this.log.info('stopping: finishing the ops in hand');
    const late = setTimeout(() => {
      this.log.warn('the drain timeout has passed: killing what is left');
      this.kill();
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
    await Promise.race([this.drain(), leftBehind]);
    clearTimeout(late);
    clearTimeout(tooLate);
  }

  /** What an operator is told (control.ts); some parts are cut to what is worth reading. */
  async status(): Promise<Status> {
    const { ownRoutes, ceod } = this.config;
    const { queued, ...sessions } = this.pool?.counts ?? NO_SESSIONS;
    const penalties = this.pool?.penalties.list() ?? [];
    const journals = await this.journals();
    return {
      version: VERSION,
      pid: process.pid,
      uptime: Math.round(process.uptime()),
      ops: ownRoutes.map(({ name }) => name),
      sessions: { ...sessions, most: ceod.maxSessions },
      queue: { length: queued, most: ceod.maxQueued },
      penalties: { count: penalties.length, networks: penalties.slice(0, MAX_SHOWN) },
      journals: { count: journals.length, names: journals.slice(0, MAX_SHOWN) },
      runners: this.runners.map((runner) => runner.status),
      failures: this.failures.told,
    };
  }

  /** Lifts the penalties of an address. @returns the networks that were turned away */
  unban(address: string): string[] {
    return this.pool?.penalties.lift(address) ?? [];
  }

  /** The names of accounts that are under way, or to be undone; a hanging disk is asked once. */
  private journals(): Promise<string[]> {
    return (this.lookingAtJournals ??= readdir(journalIn(this.config.ceod.stateDir))
      .catch(() => [])
      .then((names) =>
        names
          .filter((name) => name.endsWith(JOURNAL_SUFFIX))
          .map((name) => name.slice(0, -JOURNAL_SUFFIX.length)),
      )
      .finally(() => (this.lookingAtJournals = undefined)));
  }

  private kill(): void {
    this.pool?.kill();
    for (const runner of this.runners) runner.kill();
  }

  private async drain(): Promise<void> {
    await this.pool?.drain();
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

/** Those who work for it, and whom hooks run as. @throws CeoError config if there is no such user */
export async function requireUsers({ accounts, ceod, ownRoutes }: DaemonConfig) {
  const isRoot = process.getuid?.() === 0;
  if (isRoot && accounts.notifyHook !== undefined) await requireUser(ceod.hookUser);
  return {
    sessionUser: isRoot ? await requireUser(ceod.sessionUser) : undefined,
    opUsers: await Promise.all(
      [...new Set(ownRoutes.map(({ user }) => user))].map(async (name) => ({
        name,
        identity: isRoot ? await requireUser(name) : undefined,
      })),
    ),
  };
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
 * Only the op user and the session user's group can reach the socket. Its folder
 * is this daemon's own: one that still finishes its ops keeps its socket. It lies
 * in a folder of root's, where the op user puts nothing in the way.
 */
async function prepareSocketFolder(
  runtimeDir: string,
  user: string,
  opUser: UnixUser | undefined,
  sessionUser: UnixUser | undefined,
): Promise<string> {
  const parent = path.join(runtimeDir, user);
  await mkdir(parent, { recursive: true });
  await chmod(parent, 0o711);
  if (process.getuid?.() === 0) await chown(parent, 0, 0);
  const own = String(process.pid);
  for (const name of await readdir(parent)) {
    if (name === own || !existsSync(`/proc/${name}`)) await removeTree(path.join(parent, name));
  }
  const folder = path.join(parent, own);
  await mkdir(folder, { mode: 0o700 });
  if (opUser !== undefined && sessionUser !== undefined) {
    await chown(folder, opUser.uid, sessionUser.gid);
  }
  await chmod(folder, 0o750);
  return path.join(folder, 'runner.sock');
}

/** Keeps one runner running. */
class RunnerSupervisor {
  readonly firstServing: Promise<void>;
  private child: Child | undefined;
  private ended: (() => void) | undefined;
  private serves = false;
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

  get status(): RunnerStatus {
    return { user: this.user, pid: this.child?.pid, serves: this.serves };
  }

  private start(onServing: () => void): void {
    const { logLevel } = this.config.ceod;
    const isAdmin = this.identity === undefined || this.identity.uid === 0;
    const env = {
      ...daemonEnvironment(),
      ...runnerCredential(this.config.ceod, this.user, isAdmin),
    };
    let servingSince: number | undefined;
    this.child = startRunner(this.identity, env, {
      onReport: (byte) => {
        if (byte !== RUNNER_SERVES || servingSince !== undefined) {
          this.log.error({ user: this.user }, 'a runner says what none would say: killing it');
          this.child?.kill();
          return;
        }
        servingSince = Date.now();
        this.serves = true;
        onServing();
      },
      onEnd: (why) => {
        this.child = undefined;
        this.serves = false;
        if (this.ended !== undefined) {
          this.ended();
          return;
        }
        this.log.error({ user: this.user, why }, 'the runner ended: starting it again');
        // One that crashes again and again does so a little after its start.
        if (servingSince !== undefined && Date.now() - servingSince > STEADY_MS)
          this.backoff.reset();
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
