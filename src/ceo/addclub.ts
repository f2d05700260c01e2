#!/usr/bin/env node
import { useCompileCache } from './compileCache.js';

useCompileCache();
const [{ addclub }, { runCommandLine }] = await Promise.all([
  import('./cli/signUp.js'),
  import('./run.js'),
]);
void runCommandLine(addclub);
