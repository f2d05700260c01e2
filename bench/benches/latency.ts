import type { Bench, Line } from '../bench.js';
import type { LoadResult } from '../loadgen.js';
import { figure, interleave, median, ratio } from '../measure.js';
import type { Target } from '../loadgen.js';
import { mail, WARM, withTestbed } from '../testbed.js';

const ROUNDS = 7;
const CONCURRENCY = [1, 2, 4, 8, 16, 32] as const;

type Concurrency = (typeof CONCURRENCY)[number];
type Quantile = 'p50' | 'p99';

const SERVERS = ['ceod', 'remctld'] as const;
type Server = (typeof SERVERS)[number];

export const latency: Bench = {
  name: 'latency',
  title: 'Latency of a session',
  run: () =>
    withTestbed(async ({ load, ceod, remctld }) => {
      const targets: Record<Server, Target> = {
        remctld: await remctld(),
        ceod: mail(await ceod(WARM)),
      };
      const contestant = (server: Server, concurrency: Concurrency) =>
        [
          `${server} ${concurrency}`,
          () => load({ ...targets[server], mode: 'sessions', concurrency, until: { seconds: 1 } }),
        ] as const;
      const results = await interleave(
        Object.fromEntries(
          CONCURRENCY.flatMap((each) => [contestant('remctld', each), contestant('ceod', each)]),
        ),
        ROUNDS,
      );
      const of = (server: Server, concurrency: Concurrency, quantile: Quantile): number[] =>
        (results[`${server} ${concurrency}`] ?? []).map((result: LoadResult) => result[quantile]);

      const line = (server: Server, quantile: Quantile): Line => ({
        label: `${server} ${quantile}`,
        of: server === 'ceod' ? 'ours' : 'peer',
        dashed: quantile === 'p99',
        points: CONCURRENCY.map((x) => ({ x, y: median(of(server, x, quantile)) })),
      });
      return {
        text: [
          `From connecting to the reply, as in *Sessions*, for 1 to 32 clients that begin the next
session when one has ended. p50 is what half of the sessions stay below, p99 all but one in a hundred.`,
        ],
        tables: [
          {
            columns: ['at a time', ...SERVERS.flatMap((name) => [`${name} p50, ms`, `p99, ms`])],
            rows: CONCURRENCY.map((concurrency) => [
              String(concurrency),
              ...SERVERS.flatMap((server) =>
                (['p50', 'p99'] as const).map((quantile) =>
                  figure(median(of(server, concurrency, quantile))),
                ),
              ),
            ]),
          },
        ],
        goals: [
          {
            what: 'p99 of a session, 8 at a time, against remctld',
            value: ratio(of('ceod', 8, 'p99'), of('remctld', 8, 'p99')),
            unit: '×',
            bound: 'at most',
            goal: 0.5,
          },
        ],
        plots: {
          latency: {
            title: 'Latency of a session against how many run at a time',
            x: 'sessions at a time',
            y: { label: 'ms', scale: 'log' },
            lines: SERVERS.flatMap((server) => [line(server, 'p99'), line(server, 'p50')]),
          },
        },
      };
    }),
};
