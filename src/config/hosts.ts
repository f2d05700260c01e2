/** Canonical host names and addresses. */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { CeoError } from '../errors.js';
import { run } from '../process/run.js';

export interface Host {
  /** Canonical full name. */
  readonly name: string;
  /** Numeric address. */
  readonly address: string;
}

const TIMEOUT_MS = 10_000;

/**
 * Looks a host up: in the hosts(5) file that CEO_HOSTS names, if it is set,
 * else as the system does (`getent ahosts`).
 * @throws CeoError config
 */
export async function canonicalHost(name: string): Promise<Host> {
  const file = process.env['CEO_HOSTS'];
  const host = file === undefined ? await fromSystem(name) : fromFile(name, file);
  if (host !== undefined) return host;
  throw new CeoError('config', `The host ${name} is not known.`, {
    next: `Check ops/* and ${file ?? 'the resolver: getent ahosts ' + name}.`,
  });
}

/** This machine's own name, as canonicalHost takes it. */
export const ownHostname = (): string => os.hostname();

function fromFile(name: string, file: string): Host | undefined {
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const [canonical] = names;
    if (address !== undefined && canonical !== undefined && names.includes(name)) {
      return { name: canonical, address };
    }
  }
  return undefined;
}

async function fromSystem(name: string): Promise<Host | undefined> {
  const { stdout } = await run('getent', ['--', 'ahosts', name], {
    env: { PATH: process.env['PATH'] ?? '', LANG: 'C' },
    timeoutMs: TIMEOUT_MS,
  });
  // ADDRESS STREAM CANONICAL: the name stands on the first line only, getent(1).
  const [address, , canonical] = (stdout.split('\n')[0] ?? '').trim().split(/\s+/);
  if (address === undefined || address === '') return undefined;
  return { name: canonical ?? name, address };
}
