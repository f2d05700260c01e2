#!/usr/bin/env node
import { useCompileCache } from './compileCache.js';

useCompileCache();
const [{ ceo }, { runProgram }] = await Promise.all([
  import('./cli/root.js'),
  import('./program.js'),
]);
void runProgram(ceo);
