/** Interleaved rounds, medians, spreads and ratios. */

/**
 * Lets each contestant run once unmeasured, then in turn, round by round: what else the
 * machine does hits all of them alike.
 * @returns what each came to, in the order of the rounds
 */
export async function interleave<Name extends string, Result>(
  contestants: Readonly<Record<Name, () => Promise<Result>>>,
  rounds: number,
): Promise<Record<Name, Result[]>> {
  const names = Object.keys(contestants) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, [] as Result[]])) as Record<
    Name,
    Result[]
  >;
  for (const name of names) await contestants[name]();
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) results[name].push(await contestants[name]());
  }
  return results;
}

/** Milliseconds that it takes. */
export async function timed(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

/** The median of the ratios of each round, which stand what changes from round to round. */
export const ratio = (values: readonly number[], peers: readonly number[]): number =>
  median(values.map((value, round) => value / (peers[round] ?? NaN)));

/** Three significant digits, and thousands apart: `0.512`, `44.1`, `1,230`; nothing is `0`. */
export const figure = (value: number): string =>
  value.toLocaleString('en', {
    maximumSignificantDigits: 3,
    ...(value !== 0 && { minimumSignificantDigits: 3 }),
  });

/** The median and, in brackets, the least and the greatest. */
export const medianAndSpread = (values: readonly number[]): string =>
  `${figure(median(values))} (${figure(Math.min(...values))}–${figure(Math.max(...values))})`;
