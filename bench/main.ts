/**
 * Runs the benches, inside a sandbox: all of them, and writes docs/benchmarks.md; or those that
 * are named, and writes nothing. Absolute figures move from machine to machine; compare the ratios.
 */
import type { Bench, Section } from './bench.js';
import { latency } from './benches/latency.js';
import { load } from './benches/load.js';
import { memory } from './benches/memory.js';
import { oldClient } from './benches/oldClient.js';
import { ops } from './benches/ops.js';
import { processes } from './benches/processes.js';
import { sessions } from './benches/sessions.js';
import { writeDocument } from './document.js';
import { asText } from './report.js';

const benches: readonly Bench[] = [sessions, ops, latency, oldClient, processes, memory, load];

const names = process.argv.slice(2);
const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
if (unknown.length > 0) {
  const known = benches.map(({ name }) => name).join(', ');
  console.error(`There is no bench ${unknown.join(', ')}: ${known}.`);
  process.exit(2);
}

const chosen = benches.filter(({ name }) => names.length === 0 || names.includes(name));
const sections = new Map<Bench, Section>();
for (const bench of chosen) {
  const section = await bench.run();
  sections.set(bench, section);
  console.log(asText(bench, section));
}
if (names.length === 0) await writeDocument(sections);
