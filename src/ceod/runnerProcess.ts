/** The program of a runner process: does what the master says. */
import { exitNow } from '../process/libc.js';
import { createLogger } from './log.js';
import type { FromRunner, RunnerOptions, ToRunner } from './messages.js';
import { startRunner, type Runner } from './runner.js';

process.umask(0o077);

let runner: Promise<Runner> | undefined;

function tell(message: FromRunner): void {
  process.send?.(message);
}

async function serve(options: RunnerOptions, logLevel: string): Promise<void> {
  const log = createLogger('runner', logLevel);
  try {
    runner = startRunner(options, log);
    await runner;
    tell({ kind: 'serving' });
  } catch (error) {
    log.fatal({ err: error }, 'the runner cannot start');
    exitNow(1);
  }
}

async function drain(): Promise<void> {
  await (await runner)?.drain();
  exitNow(0);
}

process.on('message', (message: ToRunner) => {
  switch (message.kind) {
    case 'serve':
      void serve(message.options, message.logLevel);
      break;
    case 'drain':
      void drain();
      break;
  }
});
// Without a master nobody sends requests any more; the ops in hand are finished.
process.on('disconnect', () => void drain());
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
