/**
 * Takes the guards of the daemon away, one at a time, each in a copy of the checkout, and runs the
 * tests that should notice. Arguments: names of mutants; all of them unless given.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mutants, type Mutant } from './mutants.js';

const checkout = path.resolve(import.meta.dirname, '..');
const LEFT_OUT = ['node_modules', 'dist', '.git'];

/** A copy with one line changed. @throws Error if the line is not there exactly once */
function copyWith({ file, from, to }: Mutant): string {
  const copy = mkdtempSync(path.join(tmpdir(), 'ceo-mutant-'));
  cpSync(checkout, copy, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !LEFT_OUT.includes(path.relative(checkout, source)),
  });
  symlinkSync(path.join(checkout, 'node_modules'), path.join(copy, 'node_modules'));
  const source = readFileSync(path.join(copy, file), 'utf8');
  const parts = source.split(from);
  if (parts.length !== 2) throw new Error(`${file} has this ${parts.length - 1} times: ${from}`);
  writeFileSync(path.join(copy, file), parts.join(to));
  return copy;
}

interface Verdict {
  readonly outcome: 'noticed' | 'survived' | 'does not build';
  /** The test that noticed it. */
  readonly by?: string | undefined;
}

function tryOut(mutant: Mutant): Verdict {
  const copy = copyWith(mutant);
  try {
    if (spawnSync('npm', ['run', '--silent', 'build'], { cwd: copy }).status !== 0)
      return { outcome: 'does not build' };
    // The first test that fails is enough.
    const { status, stderr } = spawnSync(
      'node_modules/.bin/jest',
      ['--maxWorkers=2', '--bail', ...mutant.tests],
      {
        cwd: copy,
        encoding: 'utf8',
        env: {
          ...process.env,
          NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
        },
      },
    );
    if (status === 0) return { outcome: 'survived' };
    return { outcome: 'noticed', by: /^ +● (.*)$/m.exec(stderr)?.[1] };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

const names = process.argv.slice(2);
const unknown = names.filter((name) => !mutants.some((each) => each.name === name));
if (unknown.length > 0) throw new Error(`no mutant ${unknown.join(', ')}`);

let survived = 0;
for (const mutant of mutants.filter(({ name }) => names.length === 0 || names.includes(name))) {
  const { outcome, by } = tryOut(mutant);
  if (outcome !== 'noticed') survived += 1;
  console.log(`${outcome.padEnd(14)} ${mutant.name.padEnd(18)} ${mutant.promise}`);
  if (by !== undefined) console.log(`${' '.repeat(15)}by: ${by}`);
}
process.exitCode = survived === 0 ? 0 : 1;
