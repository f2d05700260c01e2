/** Canonical host names and addresses. */
import os from 'node:os';
import { CeoError } from '../errors.js';
import { readRegularText, whyUnread } from '../regularFile.js';
import { run } from '../process/run.js';

export interface Host {
  /** Canonical full name, in lower case: the host of `ceod/HOST`. */
  readonly name: string;
  /** Numeric address. */
  readonly address: string;
}

const TIMEOUT_MS = 10_000;
/** getent(1): one or more keys could not be found. */
const NOT_FOUND = 2;

/**
 * Looks a host up: in the hosts(5) file that CEO_HOSTS names, if it is set,
 * else as the system does (`getent ahosts`).
 * @throws CeoError config
 */
export async function canonicalHost(name: string): Promise<Host> {
  const file = process.env['CEO_HOSTS'];
  const found = file ? fromFile(name, file) : await fromSystem(name);
  if (found === undefined) {
    throw new CeoError('config', `The host ${name} is not known.`, {
      next: `Check its spelling, and ${file ? file : `what \`getent ahosts ${name}\` says`}.`,
    });
  }
  return { name: found.name.toLowerCase().replace(/\.$/, ''), address: found.address };
}

/** This machine's own name, as canonicalHost takes it. */
export const ownHostname = (): string => os.hostname();

function fromFile(name: string, file: string): Host | undefined {
  const wanted = name.toLowerCase();
  for (const line of readHosts(file).split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const [canonical] = names;
    if (address === undefined || canonical === undefined) continue;
    if (names.some((each) => each.toLowerCase() === wanted)) return { name: canonical, address };
  }
  return undefined;
}

function readHosts(file: string): string {
  try {
    return readRegularText(file);
  } catch (cause) {
    throw new CeoError('config', `${file}, which CEO_HOSTS names, ${whyUnread(cause)}.`, {
      next: 'Correct CEO_HOSTS, or unset it to look hosts up as the system does.',
      cause,
    });
  }
}

async function fromSystem(name: string): Promise<Host | undefined> {
  const { status, stdout, stderr } = await run('getent', ['--', 'ahosts', name], {
    env: { PATH: process.env['PATH'] ?? '', LANG: 'C' },
    timeoutMs: TIMEOUT_MS,
  });
  if (status === NOT_FOUND) return undefined;
  // ADDRESS STREAM CANONICAL: the name stands on the first line only, getent(1).
  const [address, , canonical] = (stdout.split('\n')[0] ?? '').trim().split(/\s+/);
  if (status !== 0 || address === undefined) {
    throw new CeoError('config', `The host ${name} could not be looked up.`, {
      next: `Check the resolver: getent ahosts ${name}`,
      cause: new Error(stderr.trim() || `no answer within ${TIMEOUT_MS / 1000} s`),
    });
  }
  return { name: canonical ?? name, address };
}
