/** Other programs, run to the end. */
import { spawn } from 'node:child_process';

interface Options {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Statuses besides 0 that are no failure. */
  readonly passes?: readonly number[];
}

/** Runs it and gives back what it says. @throws Error with all of that, if it fails */
export function output(command: readonly [string, ...string[]], options: Options = {}) {
  const { cwd, env, passes = [] } = options;
  return new Promise<string>((resolve, reject) => {
    const [program, ...args] = command;
    const child = spawn(program, args, {
      cwd,
      // Messages that are looked at are in one language; ceo would keep compiled code in the home.
      env: { ...process.env, LC_ALL: 'C.UTF-8', NODE_DISABLE_COMPILE_CACHE: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let told = '';
    let both = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      told += text;
      both += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (both += text));
    child.once('error', reject);
    child.once('close', (status, signal) => {
      if (status === 0 || passes.includes(status ?? -1)) resolve(told);
      else reject(new Error(`${command.join(' ')}: ${signal ?? `status ${status}`}\n${both}`));
    });
  });
}
