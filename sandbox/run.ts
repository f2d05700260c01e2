/** One-shot programs: run to the end, with their input and what they said. */
import { spawn } from 'node:child_process';

export interface RunOptions {
  env?: Readonly<Record<string, string>>;
  /** Standard input; secrets go this way, never as arguments. */
  input?: string;
}

/**
 * Runs a program and resolves to its standard output. Rejects with its standard
 * error when it ends with another status than 0.
 */
export function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: '/',
      env: { PATH: systemPath, LC_ALL: 'C.UTF-8', ...options.env },
      timeout: 30_000,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    // A program that ends without reading its input is judged by its status.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    child.once('error', (error) => {
      reject(new Error(`${command} could not be started: ${error.message}`));
    });
    child.once('close', (code, signal) => {
      if (code === 0) resolve(stdout);
      else
        reject(
          new Error(
            `${command} ${args[0] ?? ''} failed (${signal ?? code ?? '?'}): ${stderr.trim()}`,
          ),
        );
    });
  });
}

/** Servers and their tools live in sbin, which not every root's PATH has. */
export const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
