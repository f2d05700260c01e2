/** `ceo` alone: the menu on the whole screen. */
import { CeoError } from '../../errors.js';
import type { CommandContext } from './context.js';

/** @throws CeoError usage without a terminal; what signing in throws */
export async function menu(context: CommandContext): Promise<never> {
  requireTerminal();
  // The library that colours text does not know it by itself; https://no-color.org
  if (process.env['NO_COLOR']) process.env['FORCE_COLOR'] = '0';
  // It takes this for a terminal without colours, where nobody looks.
  delete process.env['CI'];
  // Asks for a password, if need be, before the screen is taken.
  const username = await context.username();
  const { openMenu } = await import('../tui/open.js');
  // What was begun, and nobody waits for any more, must not keep the process.
  process.exit(await openMenu(username));
}

function requireTerminal(): void {
  const usable = process.stdin.isTTY && process.stdout.isTTY && process.env['TERM'] !== 'dumb';
  if (usable) return;
  throw new CeoError('usage', 'The menu needs a terminal, and this is none.', {
    next: 'Use a command instead: ceo --help lists them.',
  });
}
