/**
 * `npm run sandbox`: a shell inside a fresh sandbox.
 * `npm run sandbox -- exec CMD…`: runs CMD inside and ends with its status.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { startSandbox } from './sandbox.js';

const USAGE = 'usage: npm run sandbox [-- [--no-ceods] exec CMD [ARGUMENT…]]';
const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** Runs a command to its end and resolves to its exit status, 128 + N for signal N. */
function runInside(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, stdio: 'inherit' });
    // A Ctrl-C at the terminal reaches the command by itself: it decides.
    process.on('SIGINT', () => undefined);
    for (const signal of ['SIGHUP', 'SIGTERM'] as const) {
      process.on(signal, () => {
        child.kill(signal);
        setTimeout(() => child.kill('SIGKILL'), 5_000).unref();
      });
    }
    child.once('error', (error: NodeJS.ErrnoException) => {
      process.stderr.write(`sandbox: cannot run ${command}: ${error.message}\n`);
      resolve(error.code === 'ENOENT' ? 127 : 126);
    });
    child.once('exit', (code, signal) => {
      resolve(signal === null ? (code ?? 0) : 128 + constants.signals[signal]);
    });
  });
}

async function main(args: readonly string[]): Promise<number> {
  const ceods = args[0] !== '--no-ceods';
  const [mode, command, ...rest] = ceods ? args : args.slice(1);
  if (mode !== undefined && (mode !== 'exec' || command === undefined)) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  // Until there is a command to tell, a signal ends this process: the reaper does the rest.
  const abort = (signal: NodeJS.Signals): void => process.exit(128 + constants.signals[signal]);
  for (const signal of SIGNALS) process.on(signal, abort);
  const sandbox = await startSandbox({ ceods });
  for (const signal of SIGNALS) process.off(signal, abort);

  let status: number;
  if (command === undefined) {
    process.stderr.write(`A sandbox in ${sandbox.folder}; you are ctdalek. Leave with exit.\n`);
    status = await runInside(process.env['SHELL'] ?? '/bin/sh', [], sandbox.env);
  } else {
    status = await runInside(command, rest, sandbox.env);
  }
  await sandbox.stop();
  return status;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`sandbox: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
