import type { Bench, Table } from '../bench.js';
import type { LoadResult, Target } from '../loadgen.js';
import { figure, interleave, median, medianAndSpread, ratio } from '../measure.js';
import { requests, type Command } from '../requests.js';
import {
  FLOOR,
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

const ROUNDS = 4;
const CONNECTIONS = [1, 8] as const;
const COMMANDS = Object.keys(requests) as Command[];
const SERVERS = [SCRIPT, SHIPPED, MANY] as const;

type Count = (typeof CONNECTIONS)[number];
type Server = (typeof SERVERS)[number];

const onConnections = (count: Count) => (count === 1 ? '1 connection' : `${count} connections`);

export const ops: Bench = {
  name: 'ops',
  title: 'Ops on connections that stay open',
  run: () =>
    withTestbed(async ({ load, ceod, remctld }) => {
      const { script, floor } = await remctld();
      const shipped = toCeod(await ceod(SINGLE));
      const many = toCeod(await ceod(WARM));
      const opsOf = (target: Target, concurrency: Count) =>
        load({ ...target, mode: 'ops', concurrency, until: { seconds: 1 } });
      const run: Record<Server, (command: Command, count: Count) => Promise<LoadResult>> = {
        [SCRIPT]: (command, count) => opsOf(script(command), count),
        [SHIPPED]: (command, count) => rested(opsOf(shipped(command), count)),
        [MANY]: (command, count) => opsOf(many(command), count),
      };

      const contestants: Record<string, () => Promise<LoadResult>> = {};
      for (const count of CONNECTIONS) {
        contestants[`${FLOOR}, ${count}`] = () => opsOf(floor, count);
        for (const command of COMMANDS)
          for (const server of SERVERS)
            contestants[`${server}, ${command}, ${count}`] = () => run[server](command, count);
      }
      const results = await interleave(contestants, ROUNDS);
      const ofFloor = (count: Count) => results[`${FLOOR}, ${count}`] ?? [];
      const of = (server: Server, command: Command, count: Count) =>
        results[`${server}, ${command}, ${count}`] ?? [];

      const table = (
        count: Count,
        what: string,
        cell: (results: readonly LoadResult[]) => string,
      ): Table => ({
        columns: [`${onConnections(count)}, ${what}`, FLOOR, ...SERVERS],
        rows: COMMANDS.map((command) => [
          command,
          cell(ofFloor(count)),
          ...SERVERS.map((server) => cell(of(server, command, count))),
        ]),
      });
      return {
        text: [
          `One op after the other on each connection, without the time that connecting and
authenticating took. \`getforward\` reads the caller's own \`~/.forward\`, \`mail\` writes it, and \`adduser\`
makes a new member each time. The scripts (\`bench/scripts/\`) do the same work with ldapsearch(1),
ldapadd(1), kadmin(1) and setpriv(1), and with a ticket that they keep. They do less than ceod: they undo
nothing when a step fails, do not ask whether the name was somebody else's once, and write \`.forward\`
in place. Their sign-ups take turns while one finds a free uid and puts it into the directory.`,
          `*As shipped* is a process for each connection. Once a connection is open this makes no
difference; what it costs is in *Sessions*. \`/bin/true\` is the floor, whichever the op.`,
        ],
        tables: CONNECTIONS.flatMap((count) => [
          table(count, 'ops/s', (each) => medianAndSpread(rates(each))),
          table(count, 'p50 in ms', (each) => figure(median(each.map(({ p50 }) => p50)))),
        ]),
        goals: CONNECTIONS.flatMap((count) =>
          COMMANDS.map((command) => ({
            what: `${command}/s on ${onConnections(count)}, as shipped, against a script`,
            value: ratio(rates(of(SHIPPED, command, count)), rates(of(SCRIPT, command, count))),
            unit: '×',
            bound: 'at least',
            goal: 1,
            stretch: 2,
          })),
        ),
      };
    }),
};
