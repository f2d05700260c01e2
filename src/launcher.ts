#!/usr/bin/env node
/**
 * Starts the program beside this file: main.js starts main.code.js. The build left V8's code
 * cache with it (main.code.cache), which saves compiling; what V8 does not accept, because it
 * is of another Node for example, it compiles as ever.
 */
import { readFileSync } from 'node:fs';
import { Script } from 'node:vm';

const code = __filename.replace(/js$/, 'code.js');
const script = new Script(readFileSync(code, 'latin1'), {
  filename: code,
  cachedData: readFileSync(code.replace(/js$/, 'cache')),
});
const program = script.runInThisContext() as (...globals: unknown[]) => void;
// What comes from a code cache cannot import modules: https://github.com/nodejs/node/issues/43663
program(require, __filename, __dirname, (module: string) => import(module));
