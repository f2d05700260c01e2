#!/usr/bin/env node
/**
 * Starts the program beside this file: main.js starts main.code.js. The build left V8's code
 * cache with it (main.code.cache), which saves compiling; what V8 does not accept, because it
 * is of another Node for example, it compiles as ever.
 */
import { readFileSync } from 'node:fs';
import { constants, Script } from 'node:vm';

const code = __filename.replace(/js$/, 'code.js');
const script = new Script(readFileSync(code, 'latin1'), {
  filename: code,
  cachedData: readFileSync(code.replace(/js$/, 'cache')),
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
const program = script.runInThisContext() as (...globals: unknown[]) => void;
program(require, __filename, __dirname);
