#!/usr/bin/env node
import { useCompileCache } from './compileCache.js';

useCompileCache();
const [{ addclub }, { runProgram }] = await Promise.all([
  import('./cli/signUp.js'),
  import('./program.js'),
]);
void runProgram(addclub);
