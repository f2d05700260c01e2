/** Notify hooks (docs/directory.md): programs of the site that hear of new accounts. */
import { messageOf } from '../../errors.js';
import { printable } from '../../printable.js';
import { run, SYSTEM_PATH, type Identity } from '../../process/run.js';
import type { StatusLine } from '../../protocol/status.js';

export interface Hook {
  readonly program: string;
  /** Undefined: as the daemon's own user, when that is not root. */
  readonly as: Identity | undefined;
  readonly timeoutMs: number;
}

/**
 * Runs a hook with the statuses on its standard input.
 * @param args program (addmember…), client, username, real name, program of study, result
 * @returns what went wrong, or undefined; a hook never makes an op fail
 */
export async function runHook(
  hook: Hook,
  args: readonly string[],
  lines: readonly StatusLine[],
): Promise<string | undefined> {
  try {
    const result = await run(hook.program, args, {
      env: {
        PATH: SYSTEM_PATH,
        LANG: 'C.UTF-8',
      },
      timeoutMs: hook.timeoutMs,
      input: lines.map(({ message }) => `${message}\n`).join(''),
      ...(hook.as !== undefined && { as: hook.as }),
    });
    if (result.timedOut) return `the notify hook took longer than ${hook.timeoutMs / 1000} s`;
    if (result.status !== 0) {
      const why = printable(result.stderr.trim().split('\n').at(-1) ?? '', 200);
      const failed = `the notify hook failed with status ${result.status ?? 'signal'}`;
      return why === '' ? failed : `${failed}: ${why}`;
    }
    return undefined;
  } catch (error) {
    return `the notify hook cannot be run: ${messageOf(error)}`;
  }
}
