/**
 * A runner that goes wrong on demand. Arguments: SOCKET [STEP MOMENT WHAT],
 * where MOMENT is before or after and WHAT is fail, kill or pause.
 */
import { createLogger } from '../../src/ceod/log.js';
import { startRunner } from '../../src/ceod/runner.js';

const [socketPath = '', atStep, atMoment, what] = process.argv.slice(2);
process.umask(0o077);

await startRunner(socketPath, createLogger('runner', 'info'), async (step, moment) => {
  if (step !== atStep || moment !== atMoment) return;
  if (what === 'fail') throw new Error('a fault for the test');
  if (what === 'kill') process.kill(process.pid, 'SIGKILL');
  console.log('paused');
  await new Promise((resolve) => process.once('SIGUSR2', resolve));
});
console.log('serving');
