#!/usr/bin/env node
import { ceo } from './cli/root.js';
import { runProgram } from './program.js';

await runProgram(ceo);
