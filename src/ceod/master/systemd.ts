/** What systemd gives the daemon by its environment, and is told in return: systemd.service(5), sd_listen_fds(3). */
import { CeoError } from '../../errors.js';
import { notify } from '../../process/notify.js';

/** The first of the descriptors that are passed. */
const FIRST = 3;

export interface Supervisor {
  /** The socket that listens already; undefined: there is none. */
  readonly listening: number | undefined;
  tell(state: 'ready' | 'reloading' | 'stopping'): void;
}

/**
 * To be read before the environment is made anew.
 * @throws CeoError config, if there are other sockets than one
 */
export function supervisor(env: NodeJS.ProcessEnv): Supervisor {
  const address = env['NOTIFY_SOCKET'] ?? '';
  return {
    listening: inherited(env),
    tell: (state) => {
      if (address !== '') notify(address, SAYS[state]());
    },
  };
}

function inherited({ LISTEN_PID: pid, LISTEN_FDS: count }: NodeJS.ProcessEnv): number | undefined {
  // They may be another's, who started this one.
  if (pid !== String(process.pid) || count === undefined) return undefined;
  if (count === '1') return FIRST;
  throw new CeoError('config', `systemd passes ${count} sockets: ceod listens on one.`, {
    next: 'Leave one ListenStream= in ceod.socket.',
  });
}

const SAYS = {
  ready: () => 'READY=1',
  // CLOCK_MONOTONIC, which it holds against its own.
  reloading: () => `RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`,
  stopping: () => 'STOPPING=1',
};
