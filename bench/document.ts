/** docs/benchmarks.md and its plots: what a whole run found, on which machine. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem } from 'node:os';
import path from 'node:path';
import { checkout } from '../sandbox/checkout.js';
import type { Bench, Section } from './bench.js';
import { svg } from './plot.js';
import { asMarkdown, goalsAsMarkdown } from './report.js';

const docs = path.join(checkout, 'docs');
const PLOTS = 'benchmarks';

/** Before anything was measured: much more than 0 tells of a machine that had something else to do. */
const [loadBefore = NaN] = loadavg();

function preface(): string {
  const [first] = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `# Benchmarks

<!-- \`npm run bench\` writes this file. -->

| measured on | |
| --- | --- |
| date | ${new Date().toISOString().slice(0, 10)} |
| cores | ${cpus().length}, ${first?.model.trim() ?? 'unknown'} |
| memory | ${gigabytes} GB |
| kernel | Linux ${release().replace(/-.*/, '')} |
| Node | ${process.version} |
| load average before | ${loadBefore.toFixed(1)} |

\`npm run bench\` measures all of this again and rewrites this document, in about eleven minutes;
\`npm run bench -- NAME\` measures one section and writes nothing. It needs what the tests need: a Debian
machine, root, Node and npm; nothing else should run on it meanwhile.

- All servers, and the load generator, run on this one machine, on its loopback: absolute figures
  move from machine to machine. What counts are the ratios to a peer in the same run.
- The rounds of those that are compared are interleaved. Figures are medians over the rounds, in
  brackets the least and the greatest. A ratio is the median of the ratios of each round, so it may
  differ a little from the ratio of the medians.
- The peer in *Sessions*, *Ops* and *Latency* is Debian's \`remctld\` in the same realm and directory. For
  each command it runs a shell script that does the same work with the usual tools (\`bench/scripts/\`),
  as a site would have that has no ceod. It is handed its listening socket, as by systemd, because its own
  has room for 5 connections only.
- The same \`remctld\` running \`/bin/true\` is the floor: a connection, and a process that does no work at
  all. Ratios are against the scripts.
- ceod is measured twice: as shipped, with a process for each connection (\`sessions_per_process\` = 1), and
  with many connections to a process (1,000,000), which is faster and isolates less.
- The load generator is in C (\`bench/loadgen/\`). *generator, µs* is the CPU time that it takes itself for a
  session or an op: it is what the servers cannot have. It acknowledges what remctld sends at once:
  otherwise a command that prints would wait 40 ms for its status.
`;
}

export async function writeDocument(sections: ReadonlyMap<Bench, Section>): Promise<void> {
  const plots = path.join(docs, PLOTS);
  await rm(plots, { recursive: true, force: true });
  await mkdir(plots);
  for (const { plots: own = {} } of sections.values()) {
    for (const [name, plot] of Object.entries(own)) {
      await writeFile(path.join(plots, `${name}.svg`), svg(plot));
    }
  }
  const parts = [
    preface(),
    `## Goals\n\n${goalsAsMarkdown(sections.values())}`,
    ...[...sections].map(([bench, section]) => asMarkdown(bench, section, PLOTS)),
    await readFile(path.join(import.meta.dirname, 'lessons.md'), 'utf8'),
  ];
  await writeFile(path.join(docs, 'benchmarks.md'), parts.join('\n'));
}
