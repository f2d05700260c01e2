import type { Bench } from '../bench.js';
import { interleave, ratio } from '../measure.js';
import type { Target } from '../loadgen.js';
import { loadTable, mail, rates, WARM, withTestbed } from '../testbed.js';

const ROUNDS = 9;
const WRITING_ROUNDS = 5;

export const ops: Bench = {
  name: 'ops',
  title: 'Ops on connections that stay open',
  run: () =>
    withTestbed(async ({ load, ceod, remctld }) => {
      const peer = await remctld();
      const own = await ceod(WARM);
      const opsOf = (target: Target, concurrency: number) => () =>
        load({ ...target, mode: 'ops', concurrency, until: { seconds: 1 } });

      const reading = await interleave(
        {
          'remctld, 1 connection': opsOf(peer, 1),
          'ceod, 1 connection': opsOf(mail(own), 1),
          'remctld, 8 connections': opsOf(peer, 8),
          'ceod, 8 connections': opsOf(mail(own), 8),
        },
        ROUNDS,
      );
      const forward = mail(own, 'ctdalek@example.org');
      const writing = await interleave(
        {
          'ceod, 1 connection, writing': opsOf(forward, 1),
          'ceod, 8 connections, writing': opsOf(forward, 8),
        },
        WRITING_ROUNDS,
      );

      const against = (ours: keyof typeof reading, theirs: keyof typeof reading) =>
        ratio(rates(reading[ours]), rates(reading[theirs]));
      return {
        text: [
          `One op after the other on each connection, without the time that connecting and
authenticating took. The op is \`mail\`, as in *Sessions*. In the rows that say *writing* it has a forward,
which a process of that user's writes into the home. remctld forks \`/bin/true\` for each command, ceod
forks for the writing ones alone.`,
        ],
        tables: [loadTable('ops', { ...reading, ...writing })],
        goals: [
          {
            what: 'ops/s on 1 connection, against remctld',
            value: against('ceod, 1 connection', 'remctld, 1 connection'),
            unit: '×',
            bound: 'at least',
            goal: 5,
            stretch: 10,
          },
          {
            what: 'ops/s on 8 connections, against remctld',
            value: against('ceod, 8 connections', 'remctld, 8 connections'),
            unit: '×',
            bound: 'at least',
            goal: 5,
            stretch: 10,
          },
        ],
      };
    }),
};
