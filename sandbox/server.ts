/**
 * Servers as direct children in the foreground: started, waited for, watched, stopped.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A running server. */
export interface Server {
  readonly name: string;
  readonly pid: number;
  /** Asks it to end, insists after 10 s, and resolves when it is gone. */
  readonly stop: () => Promise<void>;
}

export interface ServerOptions {
  /** Shown in messages and the base name of its log. */
  name: string;
  /** The program and its arguments; it must stay in the foreground. */
  command: readonly [string, ...string[]];
  /** Whom it runs as; root unless said. */
  user?: string;
  /** Its whole environment. */
  env: Readonly<Record<string, string>>;
  /** Where its standard output and error go. */
  log: string;
  /** Asked again and again until it says yes: often at first, when most servers are up. */
  ready: () => Promise<boolean>;
  /** Milliseconds until it must be ready. */
  limit?: number;
  /** What asks it to end; SIGTERM unless said. */
  stopSignal?: NodeJS.Signals;
}

const STOP_LIMIT = 10_000;

function tail(log: string): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-20).join('\n');
}

/**
 * Starts a server and resolves when it is ready. Rejects with the end of its
 * log when it ends before that or is not ready within the limit.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { name, command, user, env, log, ready, limit = 10_000 } = options;
  const output = openSync(log, 'a');
  // The kernel kills the server when this process is gone, however it went. A
  // session of its own keeps the terminal's Ctrl-C away: servers are stopped in order.
  const identity =
    user === undefined ? [] : [`--reuid=${user}`, `--regid=${user}`, '--init-groups'];
  const child = spawn('setpriv', [...identity, '--pdeathsig', 'KILL', '--', ...command], {
    // The folder of the checkout may be root's alone.
    cwd: '/',
    env,
    stdio: ['ignore', output, output],
    detached: true,
  });
  closeSync(output);

  let stopping = false;
  let ended: string | undefined;
  const exit = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      ended = `could not be started: ${error.message}`;
      resolve();
    });
    child.once('exit', (code, signal) => {
      ended = signal === null ? `ended with status ${code ?? 0}` : `was ended by ${signal}`;
      if (running && !stopping)
        process.stderr.write(`sandbox: ${name} ${ended}; its log is ${log}\n`);
      resolve();
    });
  });

  const stop = async (): Promise<void> => {
    stopping = true;
    if (ended !== undefined) return;
    child.kill(options.stopSignal ?? 'SIGTERM');
    const insist = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT);
    await exit;
    clearTimeout(insist);
  };

  let running = false;
  const begin = Date.now();
  while (!(await ready())) {
    if (ended !== undefined) throw new Error(`${name} ${ended}. The end of its log:\n${tail(log)}`);
    if (Date.now() > begin + limit) {
      await stop();
      throw new Error(
        `${name} was not ready within ${limit} ms. The end of its log:\n${tail(log)}`,
      );
    }
    await sleep(Math.max(3, (Date.now() - begin) / 10));
  }
  if (ended !== undefined || child.pid === undefined) {
    throw new Error(`${name} ${ended ?? 'has no process'}. The end of its log:\n${tail(log)}`);
  }
  running = true;
  return { name, pid: child.pid, stop };
}
