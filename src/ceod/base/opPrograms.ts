/** Ops that are programs of the site's: which, and where. */
import path from 'node:path';
import type { Route } from '../../config/routes.js';
import { allOps } from '../../protocol/ops.js';

/** Where the programs are, and where deployed clients look for ceoc. */
const libDir = () => process.env['CEO_LIB_DIR'] || '/usr/lib/ceod';

export const programOf = (opName: string): string => path.join(libDir(), `op-${opName}`);

/** Whether a program executes it: the proto does not know it, or external_ops lists it. */
export function isExternal(
  { name }: Pick<Route, 'name'>,
  { externalOps }: { readonly externalOps: readonly string[] },
): boolean {
  return externalOps.includes(name) || !allOps.some((op) => op.name === name);
}
