#!/usr/bin/env node
import { useCompileCache } from './compileCache.js';

useCompileCache();
const [{ ceo }, { runCommandLine }] = await Promise.all([
  import('./cli/root.js'),
  import('./run.js'),
]);
void runCommandLine(ceo);
