import type { Bench } from '../bench.js';
import { interleave, ratio } from '../measure.js';
import { loadTable, toCeod, WARM, withTestbed } from '../testbed.js';

const ROUNDS = 9;

export const oldClient: Bench = {
  name: 'old-client',
  title: 'A client that writes header and body apart',
  run: () =>
    withTestbed(async ({ load, ceod }) => {
      const target = toCeod(await ceod(WARM))('getforward');
      const client = (writes: 'once' | 'split') => () =>
        load({ ...target, writes, mode: 'sessions', concurrency: 1, until: { seconds: 1 } });
      const results = await interleave(
        { 'one write': client('once'), 'two writes': client('split') },
        ROUNDS,
      );
      const latencies = (name: keyof typeof results) => results[name].map(({ p50 }) => p50);
      return {
        text: [
          `The deployed ceoc writes a frame's header and its body one after the other and leaves
Nagle's algorithm on: the body then waits until the header is acknowledged, which the server's kernel
puts off for 40 ms unless the server asks it not to. The peer is the same client with one write and
TCP_NODELAY. The op is \`getforward\`, as in *Sessions*.`,
        ],
        tables: [loadTable('sessions', results)],
        goals: [
          {
            what: 'p50 of a session, two writes, against one write',
            value: ratio(latencies('two writes'), latencies('one write')),
            unit: '×',
            bound: 'at most',
            goal: 1.5,
          },
        ],
      };
    }),
};
