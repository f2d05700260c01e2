import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeBody } from '../../src/protocol/body.js';
import { ops } from '../../src/protocol/ops.js';
import { folder } from '../../test/support/realm.js';
import { WireClient } from '../../test/support/wire.js';
import type { Bench } from '../bench.js';
import { median, medianAndSpread } from '../measure.js';
import { usageOf } from '../processTree.js';
import { USERNAME } from '../requests.js';
import { WARM, withTestbed } from '../testbed.js';

const ROUNDS = 3;
const SESSIONS = 8;
/** Until what was started has settled. */
const SETTLE_MS = 5_000;

const { id, input, encoding } = ops.getForward;

/** A session that has seen one op and stays open. */
async function openSession(target: string): Promise<WireClient> {
  const client = await WireClient.authenticated(target);
  client.send(client.op(id, encodeBody(input, encoding, { username: USERNAME })));
  if ((await client.reply()) === undefined) throw new Error('ceod closed a session');
  return client;
}

async function settled(pid: number): Promise<number> {
  await sleep(SETTLE_MS);
  return usageOf(pid).pss;
}

export const memory: Bench = {
  name: 'memory',
  title: 'Memory',
  run: () =>
    withTestbed(async ({ ceod }) => {
      // A file of its own: what other processes of Node map as well would count in part only.
      const node = path.join(folder, 'node');
      await copyFile(process.execPath, node);
      const idle: number[] = [];
      const further: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const own = await ceod(`${WARM}\nspare_sessions = 4`, node);
        const before = await settled(own.server.pid);
        const clients = await Promise.all(
          Array.from({ length: SESSIONS }, () => openSession(own.target)),
        );
        const after = await settled(own.server.pid);
        idle.push(before);
        further.push((after - before) / SESSIONS);
        for (const client of clients) client.close();
        await own.stop();
      }
      return {
        text: [
          `Proportional set size of the daemon and all its processes, the sum over
/proc/PID/smaps_rollup. *Idle* is a master, one runner and four spares. *Each further session* is what
${SESSIONS} connections that have had an op and stay open add, divided by ${SESSIONS}; the spares are
kept beside them.`,
        ],
        tables: [
          {
            columns: ['', 'MB (PSS)'],
            rows: [
              ['idle', medianAndSpread(idle)],
              ['each further session', medianAndSpread(further)],
            ],
          },
        ],
        goals: [
          {
            what: 'memory of an idle ceod',
            value: median(idle),
            unit: 'MB',
            bound: 'at most',
            goal: 150,
          },
          {
            what: 'memory of each further session',
            value: median(further),
            unit: 'MB',
            bound: 'at most',
            goal: 25,
          },
        ],
      };
    }),
};
