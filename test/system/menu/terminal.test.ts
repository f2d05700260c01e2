/** Promise: the menu takes the whole terminal and gives it back as it was, however it ends; where it cannot have one it says so. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { startOwnCeod, type OwnCeod } from '../../support/ownCeod.js';
import { ccache, folder, run } from '../../support/realm.js';
import { choose, enter, focusIsOn } from '../../support/menu.js';
import { Screen } from '../../support/tmux.js';

const KRB5CCNAME = ccache('ctdalek');
const MENU = 'What would you like to do?';

let screen: Screen | undefined;
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(folder, 'menu-terminal-'));
});
afterEach(async () => {
  await screen?.close();
  screen = undefined;
});

async function start(command: string, env: Record<string, string> = {}): Promise<Screen> {
  screen = await Screen.start(`cd ${dir}; ${command}`, { KRB5CCNAME, ...env });
  return screen;
}

/** The menu, between two looks at the terminal's settings; its process is in the file `pid`. */
async function menu(env: Record<string, string> = {}): Promise<Screen> {
  const ceo = `bash -c 'echo $$ >pid; exec ceo'`;
  const command = `stty -a >before; ${ceo}; status=$?; stty -a >after; (exit $status)`;
  const started = await start(command, env);
  await started.shows(MENU);
  return started;
}

const fileOf = (name: string) => readFile(path.join(dir, name), 'utf8');
/** All but the size. */
const settings = async (name: string) =>
  (await fileOf(name)).replace(/rows \d+; columns \d+; /, '');
const pid = async () => Number(await fileOf('pid'));

/** Waits for the end. @returns what is on the screen */
async function givenBack(from: Screen, status: number): Promise<string> {
  const text = await from.shows(`exit status ${status}`);
  expect(await settings('after')).toBe(await settings('before'));
  expect(await from.state('#{alternate_on} #{cursor_flag}')).toBe('0 1');
  expect(text).not.toContain(MENU);
  return text;
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
    const text = await (await start(`bash -c '${command}'`)).shows('exit status 2');
    expect(text).toContain('The menu needs a terminal, and this is none.');
  });
});

describe('gives the terminal back', () => {
  const at: readonly (readonly [string, (on: Screen) => Promise<unknown>])[] = [
    ['in the menu', () => Promise.resolve()],
    ['in the help', (on) => on.press('?').then(() => on.shows('any key'))],
    ['in a field', (on) => choose(on, 'Display Member').then(() => on.type('half'))],
    [
      'in a paste that does not end',
      async (on) => {
        await choose(on, 'Display Member');
        await on.send(...Array.from(Buffer.from('\u001b[200~half'), (byte) => byte.toString(16)));
        // Nobody presses it in the same moment.
        await new Promise((resolve) => setTimeout(resolve, 300));
      },
    ],
    [
      'where it is too small',
      (on) => on.resize(60, 20).then(() => on.shows('columns and 24 rows are needed')),
    ],
  ];
  test.each(at)('Ctrl-C %s', async (_where, go) => {
    const on = await menu();
    await go(on);
    await on.press('C-c');
    expect(await givenBack(on, 0)).toBe('exit status 0');
  });

  test('Exit', async () => {
    const on = await menu();
    await on.type('e');
    await on.shows('❯ Exit');
    await on.press('Enter');
    await givenBack(on, 0);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGQUIT', 131],
  ] as const)('%s', async (signal, status) => {
    const on = await menu();
    await choose(on, 'Display Member');
    process.kill(await pid(), signal);
    await givenBack(on, status);
  });

  test.each([
    ['an exception', "throw new Error('It broke.')"],
    ['a rejected promise', "void Promise.reject(new Error('It broke.'))"],
    [
      'an error while it draws',
      "Array.prototype.flatMap = () => { throw new Error('It broke.'); }",
    ],
  ])('%s', async (_what, code) => {
    await writeFile(path.join(dir, 'crash.mjs'), `process.on('SIGUSR2', () => { ${code} });`);
    const on = await menu({ NODE_OPTIONS: `--import=${dir}/crash.mjs` });
    process.kill(await pid(), 'SIGUSR2');
    // Where nothing fails at once, the next key makes it.
    await on.press('Down').catch(() => undefined);
    expect(await givenBack(on, 1)).toContain('It broke.');
  });

  test('Ctrl-Z, and fg', async () => {
    const on = await start('exec bash --norc -i');
    await on.type('stty -a >before; ceo\r');
    await on.shows(MENU);
    await choose(on, 'Display Member');
    await on.type('half');
    await on.press('C-z');
    await on.shows('Stopped');
    expect(await on.state('#{alternate_on} #{cursor_flag}')).toBe('0 1');
    await on.type('stty -a >after; echo writ""ten\r');
    await on.shows('written');
    expect(await settings('after')).toBe(await settings('before'));
    await on.type('fg\r');
    await on.shows(/❯ Username +half/);
    await on.type('more');
    await on.shows(/❯ Username +halfmore/);
  });

  test('Ctrl-Z where nobody could continue it', async () => {
    const on = await start('exec ceo');
    await on.shows(MENU);
    await on.press('C-z', 'Down');
    await on.shows('❯ New Club Rep');
  });

  test('its end ends it: the terminal is closed', async () => {
    const on = await menu();
    const process_ = await pid();
    await on.close();
    screen = undefined;
    await ended(process_);
  });

  test('the same where no signal tells it', async () => {
    // In a session of its own the terminal does not send SIGHUP.
    const on = await start(`setsid bash -c 'echo $$ >pid; exec ceo'`);
    await on.shows(MENU);
    await choose(on, 'Display Member');
    const process_ = await pid();
    await on.close();
    screen = undefined;
    await ended(process_);
  });
});

const ended = (process_: number) =>
  eventually(() => {
    try {
      return !process.kill(process_, 0);
    } catch {
      return true;
    }
  });

describe('while a change is in hand', () => {
  let ceod: OwnCeod | undefined;
  afterEach(async () => {
    if (ceod === undefined) return;
    process.kill(ceod.server.pid, 'SIGCONT');
    await ceod.stop();
    ceod = undefined;
  });

  async function changing(env: Record<string, string> = {}): Promise<Screen> {
    ceod = await startOwnCeod();
    const on = await menu({ ...ceod.env, ...env });
    await choose(on, 'Reset Password');
    await enter(on, 'Username', 'mailu07');
    await focusIsOn(on, 'New password');
    await on.press('Down', 'Down', 'Enter');
    await on.shows('Have you seen their student card?');
    process.kill(ceod.server.pid, 'SIGSTOP');
    await on.press('Enter');
    await on.shows('Setting the password');
    return on;
  }

  const sentence =
    'Interrupted: the new password of mailu07 was under way, and may or may not have been done. It is safe to do it again: that sets another password.';
  // Where a line is folded, the blank is gone.
  const unfolded = (text: string) => text.replace(/\s/g, '');

  test('Ctrl-C: it may or may not have been done', async () => {
    const on = await changing();
    await on.press('C-c');
    expect(unfolded(await givenBack(on, 6))).toContain(unfolded(sentence));
  });

  test('a crash: the same', async () => {
    const code = "process.on('SIGUSR2', () => { throw new Error('It broke.'); });";
    await writeFile(path.join(dir, 'crash.mjs'), code);
    const on = await changing({ NODE_OPTIONS: `--import=${dir}/crash.mjs` });
    process.kill(await pid(), 'SIGUSR2');
    const text = unfolded(await givenBack(on, 6));
    expect(text).toContain(unfolded(sentence));
    expect(text).toContain('Itbroke.');
  });

  test('a window that becomes too small and large again', async () => {
    const on = await changing();
    await on.resize(40, 10);
    await on.shows('At least 80 columns');
    await on.resize(100, 30);
    await on.shows('Setting the password');
    await on.press('C-c');
    await givenBack(on, 6);
  });
});
