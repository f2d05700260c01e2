/** What is put under load: remctld and ceods of the bench's own, and the load generator. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startOwnCeod, type OwnCeod } from '../test/support/ownCeod.js';
import { folder, ginseng, run } from '../test/support/realm.js';
import type { Table } from './bench.js';
import { loadGenerator, type Generate, type LoadResult, type Target } from './loadgen.js';
import { figure, median, medianAndSpread } from './measure.js';
import { startRemctld } from './remctld.js';
import { FORWARD, nothing, requests, USERNAME, type Command } from './requests.js';

/** What the contestants are called. */
export const FLOOR = 'remctld, /bin/true';
export const SCRIPT = 'remctld, a script';
export const SHIPPED = 'ceod, as shipped';
export const MANY = 'ceod, many to a process';

/** Session processes that serve one connection after the other, as long as the bench goes on. */
export const WARM = 'sessions_per_process = 1000000';

/** A session process for each connection, as ceod is shipped. */
export const SINGLE = 'sessions_per_process = 1';

/** A server, and what it is asked for a command; of `adduser` for a load, and another for the next. */
export type Server = (command: Command) => Target;

export const toCeod =
  ({ target }: Pick<OwnCeod, 'target'>): Server =>
  (command) => ({ target, service: `ceod@${ginseng}`, request: requests[command]().ceod });

export interface Remctld {
  /** Its script for a command. */
  readonly script: Server;
  /** No work at all, /bin/true: what it takes to start a program for a command. */
  readonly floor: Target;
}

export interface Testbed {
  readonly generate: Generate;
  /** The same for loads of which nothing may fail. @throws Error if something does */
  readonly load: Generate;
  /** @param settings lines for ceod.cf; @param node what runs it */
  readonly ceod: (settings: string, node?: string) => Promise<OwnCeod>;
  readonly remctld: () => Promise<Remctld>;
}

/** Until a ceod has booted the spares again that a load used up, also on a busy machine. */
const REST_MS = 500;

/** So that this is no part of what is measured next. */
export async function rested<Result>(task: Promise<Result>): Promise<Result> {
  const result = await task;
  await sleep(REST_MS);
  return result;
}

/** Stops what `use` started, however it ends. */
export async function withTestbed<Result>(
  use: (testbed: Testbed) => Promise<Result>,
): Promise<Result> {
  const running: { stop(): Promise<void> }[] = [];
  const keep = <Server extends { stop(): Promise<void> }>(server: Server): Server => {
    running.push(server);
    return server;
  };
  const generate = await loadGenerator(folder, process.env);
  await writeForward();
  try {
    return await use({
      generate,
      async load(load) {
        const result = await generate(load);
        if (result.failures === 0) return result;
        throw new Error(`${result.failures} failed at ${load.target}: ${result.failure}`);
      },
      ceod: async (settings, node) =>
        keep(
          await startOwnCeod(settings, {
            accounts: 'notify_hook = /bin/true',
            ...(node !== undefined && { node }),
          }),
        ),
      async remctld() {
        const to = { target: keep(await startRemctld()).target, service: `host@${ginseng}` };
        return {
          script: (command) => ({ ...to, request: requests[command]().remctld }),
          floor: { ...to, request: nothing },
        };
      },
    });
  } finally {
    for (const server of running) await server.stop();
  }
}

/** What `getforward` reads. */
async function writeForward(): Promise<void> {
  const input = JSON.stringify({ username: USERNAME, forward: FORWARD });
  const { status, stderr } = await run(['ceoc', 'mail', '--json'], { input });
  if (status !== 0) throw new Error(stderr);
}

/** Requests a second. */
export const rates = (results: readonly LoadResult[]): number[] =>
  results.map(({ count, seconds }) => count / seconds);

/** @param what `sessions` or `ops` */
export const loadTable = (
  what: string,
  contestants: Readonly<Record<string, readonly LoadResult[]>>,
): Table => ({
  columns: ['', `${what}/s`, 'p50, ms', 'p99, ms', 'generator, µs'],
  rows: Object.entries(contestants).map(([name, results]) => [
    name,
    medianAndSpread(rates(results)),
    figure(median(results.map(({ p50 }) => p50))),
    figure(median(results.map(({ p99 }) => p99))),
    figure(median(results.map((result) => result.cpuSecondsPerRequest)) * 1e6),
  ]),
});
