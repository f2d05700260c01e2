/** What a running ceod tells root of itself, and how that is shown. */
import type { Penalty } from './penalties.js';

export interface Status {
  readonly version: string;
  readonly pid: number;
  /** Seconds since it was started. */
  readonly uptime: number;
  readonly ops: readonly string[];
  readonly sessions: {
    readonly busy: number;
    readonly ready: number;
    readonly starting: number;
    readonly ending: number;
    readonly most: number;
  };
  readonly queue: { readonly length: number; readonly most: number };
  readonly penalties: { readonly count: number; readonly networks: readonly Penalty[] };
  /** Accounts that are under way, or to be undone. */
  readonly journals: { readonly count: number; readonly names: readonly string[] };
  readonly runners: readonly RunnerStatus[];
  /** What was logged at level error since the start. */
  readonly failures: { readonly count: number; readonly last: readonly Failure[] };
}

/** The process that executes the ops of a user. */
export interface RunnerStatus {
  readonly user: string;
  /** Undefined while there is none. */
  readonly pid: number | undefined;
  readonly serves: boolean;
}

export interface Failure {
  readonly time: string;
  readonly process: string;
  readonly message: string;
}

/** For people. */
export function inWords(status: Status): string {
  const { sessions, queue, penalties, journals, runners, failures } = status;
  const { busy, ready, starting, ending, most } = sessions;
  return [
    `ceod ${status.version}, pid ${status.pid}, up ${duration(status.uptime)}`,
    `ops        ${status.ops.join(', ')}`,
    `sessions   ${busy} of ${most} in use, ${ready} ready, ${starting} starting, ${ending} ending`,
    `queue      ${queue.length} of ${queue.most}`,
    ...runners.map(
      ({ user, pid, serves }) =>
        `runner     ${user}: ${pid === undefined ? 'none' : `pid ${pid}`}${serves ? '' : ', does not serve yet'}`,
    ),
    `journals   ${journals.count === 0 ? 'none open' : listed(journals.count, journals.names)}`,
    `penalties  ${penalties.count === 0 ? 'none' : listed(penalties.count, penalties.networks.map(inSeconds))}`,
    `failures   ${failures.count}`,
    ...failures.last.map(({ time, process, message }) => `  ${time} ${process}: ${message}`),
  ].join('\n');
}

const inSeconds = ({ network, seconds }: Penalty) => `${network} for ${seconds} s`;

const listed = (count: number, shown: readonly string[]) =>
  `${shown.join(', ')}${count > shown.length ? `, and ${count - shown.length} more` : ''}`;

function duration(seconds: number): string {
  const [days, hours, minutes] = [86_400, 3_600, 60].map((unit) => Math.floor(seconds / unit));
  if (days) return `${days} d ${(hours ?? 0) % 24} h`;
  if (hours) return `${hours} h ${(minutes ?? 0) % 60} min`;
  return minutes ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** For node_exporter's textfile collector. @param status undefined: it does not run */
export function inMetrics(status: Status | undefined): string {
  const up = metric('up', 'gauge', 'whether ceod answers', [['', status === undefined ? 0 : 1]]);
  if (status === undefined) return up;
  const { version, uptime, queue, penalties, journals, runners, failures } = status;
  const { most, ...states } = status.sessions;
  return [
    up,
    metric('info', 'gauge', 'its version', [[label('version', version), 1]]),
    metric('uptime_seconds', 'gauge', 'since it was started', [['', uptime]]),
    metric(
      'sessions',
      'gauge',
      'session processes',
      Object.entries(states).map(([state, count]) => [label('state', state), count]),
    ),
    metric('sessions_max', 'gauge', 'connections served at a time', [['', most]]),
    metric('queue_length', 'gauge', 'connections that wait', [['', queue.length]]),
    metric('queue_max', 'gauge', 'how many may wait', [['', queue.most]]),
    metric('penalties', 'gauge', 'networks that are turned away', [['', penalties.count]]),
    metric('journals_open', 'gauge', 'accounts under way or to be undone', [['', journals.count]]),
    metric(
      'runner_serves',
      'gauge',
      'whether the ops of a user are served',
      runners.map(({ user, serves }) => [label('user', user), serves ? 1 : 0]),
    ),
    metric('failures_total', 'counter', 'lines logged at level error', [['', failures.count]]),
  ].join('');
}

type Sample = readonly [labels: string, value: number];

/** In the text format of Prometheus. */
function metric(name: string, type: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => `ceod_${name}${labels} ${value}\n`);
  return `# HELP ceod_${name} ${help}\n# TYPE ceod_${name} ${type}\n${lines.join('')}`;
}

const label = (name: string, value: string) => `{${name}="${value.replace(/["\\\n]/g, '\\$&')}"}`;
