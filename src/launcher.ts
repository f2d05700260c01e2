#!/usr/bin/env node
/**
 * Starts the program beside this file: main.js starts main.code.js. The build left V8's code
 * cache with it, which saves compiling. It bears the name of the Node that made it: V8 takes one
 * of a release that is almost the same, and crashes (https://github.com/nodejs/node/issues/62781).
 * Any other Node compiles as ever.
 */
import { existsSync, readFileSync } from 'node:fs';
import { Script } from 'node:vm';

const code = __filename.replace(/js$/, 'code.js');
const cache = code.replace(/js$/, `${process.version}-${process.arch}.cache`);
const script = new Script(readFileSync(code, 'latin1'), {
  filename: code,
  cachedData: existsSync(cache) ? readFileSync(cache) : undefined,
});
const program = script.runInThisContext() as (...globals: unknown[]) => void;
// What comes from a code cache cannot import modules: https://github.com/nodejs/node/issues/43663
program(require, __filename, __dirname, (module: string) => import(module));
