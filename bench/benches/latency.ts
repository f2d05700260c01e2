import type { Bench, Line } from '../bench.js';
import type { LoadResult, Target } from '../loadgen.js';
import { figure, interleave, median, ratio } from '../measure.js';
import {
  FLOOR,
  MANY,
  rested,
  SCRIPT,
  SHIPPED,
  SINGLE,
  toCeod,
  WARM,
  withTestbed,
} from '../testbed.js';

const ROUNDS = 4;
/** One user plays all clients. */
const FOR_ONE = 'max_per_principal = 32';
const CONCURRENCY = [1, 2, 4, 8, 16, 32] as const;

type Concurrency = (typeof CONCURRENCY)[number];
type Quantile = 'p50' | 'p99';

const SERVERS = [FLOOR, SCRIPT, SHIPPED, MANY] as const;
type Server = (typeof SERVERS)[number];

/** How each is drawn. */
const STYLE: Readonly<Record<Server, Pick<Line, 'of' | 'dashed'>>> = {
  [FLOOR]: { of: 'peer', dashed: true },
  [SCRIPT]: { of: 'peer' },
  [SHIPPED]: { of: 'ours' },
  [MANY]: { of: 'ours', dashed: true },
};

export const latency: Bench = {
  name: 'latency',
  title: 'Latency of a session',
  run: () =>
    withTestbed(async ({ load, ceod, remctld }) => {
      const { script, floor } = await remctld();
      const targets: Record<Server, Target> = {
        [FLOOR]: floor,
        [SCRIPT]: script('getforward'),
        [SHIPPED]: toCeod(await ceod(`${SINGLE}\n${FOR_ONE}`))('getforward'),
        [MANY]: toCeod(await ceod(`${WARM}\n${FOR_ONE}`))('getforward'),
      };
      const run = (server: Server, concurrency: Concurrency) => {
        const until = { seconds: 1 };
        const result = load({ ...targets[server], mode: 'sessions', concurrency, until });
        return server === SHIPPED ? rested(result) : result;
      };
      const results: Record<string, LoadResult[]> = await interleave(
        Object.fromEntries(
          CONCURRENCY.flatMap((concurrency) =>
            SERVERS.map((server) => [`${server} ${concurrency}`, () => run(server, concurrency)]),
          ),
        ),
        ROUNDS,
      );
      const of = (server: Server, concurrency: Concurrency, quantile: Quantile): number[] =>
        (results[`${server} ${concurrency}`] ?? []).map((result) => result[quantile]);

      return {
        text: [
          `From connecting to the reply, as in *Sessions*, for 1 to 32 clients that begin the next
session when one has ended; they are all of one user, of whom ceod serves 32 here (24 as shipped). p50 is what half of the sessions stay below, p99 all but one in a hundred.`,
        ],
        tables: (['p50', 'p99'] as const).map((quantile) => ({
          columns: [`${quantile} in ms, at a time`, ...SERVERS],
          rows: CONCURRENCY.map((concurrency) => [
            String(concurrency),
            ...SERVERS.map((server) => figure(median(of(server, concurrency, quantile)))),
          ]),
        })),
        goals: ([SHIPPED, MANY] as const).map((server) => ({
          what: `p99 of a session, 8 at a time, ${server}, against a script of remctld`,
          value: ratio(of(server, 8, 'p99'), of(SCRIPT, 8, 'p99')),
          unit: '×',
          bound: 'at most',
          goal: server === MANY ? 0.5 : 1,
        })),
        plots: {
          latency: {
            title: 'Latency of a session (p50) against how many run at a time',
            x: 'sessions at a time',
            y: { label: 'ms', scale: 'log' },
            lines: SERVERS.map((server) => ({
              label: server,
              ...STYLE[server],
              points: CONCURRENCY.map((x) => ({ x, y: median(of(server, x, 'p50')) })),
            })),
          },
        },
      };
    }),
};
