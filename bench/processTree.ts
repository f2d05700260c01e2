/** What a server and all its descendants take, read from /proc. */
import { readdirSync, readFileSync } from 'node:fs';

export interface Usage {
  readonly processes: number;
  /** Megabytes; what several processes share counts once, in parts. */
  readonly pss: number;
  /** Megabytes; what several processes share counts for each of them. */
  readonly rss: number;
  /** Open descriptors of the process that has most. */
  readonly descriptors: number;
}

/** Now. A process that ends meanwhile counts for nothing. */
export function usageOf(pid: number): Usage {
  const tree = descendants(pid).flatMap((each) => {
    try {
      const rollup = readFileSync(`/proc/${each}/smaps_rollup`, 'utf8');
      const descriptors = readdirSync(`/proc/${each}/fd`).length;
      return [{ pss: megabytes(rollup, 'Pss'), rss: megabytes(rollup, 'Rss'), descriptors }];
    } catch {
      return [];
    }
  });
  const sum = (key: 'pss' | 'rss') => tree.reduce((total, usage) => total + usage[key], 0);
  return {
    processes: tree.length,
    pss: sum('pss'),
    rss: sum('rss'),
    descriptors: Math.max(0, ...tree.map(({ descriptors }) => descriptors)),
  };
}

function megabytes(rollup: string, key: string): number {
  const kilobytes = new RegExp(`^${key}: +(\\d+) kB$`, 'm').exec(rollup)?.[1];
  return Number(kilobytes) / 1024;
}

function descendants(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const parent = parentOf(name);
    if (parent === undefined) continue;
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const below = (each: number): number[] => [each, ...(children.get(each) ?? []).flatMap(below)];
  return below(pid);
}

function parentOf(pid: string): number | undefined {
  try {
    // The name of the program is in brackets and may contain anything.
    return Number(
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) \S /s, '')
        .split(' ')[0],
    );
  } catch {
    return undefined;
  }
}
