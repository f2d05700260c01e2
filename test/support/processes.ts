import { readdir, readFile } from 'node:fs/promises';

/** As proc_pid_cmdline(5) and proc_pid_environ(5) have it: words that end with NUL. */
interface Process {
  readonly command: string;
  readonly environment: string;
}

/** The pids of the processes that are like that; one that has just ended has no words. */
export async function processesWhere(is: (process: Process) => boolean): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
      const [command, environment] = await Promise.all([read('cmdline'), read('environ')]);
      return is({ command, environment }) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}
