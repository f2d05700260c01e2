/**
 * `npm run fuzz -- SECONDS [TARGET…]`: looks for input that breaks a promise, guided by what code
 * it reaches. What it finds is kept in fuzz/finds/TARGET/, which the tests try from then on.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { targets } from './targets.js';

const checkout = path.join(import.meta.dirname, '..');
const finds = path.join(import.meta.dirname, 'finds');
const JSFUZZ = fileURLToPath(import.meta.resolve('jsfuzz/build/src/index.js'));
const PRELOAD = path.join(checkout, 'scripts', 'fuzz-preload.js');
/** One input may not take longer, on a machine that has much else to do. */
const INPUT_SECONDS = 20;

/** @returns the input that broke a promise, if one was found */
async function fuzz(name: string, seconds: number): Promise<string | undefined> {
  const folder = await mkdtemp(path.join(tmpdir(), `ceo-fuzz-${name}-`));
  try {
    await build({
      entryPoints: [path.join(checkout, 'fuzz', 'targets', `${name}.ts`)],
      outfile: path.join(folder, 'target.js'),
      bundle: true,
      platform: 'node',
      format: 'cjs',
      // jsfuzz counts what is reached with a parser that knows no later syntax.
      target: 'es2019',
      // Native, and so no part of a bundle.
      external: ['koffi'],
      logLevel: 'error',
    });
    const corpus = path.join(folder, 'corpus');
    await mkdir(corpus);
    for (const [index, seed] of (targets[name]?.seeds ?? []).entries()) {
      await writeFile(path.join(corpus, `seed-${index}`), seed);
    }
    const crash = path.join(folder, 'crash');
    const status = await run(folder, crash, seconds);
    if (!status.found) {
      console.log(`${name}: ${status.last}`);
      return undefined;
    }
    const kept = path.join(finds, name);
    await mkdir(kept, { recursive: true });
    const file = path.join(kept, `${Date.now()}`);
    await copyFile(crash, file);
    console.log(`${name}: a promise is broken\n${status.output}`);
    return path.relative(checkout, file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(folder: string, crash: string, seconds: number) {
  const args = [
    ...['target.js', 'corpus', '--exact-artifact-path', crash],
    ...['--timeout', String(INPUT_SECONDS), '--rss-limit-mb', '1024'],
    // It makes inputs of any length, up to more than the fuzzer itself can take.
    ...['--versifier', 'false'],
  ];
  const child = spawn(process.execPath, [JSFUZZ, ...args], {
    cwd: folder,
    // What a target makes for itself goes with the folder.
    env: {
      ...process.env,
      NODE_OPTIONS: `--import ${PRELOAD}`,
      NODE_PATH: path.join(checkout, 'node_modules'),
      TMPDIR: folder,
    },
    // It is ended as a group: it works in a child of its own.
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-20_000);
  });
  const time = new AbortController();
  const timer = setTimeout(() => {
    time.abort();
    killGroup(child.pid);
  }, seconds * 1000);
  await once(child, 'exit');
  clearTimeout(timer);
  killGroup(child.pid);
  const found = (await readdir(folder)).includes('crash');
  if (!found && !(time.signal.aborted && /^#\d+ (?:NEW|PULSE)/m.test(output)))
    throw new Error(`the fuzzer did not run:\n${output}`);
  return { found, output, last: output.match(/^#\d+ .*$/gm)?.at(-1) ?? 'no input tried' };
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

const [secondsText = '', ...asked] = process.argv.slice(2);
const seconds = /^[1-9]\d{0,5}$/.test(secondsText) ? Number(secondsText) : undefined;
const names = asked.length > 0 ? asked : Object.keys(targets);
const unknown = names.find((name) => !Object.hasOwn(targets, name));
if (seconds === undefined || unknown !== undefined) {
  const wrong = unknown === undefined ? 'How many seconds?' : `There is no target ${unknown}.`;
  console.error(`${wrong}\nUsage: npm run fuzz -- SECONDS [${Object.keys(targets).join('|')}]…`);
  process.exit(2);
}

const workers = Math.min(availableParallelism(), names.length);
const each = Math.max(1, (seconds * workers) / names.length);
const queue = [...names];
const found: string[] = [];
await Promise.all(
  Array.from({ length: workers }, async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const file = await fuzz(name, each);
      if (file !== undefined) found.push(file);
    }
  }),
);
for (const file of found)
  console.log(`kept as ${file}: mend it, and commit the file with the mend`);
process.exit(found.length > 0 ? 1 : 0);
