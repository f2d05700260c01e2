/** Keeps one runner running, for as long as its generation serves. */
import { Backoff } from '../base/backoff.js';
import { runnerCredential, type DaemonConfig } from '../base/config.js';
import { daemonEnvironment } from '../base/environment.js';
import type { Logger } from '../base/log.js';
import { RUNNER_SERVES, type ToRunner } from '../between/masterProtocol.js';
import type { Child } from './child.js';
import { startRunner, type UnixUser } from './processes.js';
import type { RunnerStatus } from './status.js';

/** A runner that has served for so long was in order. */
const STEADY_MS = 60_000;

export class RunnerSupervisor {
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
