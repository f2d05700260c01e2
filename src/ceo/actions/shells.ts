/** Login shells: those of shells_file that can be executed here. */
import { accessSync, constants } from 'node:fs';
import { checkAccount } from '../../ceoc/whetherDone.js';
import { CeoError } from '../../errors.js';
import { setShell } from '../../directory/accounts.js';
import { readRegularText, whyUnread } from '../../regularFile.js';
import type { Context } from '../context.js';

/** @throws CeoError config */
export async function listShells(context: Context): Promise<string[]> {
  const { accounts } = await context.site();
  return readShells(accounts.shellsFile);
}

/** Lines that begin with `/`, without `#`, shells(5); in their order. */
export function readShells(file: string): string[] {
  let text: string;
  try {
    text = readRegularText(file);
  } catch (cause) {
    throw new CeoError('config', `${file}, the list of shells, ${whyUnread(cause)}.`, {
      next: 'Check shells_file in accounts.cf.',
      cause,
    });
  }
  const lines = text.split('\n').map((line) => line.trim());
  return [...new Set(lines)].filter(
    (line) => line.startsWith('/') && !line.includes('#') && isExecutable(line),
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @returns whether it was another one before @throws CeoError usage, not_found, denied */
export async function changeShell(
  context: Context,
  username: string,
  shell: string,
): Promise<boolean> {
  const shells = await listShells(context);
  if (!shells.includes(shell)) {
    throw new CeoError('usage', `${shell} is none of the shells that can be chosen.`, {
      next: `They are: ${shells.join(', ')}`,
    });
  }
  const { directory } = await context.site();
  const account = await context.account(username);
  const underWay = {
    what: `the new shell of ${username}`,
    check: checkAccount(username),
  };
  return context.change(underWay, () => setShell(directory, account, shell));
}
