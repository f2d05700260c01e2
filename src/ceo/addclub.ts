#!/usr/bin/env node
import { addclub } from './cli/signUp.js';
import { runProgram } from './program.js';

void runProgram(addclub);
