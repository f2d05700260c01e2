#!/usr/bin/env node
import { useCompileCache } from './compileCache.js';

useCompileCache();
const [{ addmember }, { runCommandLine }] = await Promise.all([
  import('./cli/signUp.js'),
  import('./run.js'),
]);
void runCommandLine(addmember);
