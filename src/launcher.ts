#!/usr/bin/env node
/**
 * Starts the program beside this file: main.js starts main.code.js. The build left V8's code
 * cache with it, which saves compiling. It is for the Node that made it alone: V8 takes one
 * of a release that is almost the same, and crashes (https://github.com/nodejs/node/issues/62781).
 * Any other Node compiles as ever.
 */
import { existsSync, readFileSync } from 'node:fs';
import { Script } from 'node:vm';

/** The Node that made the build. */
declare const BUILDER: string;

const code = __filename.replace(/js$/, 'code.js');
const cache = code.replace(/js$/, 'cache');
const isBuilder = `${process.version}-${process.arch}` === BUILDER;
const script = new Script(readFileSync(code, 'latin1'), {
  filename: code,
  cachedData: isBuilder && existsSync(cache) ? readFileSync(cache) : undefined,
});
const program = script.runInThisContext() as (...globals: unknown[]) => void;
// What comes from a code cache cannot import modules: https://github.com/nodejs/node/issues/43663
program(require, __filename, __dirname, (module: string) => import(module));
