/** The one process that outlives a sandbox, to leave nothing of it behind. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Reaper {
  /** Ends what is left of the sandbox, removes its folder, and resolves when done. */
  finish(): Promise<void>;
}

/** Starts the reaper of this folder; it acts when told to or when this process is gone. */
export function startReaper(folder: string): Reaper {
  const child = spawn('sh', [fileURLToPath(new URL('reaper.sh', import.meta.url))], {
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  });
  const exit = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  child.stdin.on('error', () => undefined);
  child.stdin.write(`${folder}\n`);
  return {
    finish: () => {
      child.stdin.end();
      return exit;
    },
  };
}
