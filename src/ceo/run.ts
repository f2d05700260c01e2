/** A program of ceo: one command tree, from argv to the exit status. */
import { asCeoError, exitStatus } from '../errors.js';
import { guardOutput } from '../stdoutGuard.js';
import type { Command } from './cli/command.js';
import { runCommand } from './cli/parser.js';
import { printError } from './cli/result.js';
import { CommandContext } from './cli/context.js';

/** Runs a command with this process's arguments, and sets its exit status. */
export async function runCommandLine(command: Command): Promise<void> {
  guardOutput(command.name);
  // Terms and loans go by the calendar of the site, and not of whoever sits somewhere else.
  delete process.env['TZ'];
  // Should it wait for what never comes, Node ends the process.
  process.exitCode = exitStatus.outcome_unknown;
  const context = new CommandContext();
  try {
    process.exitCode = await runCommand(command, process.argv.slice(2), context);
  } catch (error) {
    const known = asCeoError(error);
    printError(context.terminal, known);
    process.exitCode = exitStatus[known.code];
  } finally {
    await context.close();
  }
}
