import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.js';
import { interleave, medianAndSpread, ratio } from '../measure.js';
import type { Target } from '../loadgen.js';
import { loadTable, mail, rates, SINGLE, WARM, withTestbed } from '../testbed.js';

const ROUNDS = 7;
const SUSTAINED_ROUNDS = 3;
const SPARES = 4;
/** In which a ceod boots its spares again, also on a busy machine. */
const REST_MS = 2_500;

export const sessions: Bench = {
  name: 'sessions',
  title: 'Sessions: connect, authenticate, one op, close',
  run: () =>
    withTestbed(async ({ load, ceod, remctld }) => {
      const peer = await remctld();
      const warm = mail(await ceod(WARM));
      const single = mail(await ceod(`${SINGLE}\nspare_sessions = ${SPARES}`));
      const sessionsOf = (target: Target, concurrency: number, seconds = 1) =>
        load({ ...target, mode: 'sessions', concurrency, until: { seconds } });

      const many = await interleave(
        {
          'remctld, 1 at a time': () => sessionsOf(peer, 1),
          'ceod, 1 at a time': () => sessionsOf(warm, 1),
          'remctld, 8 at a time': () => sessionsOf(peer, 8),
          'ceod, 8 at a time': () => sessionsOf(warm, 8),
        },
        ROUNDS,
      );
      const sustained = await interleave(
        {
          'ceod, a process for each, 1 at a time': () => sessionsOf(single, 1, 3),
          'ceod, a process for each, 8 at a time': () => sessionsOf(single, 8, 3),
        },
        SUSTAINED_ROUNDS,
      );
      const burstOf = async (target: Target) => {
        const until = { count: SPARES };
        const { seconds } = await load({ ...target, mode: 'sessions', concurrency: SPARES, until });
        return seconds * 1000;
      };
      const bursts = await interleave(
        {
          // A round begins when the spares that the last one used up are there again.
          remctld: () => sleep(REST_MS).then(() => burstOf(peer)),
          ceod: () => burstOf(warm),
          'ceod, a process for each': () => burstOf(single),
        },
        ROUNDS,
      );

      const against = (ours: keyof typeof many, theirs: keyof typeof many) =>
        ratio(rates(many[ours]), rates(many[theirs]));
      return {
        text: [
          `The op is \`mail\` without a forward, of a member for themself: whether there is such an account
is looked up in LDAP, and nothing is changed. remctld forks a program, \`/bin/true\`, for each command, and ceod does not.
\`sessions_per_process\` is 1,000,000, and 1 in the rows with a process for each session, as shipped.`,
          `Rows with a process for each session tell the rate that is sustained once the spares are
used up: a process has to be started for each. A burst is ${SPARES} sessions at once, as many as there
are spares; its figure is the time from the first connect to the last reply.`,
        ],
        tables: [
          loadTable('sessions', { ...many, ...sustained }),
          {
            columns: [`a burst of ${SPARES}`, 'ms'],
            rows: Object.entries(bursts).map(([name, times]) => [name, medianAndSpread(times)]),
          },
        ],
        goals: [
          {
            what: 'sessions/s, 1 at a time, against remctld',
            value: against('ceod, 1 at a time', 'remctld, 1 at a time'),
            unit: '×',
            bound: 'at least',
            goal: 2,
            stretch: 3,
          },
          {
            what: 'sessions/s, 8 at a time, against remctld',
            value: against('ceod, 8 at a time', 'remctld, 8 at a time'),
            unit: '×',
            bound: 'at least',
            goal: 2,
            stretch: 3,
          },
          {
            what: 'time of a burst, a process for each session, against `sessions_per_process` high',
            value: ratio(bursts['ceod, a process for each'], bursts.ceod),
            unit: '×',
            bound: 'at most',
            goal: 1.2,
          },
        ],
      };
    }),
};
