/** SIGHUP: the configuration is read and checked again, and taken over if nothing is wrong with it. */
import { CeoError } from '../../errors.js';
import type { DaemonConfig } from '../base/config.js';
import type { Logger } from '../base/log.js';
import type { Master } from './master.js';
import type { Supervisor } from './systemd.js';

/** What a running daemon cannot change: it listens there, is found there, or has left something there. */
const FIXED: Readonly<Record<string, (config: DaemonConfig) => unknown>> = {
  ceod_hostname: ({ hostname }) => hostname,
  ceod_port: ({ ceod }) => ceod.ceodPort,
  ceod_listen: ({ ceod }) => ceod.ceodListen,
  runtime_dir: ({ ceod }) => ceod.runtimeDir,
  state_dir: ({ ceod }) => ceod.stateDir,
  session_user: ({ ceod }) => ceod.sessionUser,
};

export class Reloading {
  private isUnderWay = false;
  private isWanted = false;

  constructor(
    private config: DaemonConfig,
    private readonly read: () => Promise<DaemonConfig>,
    private readonly master: Master,
    private readonly supervisor: Supervisor,
    private readonly log: Logger,
  ) {}

  /** One at a time: whatever is asked meanwhile comes to one more. */
  async request(): Promise<void> {
    this.isWanted = true;
    if (this.isUnderWay) return;
    this.isUnderWay = true;
    while (this.isWanted) {
      this.isWanted = false;
      this.supervisor.tell('reloading');
      await this.once();
      this.supervisor.tell('ready');
    }
    this.isUnderWay = false;
  }

  private async once(): Promise<void> {
    const { log } = this;
    try {
      const config = await this.read();
      const fixed = Object.entries(FIXED).filter(([, of]) => of(config) !== of(this.config));
      if (fixed.length > 0) {
        const keys = fixed.map(([key]) => key).join(', ');
        throw new CeoError('config', `Another ${keys} needs a restart.`);
      }
      await this.master.reload(config);
      this.config = config;
      log.level = config.ceod.logLevel;
      for (const warning of config.warnings) log.warn(warning);
      log.info('the configuration was read again: new connections are served by it');
    } catch (err) {
      log.error({ err }, 'the configuration is not taken over: everything goes on as before');
    }
  }
}
