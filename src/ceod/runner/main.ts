/** The program of a runner process: does what the master says. */
import { concealMemory } from '../../process/confine.js';
import { exitNow } from '../../process/libc.js';
import { hearMaster, say } from '../between/fromMaster.js';
import { createLogger } from '../base/log.js';
import { RUNNER_SERVES, type RunnerOptions, type ToRunner } from '../between/masterProtocol.js';
import { startRunner, type Runner } from './runner.js';

process.umask(0o077);
concealMemory();

let runner: Promise<Runner> | undefined;

async function serve(options: RunnerOptions, logLevel: string): Promise<void> {
  const log = createLogger('runner', logLevel);
  try {
    runner = startRunner(options, log);
    await runner;
    say(RUNNER_SERVES);
  } catch (error) {
    log.fatal({ err: error }, 'the runner cannot start');
    exitNow(1);
  }
}

async function drain(): Promise<void> {
  await (await runner)?.drain();
  exitNow(0);
}

hearMaster(
  (message: ToRunner) => {
    switch (message.kind) {
      case 'serve':
        void serve(message.options, message.logLevel);
        break;
      case 'drain':
        void drain();
        break;
    }
  },
  // Nobody sends requests any more; the ops in hand are finished.
  () => void drain(),
);
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
