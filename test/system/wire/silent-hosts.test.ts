/**
 * Promise: a host that answers nothing, not even that it is there, ends every wait with a sentence
 * and the status of what cannot be reached: nothing was sent.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { choose, enter, focusIsOn, openMenu } from '../../support/menu.js';
import { ownHost, type OwnHost } from '../../support/ownCeod.js';
import { folder, run, runAs } from '../../support/realm.js';
import { startSilentHost, type SilentHost } from '../../support/silentHost.js';
import type { Screen } from '../../support/tmux.js';

const SOON = 'connect_timeout = 1';

let silent: SilentHost | undefined;
let screen: Screen | undefined;
afterEach(async () => {
  silent?.stop();
  silent = undefined;
  await screen?.close();
  screen = undefined;
});

describe('ceod', () => {
  let host: OwnHost;
  beforeEach(async () => {
    host = await ownHost(SOON);
    const [address, port] = host.target.split(':');
    silent = await startSilentHost(address, Number(port));
  });

  test.each<[command: string[], input: string]>([
    [['ceoc', 'mail', '--json'], '{"username": "ctdalek"}'],
    [['ceo', 'mail', 'get', 'ctdalek'], ''],
    [['ceo', 'mail', 'set', 'ctdalek', 'c@example.org'], ''],
    [['ceo', 'members', 'passwd', 'nobody1'], ''],
    [['ceo', 'clubs', 'add', 'silentc', '-n', 'Silent Club'], ''],
    [['ceo', 'members', 'add', 'silentm', '-n', 'Silent One', '--password-stdin'], 'long-enough\n'],
    [['addmember', '--stdin', 'silenta', 'Silent Two'], 'long-enough\n'],
  ])('%j', async (command, input) => {
    const [program = '', ...args] = command;
    const { status, stderr } = await runAs('ctdalek', [program, ...args], { env: host.env, input });
    expect(stderr).toContain('did not answer within 1 s');
    expect(status).toBe(5);
  });

  test('an import stops at the first row', async () => {
    const file = path.join(folder, 'silent.csv');
    await writeFile(
      file,
      'username,name,password\nsilent1,Silent A,long-enough\nsilent2,Silent B,long-enough\n',
    );
    const { status, stdout } = await runAs('ctdalek', ['ceo', 'members', 'import', file], {
      env: host.env,
    });
    expect(status).toBe(5);
    expect(stdout).toContain('1 failed, 1 left');
  });

  test('the menu says so', async () => {
    screen = await openMenu('ctdalek', { env: { ...host.env } });
    await choose(screen, 'Reset Password');
    await enter(screen, 'Username', 'nobody1');
    await focusIsOn(screen, 'New password');
    await screen.press('Down', 'Down', 'Enter');
    await screen.shows('Have you seen their student card?');
    await screen.press('Enter');
    await screen.shows('did not answer within 1 s');
    await screen.shows('Nothing was changed.');
  });
});

test.each(['ldap', 'ldaps'])('the directory, %s', async (protocol) => {
  silent = await startSilentHost();
  const { env } = await ownHost(SOON, {
    accounts: `ldap_server_url = ${protocol}://127.0.0.1:${silent.port}`,
  });
  const { status, stderr } = await runAs('ctdalek', ['ceo', 'members', 'get', 'ctdalek'], { env });
  expect(status).toBe(5);
  expect(stderr).toContain(`No directory server can be reached: ${protocol}://127.0.0.1`);
});

test('the library', async () => {
  silent = await startSilentHost();
  const { dir, env } = await ownHost(SOON);
  await writeFile(
    path.join(dir, 'library.cf'),
    `library_connect_string = "postgres://ceo@127.0.0.1:${silent.port}/library"\n`,
  );
  const { status, stderr } = await run(['ceo', 'library', 'overdue'], { env: { ...env } });
  expect(status).toBe(5);
  expect(stderr).toContain("The library's database does not answer");
});
