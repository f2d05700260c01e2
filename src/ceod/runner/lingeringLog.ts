/** Tells the log of processes that cannot be killed, and of their end. */
import type { Lingering } from '../../process/lingering.js';
import type { Logger } from '../base/log.js';

/** At most one line in that time, however often it changes. */
const INTERVAL_MS = 5_000;

/** For watchLingering. */
export function logLingering(log: Logger) {
  let here: readonly Lingering[] = [];
  let gone: Lingering[] = [];
  let nextAt = 0;
  let timer: NodeJS.Timeout | undefined;

  function tell(): void {
    timer = undefined;
    nextAt = Date.now() + INTERVAL_MS;
    const fields = { ...(gone.length > 0 && { gone: gone.map(describe) }) };
    gone = [];
    if (here.length === 0) log.info(fields, 'processes that could not be killed have ended');
    else log.warn({ ...fields, hanging: here.map(describe) }, 'processes cannot be killed');
  }

  return (nowHere: readonly Lingering[], nowGone: readonly Lingering[]): void => {
    here = nowHere;
    gone.push(...nowGone);
    timer ??= setTimeout(tell, Math.max(0, nextAt - Date.now())).unref();
  };
}

const describe = ({ pid, program, forWhom, startedAt }: Lingering) => ({
  pid,
  program,
  ...(forWhom !== undefined && { for: forWhom }),
  seconds: Math.round((Date.now() - startedAt) / 1000),
});
