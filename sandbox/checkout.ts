/** The checkout that this sandbox is part of. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Its absolute path. */
export const checkout = fileURLToPath(new URL('..', import.meta.url));

/** Its programs by name, as package.json's `bin` says: paths below its root. */
export function programs(): Map<string, string> {
  const manifest = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as {
    bin: Record<string, string>;
  };
  return new Map(Object.entries(manifest.bin));
}
