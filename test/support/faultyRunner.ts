/**
 * A runner that goes wrong on demand. Argument: the socket. A line on standard
 * input, `STEP MOMENT WHAT`, arms one fault: MOMENT is before or after, WHAT is
 * fail, kill or pause-and-fail (pauses until SIGUSR2). A step's blanks are written as `_`.
 */
import { createInterface } from 'node:readline';
import { createLogger } from '../../src/ceod/base/log.js';
import { startRunner } from '../../src/ceod/runner/runner.js';

process.umask(0o077);

let armed: string[] = [];
createInterface({ input: process.stdin }).on('line', (line) => {
  armed = line.split(' ');
  console.log('armed');
});

const options = { user: 'root', isAdmin: true, socketPath: process.argv[2] ?? '' };
await startRunner(options, createLogger('runner', 'info'), async (step, moment) => {
  const [atStep = '', atMoment, what] = armed;
  if (step !== atStep.replaceAll('_', ' ') || moment !== atMoment) return;
  armed = [];
  if (what === 'fail') throw new Error('a fault for the test');
  if (what === 'kill') process.kill(process.pid, 'SIGKILL');
  const goOn = new Promise((resolve) => process.once('SIGUSR2', resolve));
  console.log('paused');
  await goOn;
  throw new Error('a fault for the test');
});
console.log('serving');
