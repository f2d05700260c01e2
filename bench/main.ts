/**
 * Measures, inside a sandbox, each thing against a peer in the same run:
 * interleaved rounds, medians, and ratios. Absolute figures move from machine to
 * machine; compare the ratios.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startSandbox } from '../sandbox/sandbox.js';
import { createClient, type CeodClient } from '../src/ceoc/client.js';
import { siteRouter, siteTimeouts } from '../src/ceoc/site.js';
import { Ceod } from '../src/generated/ceo/ceo_pb.js';

const ROUNDS = 9;

interface Contestant {
  readonly name: string;
  /** Does it once. */
  readonly run: () => Promise<unknown>;
  /** How often a round does it. */
  readonly times: number;
}

interface Bench {
  readonly title: string;
  /** The first is the peer that the others are compared with. */
  readonly contestants: readonly Contestant[];
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

/** Milliseconds for doing it once, in each round. */
async function measure(contestants: readonly Contestant[]): Promise<number[][]> {
  const rounds: number[][] = contestants.map(() => []);
  for (const each of contestants) await each.run();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, { run, times }] of contestants.entries()) {
      const startedAt = performance.now();
      for (let i = 0; i < times; i += 1) await run();
      rounds[index]?.push((performance.now() - startedAt) / times);
    }
  }
  return rounds;
}

function report({ title, contestants }: Bench, rounds: readonly number[][]): void {
  console.log(`\n${title}`);
  const peer = median(rounds[0] ?? []);
  for (const [index, { name }] of contestants.entries()) {
    const times = rounds[index] ?? [];
    const spread = `${Math.min(...times).toFixed(2)}–${Math.max(...times).toFixed(2)}`;
    const ratio = index === 0 ? 'peer' : `× ${(median(times) / peer).toFixed(2)}`;
    console.log(
      `  ${name.padEnd(44)} ${median(times).toFixed(2).padStart(9)} ms  (${spread})  ${ratio}`,
    );
  }
}

const program = (command: string, input = ''): Contestant => ({
  name: command,
  times: 1,
  async run() {
    const child = promisify(execFile)('sh', ['-c', `exec ${command}`]);
    child.child.stdin?.end(input);
    await child;
  },
});

const mail = (client: CeodClient) => client.updateMail({ username: 'ctdalek' });
const newClient = () => createClient(Ceod, siteRouter(), siteTimeouts());

async function session(): Promise<void> {
  const client = newClient();
  await mail(client);
  client.close();
}

function benches(open: CeodClient): Readonly<Record<string, Bench>> {
  return {
    processes: {
      title: 'A whole process, against a bare node',
      contestants: [
        program('node -e 0'),
        program('ceo --help'),
        program('ceoc mail --json', '{"username": "ctdalek"}'),
      ],
    },
    sessions: {
      title: 'An op on an open connection, against a session: connect, authenticate, one op, close',
      contestants: [
        { name: 'a session', times: 20, run: session },
        { name: 'an op on an open connection', times: 100, run: () => mail(open) },
      ],
    },
  };
}

const wanted = process.argv[2];
const sandbox = await startSandbox();
Object.assign(process.env, sandbox.env);
const open = newClient();
try {
  const all = benches(open);
  const names = Object.keys(all).filter((name) => wanted === undefined || name === wanted);
  if (names.length === 0) {
    console.error(`There is no bench ${wanted ?? ''}: ${Object.keys(all).join(', ')}.`);
    process.exitCode = 2;
  }
  for (const name of names) {
    const bench = all[name];
    if (bench !== undefined) report(bench, await measure(bench.contestants));
  }
} finally {
  open.close();
  await sandbox.stop();
}
