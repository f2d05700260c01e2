import type { Bench } from '../bench.js';
import type { LoadResult, Target } from '../loadgen.js';
import { interleave, medianAndSpread, ratio } from '../measure.js';
import {
  FLOOR,
  loadTable,
  MANY,
  rates,
  rested,
  SCRIPT,
  SHIPPED,
  SINGLE,
  toCeod,
  WARM,
  withTestbed,
} from '../testbed.js';

const ROUNDS = 5;
const AT_A_TIME = [1, 8] as const;
const SPARES = 4;

type Count = (typeof AT_A_TIME)[number];

export const sessions: Bench = {
  name: 'sessions',
  title: 'Sessions: connect, authenticate, one op, close',
  run: () =>
    withTestbed(async ({ load, ceod, remctld }) => {
      const { script, floor } = await remctld();
      const peer = script('getforward');
      const shipped = toCeod(await ceod(`${SINGLE}\nspare_sessions = ${SPARES}`))('getforward');
      const many = toCeod(await ceod(WARM))('getforward');
      const sessionsOf = (target: Target, concurrency: Count, seconds = 1) =>
        load({ ...target, mode: 'sessions', concurrency, until: { seconds } });

      const results: Record<string, LoadResult[]> = await interleave(
        Object.fromEntries(
          AT_A_TIME.flatMap((count) => [
            [`${FLOOR}, ${count} at a time`, () => sessionsOf(floor, count)],
            [`${SCRIPT}, ${count} at a time`, () => sessionsOf(peer, count)],
            [`${SHIPPED}, ${count} at a time`, () => rested(sessionsOf(shipped, count, 3))],
            [`${MANY}, ${count} at a time`, () => sessionsOf(many, count)],
          ]),
        ),
        ROUNDS,
      );
      const burstOf = async (target: Target) => {
        const until = { count: SPARES };
        const { seconds } = await load({ ...target, mode: 'sessions', concurrency: SPARES, until });
        return seconds * 1000;
      };
      const bursts = await interleave(
        {
          [FLOOR]: () => burstOf(floor),
          [SCRIPT]: () => burstOf(peer),
          [SHIPPED]: () => rested(burstOf(shipped)),
          [MANY]: () => burstOf(many),
        },
        ROUNDS,
      );

      const againstScript = (server: typeof SHIPPED | typeof MANY, count: Count) => {
        const ratesOf = (name: string) => rates(results[`${name}, ${count} at a time`] ?? []);
        return ratio(ratesOf(server), ratesOf(SCRIPT));
      };
      return {
        text: [
          `The op is \`getforward\`, which reads the caller's own \`~/.forward\`: an account and its groups are
looked up in LDAP, and a process of that user's reads the file. \`/bin/true\` is the floor: no work at all.
*As shipped* is a process for each session; *many to a process* is \`sessions_per_process\` = 1,000,000.`,
          `As shipped, the rate is the one that is sustained once the spares are used up: a process has to be
started for each session. A burst is ${SPARES} sessions at once, as many as there are spares; its figure is
the time from the first connect to the last reply.`,
        ],
        tables: [
          loadTable('sessions', results),
          {
            columns: [`a burst of ${SPARES}`, 'ms'],
            rows: Object.entries(bursts).map(([name, times]) => [name, medianAndSpread(times)]),
          },
        ],
        goals: [
          ...AT_A_TIME.flatMap((count) =>
            ([SHIPPED, MANY] as const).map((server) => ({
              what: `sessions/s, ${count} at a time, ${server}, against a script of remctld`,
              value: againstScript(server, count),
              unit: '×' as const,
              bound: 'at least' as const,
              goal: server === MANY ? 2 : 1,
            })),
          ),
          {
            what: `time of a burst, as shipped, against many to a process`,
            value: ratio(bursts[SHIPPED], bursts[MANY]),
            unit: '×',
            bound: 'at most',
            goal: 1.2,
          },
        ],
      };
    }),
};
