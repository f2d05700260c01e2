/** Sign-ups that are half-made: entries of the journal that are open for longer than any op takes. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { shellWord } from '../../shellWord.js';
import { parseJournal } from '../accounts/journal.js';
import { JOURNAL_SUFFIX, journalIn } from '../base/journalPlace.js';
import { fault, type Finding } from './finding.js';
import type { Host } from './host.js';

export async function journal({ ceod }: Host): Promise<Finding[]> {
  const folder = journalIn(ceod.stateDir);
  const files = await readdir(folder).catch((error: unknown) => {
    // ceod makes it.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  const entries = files.filter((file) => file.endsWith(JOURNAL_SUFFIX));
  const found = await Promise.all(
    entries.map((file) => entry(path.join(folder, file), ceod.opTimeout)),
  );
  return found.flat();
}

async function entry(file: string, opTimeout: number): Promise<Finding[]> {
  const name = path.basename(file, JOURNAL_SUFFIX);
  let records: readonly object[];
  let begun: number;
  try {
    records = parseJournal(await readFile(file, 'utf8'));
    begun = startOf(records) ?? (await stat(file)).mtimeMs;
  } catch (error) {
    // It has ended in the meantime.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    const what = `${file} cannot be understood, and keeps the name ${name} from being given`;
    return [fault(`journal.malformed.${name}`, what, `less ${shellWord(file)}`)];
  }
  const seconds = Math.round((Date.now() - begun) / 1000);
  if (seconds <= opTimeout) return [];
  const what = `what was begun for ${name} ${age(seconds)} ago is neither done nor undone`;
  // Whoever serves undoes what it can, and its log tells why it cannot.
  return [fault(`journal.open.${name}`, what, `journalctl -t ceod -g ${shellWord(name)}`)];
}

/** As the plan says. */
function startOf(records: readonly object[]): number | undefined {
  const plans = records.map((record) => ('plan' in record ? record.plan : undefined));
  const starts = plans.map((plan) => (plan as { startedAt?: unknown } | undefined)?.startedAt);
  return starts.find((start) => typeof start === 'number');
}

function age(seconds: number): string {
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800
    ? `${Math.round(seconds / 3600)} h`
    : `${Math.round(seconds / 86_400)} d`;
}
