/** docs/benchmarks.md and its plots: what a whole run found, on which machine. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import path from 'node:path';
import { checkout } from '../sandbox/checkout.js';
import type { Bench, Section } from './bench.js';
import { svg } from './plot.js';
import { asMarkdown } from './report.js';

const docs = path.join(checkout, 'docs');
const PLOTS = 'benchmarks';

function preface(): string {
  const [first] = cpus();
  return `# Benchmarks

\`npm run bench\` writes this document. This one is of ${new Date().toISOString().slice(0, 10)}, by
Node ${process.version} on ${cpus().length} cores of ${first?.model.trim() ?? 'an unknown model'}.

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
  const parts = [...sections].map(([bench, section]) => asMarkdown(bench, section, PLOTS));
  await writeFile(path.join(docs, 'benchmarks.md'), preface() + parts.join('\n'));
}
