/** What root asks a running ceod on the command line: `ceod status`, `ceod unban ADDRESS`. */
import { isIP } from 'node:net';
import { configDir, loadCeod } from '../../config/settings.js';
import { CeoError } from '../../errors.js';
import { printable, printableJson } from '../../printable.js';
import { askMaster, controlSocket } from './control.js';
import { inMetrics, inWords, type Status } from './status.js';

/** How a status is wanted. */
export interface Form {
  readonly json: boolean;
  readonly prometheus: boolean;
}

/** @returns what is to be printed @throws CeoError */
export async function command(words: readonly string[], form: Form): Promise<string> {
  const [word, address, ...more] = words;
  if (word === 'status' && address === undefined) return status(form);
  if (word === 'unban' && address !== undefined && more.length === 0) return unban(address);
  throw usage('There is ceod status, and ceod unban ADDRESS.');
}

const usage = (message: string) => new CeoError('usage', message, { next: 'See ceod --help.' });

const ask = (question: string) =>
  askMaster(controlSocket(loadCeod(configDir()).settings), question);

async function status({ json, prometheus }: Form): Promise<string> {
  try {
    const told = (await ask('status')) as Status;
    if (prometheus) return inMetrics(told).trimEnd();
    return json
      ? printableJson(told)
      : inWords(told)
          .split('\n')
          .map((line) => printable(line, MAX_LINE))
          .join('\n');
  } catch (error) {
    // For a collector that is an answer as well.
    const isGone = error instanceof CeoError && error.code === 'unreachable';
    if (prometheus && isGone) return inMetrics(undefined).trimEnd();
    throw error;
  }
}

/** A line may list a hundred networks. */
const MAX_LINE = 20_000;

async function unban(address: string): Promise<string> {
  if (isIP(address) === 0) throw usage(`${printable(address)} is no IPv4 or IPv6 address.`);
  const { lifted } = (await ask(`unban ${address}`)) as { lifted: readonly string[] };
  if (lifted.length > 0) return `${lifted.join(', ')}: served again`;
  return `${address} was not turned away`;
}
