/**
 * Leaves V8's code cache of a program beside it: with the functions that are compiled when it is
 * run, as its launcher does it (src/launcher.ts), or with all of them.
 *
 *     node scripts/code-cache.js dist/ceo/main.js --help
 *     node scripts/code-cache.js --all dist/ceoc/main.js
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

const all = process.argv[2] === '--all';
const [file = '', ...args] = process.argv.slice(all ? 3 : 2);
const launcher = path.resolve(file);
const filename = launcher.replace(/js$/, 'code.js');
const source = readFileSync(filename, 'latin1');

// A cache is good for the flags under which it is written: those that every Node has.
if (all) setFlagsFromString('--no-lazy');
const script = new Script(source, { filename });
if (all) setFlagsFromString('--lazy');

const write = () => writeFileSync(filename.replace(/js$/, 'cache'), script.createCachedData());

if (all) write();
else {
  process.argv.splice(1, Infinity, launcher, ...args);
  let isBroken = false;
  process.on('uncaughtExceptionMonitor', () => (isBroken = true));
  process.on('exit', () => {
    // Programs of ceod take away what everybody needs here.
    process.umask(0o022);
    write();
    // What a program says to such a call does not matter here, if it can be loaded.
    process.exitCode = isBroken ? 1 : 0;
  });
  script.runInThisContext()(createRequire(launcher), launcher, path.dirname(launcher));
}
