/**
 * The master: listens, supervises, and never parses a byte from the network. Accepted sockets go to
 * session processes, ops go from there to the runners: those of the newest generation.
 */
import { chmod, mkdir, readdir } from 'node:fs/promises';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { VERSION } from '../../version.js';
import type { DaemonConfig } from '../base/config.js';
import { JOURNAL_SUFFIX, journalIn } from '../base/journalPlace.js';
import { onLogLine, type Logger } from '../base/log.js';
import { controlSocket, serveControl } from './control.js';
import { Failures } from './failures.js';
import { Generation } from './generation.js';
import { turnAway } from './queue.js';
import type { Status } from './status.js';
import { requireUsers } from './users.js';

/** The kernel may lower it (net.core.somaxconn). */
const BACKLOG = 1024;

/** How long killed processes may take to end: one whose file system does not answer never does. */
const AFTER_KILL_MS = 2_000;

/** How long the processes of a configuration that was read again may take until they serve. */
const TAKE_OVER_MS = 30_000;

/** Of what an operator is shown. */
const MAX_SHOWN = 100;

const NO_SESSIONS = { busy: 0, ready: 0, starting: 0, ending: 0, queued: 0 };

export class Master {
  private readonly server = net.createServer({ pauseOnConnect: true, noDelay: true });
  /** The newest, which new connections go to. */
  private current: Generation | undefined;
  /** Those before it that still have connections, and it. */
  private readonly generations = new Set<Generation>();
  private count = 0;
  private isServing = false;
  private isStopping = false;
  private lookingAtJournals: Promise<string[]> | undefined;
  private readonly failures = new Failures();

  /** @param inherited a socket that listens already, by its descriptor */
  constructor(
    private config: DaemonConfig,
    private readonly log: Logger,
    private readonly inherited: number | undefined,
  ) {}

  /**
   * Resolves when it listens and every runner serves.
   * @throws Error if it cannot listen: then nothing was started
   */
  async start(): Promise<void> {
    const { config, log, server } = this;
    const users = await requireUsers(config);
    // Until there is somewhere to wait, under limits and deadlines.
    const early: net.Socket[] = [];
    server.on('connection', (socket) => {
      if (this.current !== undefined) this.current.pool.accept(socket);
      else if (early.length < BACKLOG) early.push(socket);
      else turnAway(socket);
    });
    // The port is the lock: a second daemon of this configuration gets no further.
    await listen(server, config, this.inherited);
    server.on('error', (error) => log.error({ err: error }, 'listener'));

    await makeRuntimeFolder(config.ceod.runtimeDir);
    onLogLine((line) => this.failures.note(line));
    await serveControl(controlSocket(config.ceod), {
      status: () => this.status(),
      unban: (address) => ({ lifted: this.unban(address) }),
    });
    const generation = await this.begin(config, users);
    this.current = generation;
    early.forEach((socket) => generation.pool.accept(socket));
    await generation.ready();
    this.isServing = true;
    generation.pool.open();
    const { ceodPort: port, ceodListen: host } = config.ceod;
    log.info(
      { ...(this.inherited === undefined ? { host, port } : { inherited: server.address() }) },
      'listening',
    );
  }

  /**
   * Serves new connections by another configuration; those that are served go on by the old one.
   * @throws Error if its processes do not serve: then everything is as it was
   */
  async reload(config: DaemonConfig): Promise<void> {
    const before = this.current;
    if (before === undefined || !this.isServing) throw new Error('it does not serve yet');
    const next = await this.begin(config, await requireUsers(config));
    const timer = new AbortController();
    const tooLate = sleep(TAKE_OVER_MS, undefined, { signal: timer.signal }).then(() => {
      throw new Error(`its runners do not serve within ${TAKE_OVER_MS / 1000} s`);
    });
    try {
      await Promise.race([next.ready(), tooLate]);
    } catch (error) {
      // Killed processes of a pool that is to serve would be started anew.
      void next.drain().then(() => this.generations.delete(next));
      next.kill();
      throw error;
    } finally {
      timer.abort();
    }
    if (this.isStopping) return;
    next.pool.open();
    for (const socket of before.pool.giveUpWaiting()) next.pool.accept(socket);
    this.current = next;
    this.config = config;
    void before.retire().then(() => this.generations.delete(before));
  }

  /**
   * Finishes the ops in hand; what takes longer than the drain timeout is killed. Before it serves
   * there are none: what was left half-made is undone by the next one.
   */
  async stop(): Promise<void> {
    this.isStopping = true;
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
    const drained = Promise.all([...this.generations].map((generation) => generation.drain()));
    await Promise.race([drained, leftBehind]);
    clearTimeout(late);
    clearTimeout(tooLate);
  }

  /** What an operator is told (control.ts); some parts are cut to what is worth reading. */
  async status(): Promise<Status> {
    const { ownRoutes, ceod } = this.config;
    const { queued, ...sessions } = this.current?.pool.counts ?? NO_SESSIONS;
    const penalties = this.current?.pool.penalties.list() ?? [];
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
      runners: [...this.generations].flatMap(({ runners }) =>
        runners.map((runner) => runner.status),
      ),
      failures: this.failures.told,
    };
  }

  /** Lifts the penalties of an address. @returns the networks that were turned away */
  unban(address: string): string[] {
    return this.current?.pool.penalties.lift(address) ?? [];
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

  private async begin(
    config: DaemonConfig,
    users: Awaited<ReturnType<typeof requireUsers>>,
  ): Promise<Generation> {
    this.count += 1;
    const generation = await Generation.start(config, users, this.count, this.log);
    this.generations.add(generation);
    return generation;
  }

  private kill(): void {
    for (const generation of this.generations) generation.kill();
  }
}

function listen(
  server: net.Server,
  config: DaemonConfig,
  inherited: number | undefined,
): Promise<void> {
  const { ceodPort: port, ceodListen: host } = config.ceod;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const where = inherited === undefined ? { host, port } : { fd: inherited };
    server.listen({ ...where, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Everybody may pass through; what is in it is guarded folder by folder. */
async function makeRuntimeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true });
  if (made !== undefined) await chmod(folder, 0o711);
}
