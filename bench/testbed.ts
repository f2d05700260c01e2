/** What is put under load: remctld and ceods of the bench's own, and the load generator. */
import { encodeBody } from '../src/protocol/body.js';
import { ops } from '../src/protocol/ops.js';
import { startOwnCeod, type OwnCeod } from '../test/support/ownCeod.js';
import { folder, ginseng } from '../test/support/realm.js';
import type { Table } from './bench.js';
import { loadGenerator, type Generate, type LoadResult, type Target } from './loadgen.js';
import { figure, median, medianAndSpread } from './measure.js';
import { startRemctld } from './remctld.js';

/** Session processes that serve one connection after the other, as long as the bench goes on. */
export const WARM = 'sessions_per_process = 1000000';

/** One session process for each connection, as ceod is shipped. */
export const SINGLE = 'sessions_per_process = 1';

const { id, input, encoding } = ops.updateMail;

/** The op `mail` of a member for themself: changes nothing, or writes the forward given. */
export const mail = ({ target }: OwnCeod, forward?: string): Target => ({
  target,
  service: `ceod@${ginseng}`,
  request: {
    op: id,
    body: encodeBody(input, encoding, {
      username: 'ctdalek',
      ...(forward !== undefined && { forward }),
    }),
  },
});

export interface Testbed {
  readonly generate: Generate;
  /** The same for loads of which nothing may fail. @throws Error if something does */
  readonly load: Generate;
  /** @param settings lines for ceod.cf; @param node what runs it */
  readonly ceod: (settings: string, node?: string) => Promise<OwnCeod>;
  readonly remctld: () => Promise<Target>;
}

/** Stops what `use` started, however it ends. */
export async function withTestbed<Result>(
  use: (testbed: Testbed) => Promise<Result>,
): Promise<Result> {
  const running: { stop(): Promise<void> }[] = [];
  const keep = <Server extends { stop(): Promise<void> }>(server: Server): Server => {
    running.push(server);
    return server;
  };
  const generate = await loadGenerator(folder, process.env);
  try {
    return await use({
      generate,
      async load(load) {
        const result = await generate(load);
        if (result.failures === 0) return result;
        throw new Error(`${result.failures} failed at ${load.target}: ${result.failure}`);
      },
      ceod: async (settings, node) =>
        keep(await startOwnCeod(settings, node === undefined ? {} : { node })),
      remctld: async () => keep(await startRemctld()).target,
    });
  } finally {
    for (const server of running) await server.stop();
  }
}

/** Requests a second. */
export const rates = (results: readonly LoadResult[]): number[] =>
  results.map(({ count, seconds }) => count / seconds);

/** @param what `sessions` or `ops` */
export const loadTable = (
  what: string,
  contestants: Readonly<Record<string, readonly LoadResult[]>>,
): Table => ({
  columns: ['', `${what}/s`, 'p50, ms', 'p99, ms', 'generator, µs'],
  rows: Object.entries(contestants).map(([name, results]) => [
    name,
    medianAndSpread(rates(results)),
    figure(median(results.map(({ p50 }) => p50))),
    figure(median(results.map(({ p99 }) => p99))),
    figure(median(results.map((result) => result.cpuSecondsPerRequest)) * 1e6),
  ]),
});
