/** Promise: the menu takes the whole terminal and gives it back as it was, however it ends; where it cannot have one it says so. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ccache, folder, run } from '../support/realm.js';
import { choose, focusIsOn } from '../support/menu.js';
import { Screen } from '../support/tmux.js';

const KRB5CCNAME = ccache('ctdalek');
const MENU = 'What would you like to do?';

let screen: Screen;
let opened = false;
afterEach(async () => {
  if (opened) await screen.close();
  opened = false;
});

async function start(command: string, env: Record<string, string> = {}): Promise<void> {
  screen = await Screen.start(command, { KRB5CCNAME, ...env });
  opened = true;
}

/**
 * The menu between two looks at the terminal's settings.
 * @param how in front of the program's name
 */
async function startBetween(how = '', env: Record<string, string> = {}): Promise<void> {
  await start(`stty -a >before; ${how} ceo; status=$?; stty -a >after; echo "ended $status"`, {
    ...env,
  });
  await screen.shows(MENU);
}

describe('without a terminal', () => {
  const sentence =
    'ceo: The menu needs a terminal, and this is none.\n' +
    '     Use a command instead: ceo --help lists them.\n';

  test('standard input is a pipe', async () => {
    expect(await run(['ceo'], { env: { KRB5CCNAME } })).toEqual({
      status: 2,
      stdout: '',
      stderr: sentence,
    });
  });

  test.each([
    ['standard input', 'ceo </dev/null'],
    ['standard output', 'ceo | cat; (exit ${PIPESTATUS[0]})'],
    ['a terminal that can do nothing', 'TERM=dumb ceo'],
  ])('%s', async (_what, command) => {
    await start(`bash -c '${command}'`);
    const text = await screen.shows('exit status 2');
    expect(text).toContain('The menu needs a terminal, and this is none.');
  });
});
