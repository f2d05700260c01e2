/** All parts at once, each within its time. */
import { CeoError, messageOf } from '../../errors.js';
import { unasked, type Finding } from './finding.js';
import type { Host } from './host.js';
import type { Part } from './parts.js';

export interface Examined {
  readonly name: string;
  readonly about: string;
  /** None: it is fine. */
  readonly findings: readonly Finding[];
}

export function examine(parts: readonly Part[], host: Host): Promise<Examined[]> {
  const own = parts.filter(({ concerns }) => concerns?.(host) ?? true);
  return Promise.all(
    own.map(async (part) => ({
      name: part.name,
      about: part.about,
      findings: await findings(part, host),
    })),
  );
}

async function findings({ name, isRoots, look }: Part, host: Host): Promise<Finding[]> {
  if (isRoots === true && !host.isRoot) return [unasked(name, 'only root can look at it')];
  const seconds = host.ceod.stepTimeout;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding[]>((resolve) => {
    const what = `no answer within ${seconds} s`;
    timer = setTimeout(() => resolve([unasked(name, what)]), seconds * 1000);
  });
  try {
    return await Promise.race([look(host), late]);
  } catch (error) {
    const next = error instanceof CeoError && error.next !== undefined ? ` ${error.next}` : '';
    return [unasked(name, `${messageOf(error)}${next}`)];
  } finally {
    clearTimeout(timer);
  }
}
