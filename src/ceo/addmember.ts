#!/usr/bin/env node
import { addmember } from './cli/signUp.js';
import { runProgram } from './program.js';

void runProgram(addmember);
