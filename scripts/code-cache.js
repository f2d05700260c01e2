/**
 * Runs a program as its launcher does (src/launcher.ts), and leaves V8's code cache
 * beside it: with the functions that this run has compiled.
 *
 *     node scripts/code-cache.js dist/ceo/main.js --help
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Script } from 'node:vm';

const [, , file = ''] = process.argv;
const launcher = path.resolve(file);
const code = launcher.replace(/js$/, 'code.js');
const script = new Script(readFileSync(code, 'latin1'), { filename: code });
process.argv.splice(1, 2, launcher);
let isBroken = false;
process.on('uncaughtExceptionMonitor', () => (isBroken = true));
process.on('exit', () => {
  // Programs of ceod take away what everybody needs here.
  process.umask(0o022);
  const cache = code.replace(/js$/, `${process.version}-${process.arch}.cache`);
  writeFileSync(cache, script.createCachedData());
  // What a program says to such a call does not matter here, if it can be loaded.
  process.exitCode = isBroken ? 1 : 0;
});
script.runInThisContext()(createRequire(launcher), launcher, path.dirname(launcher));
