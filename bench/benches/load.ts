import type { Bench } from '../bench.js';
import type { Load } from '../loadgen.js';
import { figure } from '../measure.js';
import { usageOf, type Usage } from '../processTree.js';
import { toCeod, WARM, withTestbed } from '../testbed.js';

const SECONDS = 60;
const SAMPLE_MS = 1_000;

/** What bounds one user, strangers and long connections for the sake of others is further off. */
const SETTINGS = `${WARM}
max_sessions = 32
max_queued = 256
max_per_principal = 32
max_startups = 256:30:512
max_session_age_busy = 120
login_deadline = 10`;
const LOGIN_DEADLINE_MS = 10_000;

type Behaviour = Pick<Load, 'mode' | 'concurrency' | 'pauseMs'>;

/** 200 at a time. */
const CLIENTS: Readonly<Record<string, Behaviour>> = {
  'in a hurry: one session after the other': { mode: 'sessions', concurrency: 160 },
  'slow: 0.5 s before each write': { mode: 'sessions', concurrency: 20, pauseMs: 500 },
  'idle: an op every 3 s on one connection': { mode: 'ops', concurrency: 20, pauseMs: 3_000 },
};

/** Looks again and again until the task is done. */
async function watched<Result>(task: Promise<Result>, look: () => void): Promise<Result> {
  const timer = setInterval(look, SAMPLE_MS);
  try {
    return await task;
  } finally {
    clearInterval(timer);
  }
}

export const load: Bench = {
  name: 'load',
  title: '200 clients at once for a minute',
  run: () =>
    withTestbed(async ({ generate, ceod }) => {
      const own = await ceod(SETTINGS);
      const target = toCeod(own)('getforward');
      const usages: Usage[] = [];
      const results = await watched(
        Promise.all(
          Object.values(CLIENTS).map((behaviour) =>
            generate({
              ...target,
              ...behaviour,
              until: { seconds: SECONDS },
              timeoutMs: LOGIN_DEADLINE_MS,
            }),
          ),
        ),
        () => usages.push(usageOf(own.server.pid)),
      );
      const most = (key: keyof Usage) => Math.max(...usages.map((usage) => usage[key]));
      const queued = own
        .log()
        .filter(({ msg }) => msg === 'connections wait for a session')
        .map((line) => Number(line['queued']));
      const failures = results.reduce((sum, result) => sum + result.failures, 0);
      const why = Object.keys(CLIENTS).map((name, index) => [name, results[index]?.failure ?? '']);
      return {
        text: [
          `Three kinds of clients at the same time, all of one user, whose op is \`getforward\`. None may wait longer than ${LOGIN_DEADLINE_MS / 1000} s for anything:
that is a failure, and so is a connection that ceod refuses or closes. \`max_sessions\` is 32 and
\`max_queued\` 256, as shipped: a connection that finds all 32 sessions taken waits in the queue, and
ceod's log tells of it. Descriptors are bounded by the two. What would turn away or end connections of
one user or of a whole minute is further off than as shipped: \`max_per_principal\` is 32 (24),
\`max_startups\` 256:30:512 (96:30:160), and \`max_session_age_busy\` 120 s (60). \`sessions_per_process\` is
1,000,000.`,
        ],
        tables: [
          {
            columns: ['clients', 'number', 'served', 'failed', 'p50, ms', 'p99, ms', 'longest, ms'],
            rows: Object.entries(CLIENTS).map(([name, { concurrency }], index) => {
              const result = results[index];
              return [
                name,
                String(concurrency),
                ...[result?.count, result?.failures].map(String),
                ...[result?.p50, result?.p99, result?.max].map((value) => figure(value ?? NaN)),
              ];
            }),
          },
          {
            columns: ['ceod and all its processes', 'at most'],
            rows: [
              ['processes', String(most('processes'))],
              ['MB, RSS: what they share counted for each', figure(most('rss'))],
              ['MB, PSS: what they share counted once', figure(most('pss'))],
              ['descriptors of one process', String(most('descriptors'))],
              ['lines in the log about the queue', String(queued.length)],
              ['connections in the queue, as the log tells', String(Math.max(0, ...queued))],
            ],
          },
          ...(failures === 0 ? [] : [{ columns: ['clients', 'the first failure'], rows: why }]),
        ],
        goals: [
          {
            what: 'of 200 clients at once for a minute',
            value: failures,
            unit: 'failed',
            bound: 'at most',
            goal: 0,
          },
          {
            what: 'RSS of the whole ceod meanwhile',
            value: most('rss'),
            unit: 'MB',
            bound: 'at most',
            goal: 2048,
          },
        ],
      };
    }),
};
