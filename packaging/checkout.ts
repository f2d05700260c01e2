/** What is packaged: this checkout, its version and its time. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import manifest from '../package.json' with { type: 'json' };

export const CHECKOUT = path.join(import.meta.dirname, '..');

/** Where everything that is made here lies. */
export const BUILD = path.join(CHECKOUT, 'build');

/** That of package.json: the programs' --version, the packages and the changelog have no other. */
export const VERSION = manifest.version;

/** With an epoch: the packages of the legacy system went up to 0.7 and bore the same name. */
export const DEBIAN_VERSION = `1:${VERSION}`;

/** The least Node that will do, `20.19`. */
export const LEAST_NODE = manifest.engines.node.replace('>=', '');

export const inCheckout = (...parts: string[]): string => path.join(CHECKOUT, ...parts);

export const read = (...parts: string[]): string => readFileSync(inCheckout(...parts), 'utf8');

/** A file of packaging/ with its @NAMES@ filled in. */
export function template(file: string, values: Readonly<Record<string, string>>): string {
  return read('packaging', file).replaceAll(/@([A-Z]+)@/g, (_match, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`packaging/${file}: there is no @${name}@`);
    return value;
  });
}

/** The time that is in everything: of the last commit, so that whoever builds it again gets the same. */
export async function sourceDate(): Promise<number> {
  const given = process.env['SOURCE_DATE_EPOCH'];
  if (given !== undefined && /^\d+$/.test(given)) return Number(given);
  try {
    const { stdout } = await promisify(execFile)('git', ['log', '-1', '--format=%ct'], {
      cwd: CHECKOUT,
    });
    return Number(stdout);
  } catch (cause) {
    throw new Error('This is no git checkout: set SOURCE_DATE_EPOCH to the time of the source.', {
      cause,
    });
  }
}
