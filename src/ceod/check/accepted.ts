/** Findings that a site lives with: a file with a line `ID UNTIL REASON` for each. */
import { CeoError } from '../../errors.js';
import { readRegularText, whyUnread } from '../../regularFile.js';

export interface Acceptance {
  readonly id: string;
  /** The last day on which it counts, YYYY-MM-DD. */
  readonly until: string;
  readonly reason: string;
}

/** @throws CeoError usage, which names file and line */
export function readAccepted(file: string): Acceptance[] {
  let text: string;
  try {
    text = readRegularText(file);
  } catch (cause) {
    throw new CeoError('usage', `${file} ${whyUnread(cause)}.`, { cause });
  }
  return text.split('\n').flatMap((physical, index) => {
    const line = physical.replace(/(?:^|\s)#.*/, '').trim();
    if (line === '') return [];
    const [, id = '', until = '', reason = ''] = /^(\S+)\s+(\S+)\s+(.+)$/.exec(line) ?? [];
    if (id !== '' && isDay(until)) return [{ id, until, reason }];
    throw new CeoError('usage', `${file}:${index + 1}: expected ID YYYY-MM-DD REASON.`);
  });
}

function isDay(text: string): boolean {
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  return day !== undefined && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** What is said of a finding, if it still counts. */
export function acceptanceOf(
  id: string,
  accepted: readonly Acceptance[],
  today = new Date(),
): Acceptance | undefined {
  // By the calendar of the host.
  const day = today.toLocaleDateString('sv');
  return accepted.find((each) => each.id === id && day <= each.until);
}
