#!/usr/bin/env node
import { ceo } from './cli/root.js';
import { runProgram } from './program.js';

void runProgram(ceo);
