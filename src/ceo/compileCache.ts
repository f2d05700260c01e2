/** Code that is compiled already, from Node 22 on: what is imported after this begins sooner. */
import module from 'node:module';
import os from 'node:os';
import path from 'node:path';

/** Since Node 22.1; the types are those of the oldest Node that is served. */
const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown };

/**
 * In a folder of the user's own: whoever writes there decides what is run. So not where HOME says,
 * which may be somebody else's, and never for root.
 */
export function useCompileCache(): void {
  if (process.getuid?.() === 0) return;
  try {
    enableCompileCache?.(path.join(os.userInfo().homedir, '.cache', 'ceo'));
  } catch {
    // A user whom the system does not know has no home.
  }
}
