/** What commands work with: what actions do, and the terminal. */
import { Context } from '../context.js';
import { processTerminal, type Terminal } from '../terminal.js';

export class CommandContext extends Context {
  constructor(readonly terminal: Terminal = processTerminal()) {
    super(terminal);
  }
}
