/** A file system that never answers, over a folder: what touches it hangs, and cannot be killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { folder } from './realm.js';

const program = fileURLToPath(new URL('silent_mount.py', import.meta.url));

export class SilentMount {
  private constructor(
    private readonly child: ChildProcess,
    private readonly exit: Promise<void>,
  ) {}

  /**
   * @param silent which requests it does not answer: all, or all but those about the folder itself
   * @throws Error if this machine does not let us
   */
  static async over(place: string, silent: 'all' | 'files' = 'all'): Promise<SilentMount> {
    const child = spawn('python3', [program, place, silent], { stdio: ['pipe', 'pipe', 'pipe'] });
    let why = '';
    child.stderr.on('data', (chunk: Buffer) => (why += chunk.toString()));
    const exit = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const mounted = new Promise<boolean>((resolve) => {
      child.stdout.once('data', () => resolve(true));
      child.once('error', ({ message }) => (why = message));
      child.once('close', () => resolve(false));
    });
    if (!(await mounted)) throw new Error(`nothing can be mounted by FUSE here: ${why.trim()}`);
    return new SilentMount(child, exit);
  }

  /** Unmounts it: what waits for it gets an error. */
  async release(): Promise<void> {
    this.child.stdin?.end();
    await this.exit;
  }
}

/** Why nothing can be mounted here: no /dev/fuse, or no right to; undefined if it can. */
export async function whyNoSilentMount(): Promise<string | undefined> {
  const place = await mkdtemp(path.join(folder, 'mount-'));
  try {
    await (await SilentMount.over(place)).release();
    return undefined;
  } catch (error) {
    return String(error);
  } finally {
    await rmdir(place);
  }
}
