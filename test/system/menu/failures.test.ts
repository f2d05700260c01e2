/** Promise: a wizard that fails says what failed, what stands and what to do next, and what was typed is still there. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { ownHost, startCeodOn, startOwnCeod, type OwnCeod } from '../../support/ownCeod.js';
import { choose, enter, focusIsOn, leave, openMenu } from '../../support/menu.js';
import { folder, ldapsearch, runAs, tracesOf } from '../../support/realm.js';
import type { Screen } from '../../support/tmux.js';

const PASSWORD = 'correct-horse';

let screen: Screen;
let ceod: OwnCeod | undefined;
afterEach(async () => {
  await screen.close();
  await ceod?.stop();
  ceod = undefined;
});

/** New Member, filled in as far as the review. */
async function reviewOf(username: string): Promise<void> {
  await choose(screen, 'New Member');
  await enter(screen, 'Username', username);
  await enter(screen, 'Name', 'Fails Often');
  await focusIsOn(screen, 'Program');
  await screen.press('Enter');
  await focusIsOn(screen, 'Forward mail to');
  await screen.press('Enter');
  await focusIsOn(screen, 'Phone');
  await screen.press('Enter');
  await focusIsOn(screen, 'Terms');
  await screen.press('Enter');
  await enter(screen, 'Password', PASSWORD);
  await enter(screen, 'Once more', PASSWORD);
  await screen.shows('Is this right?');
}

test('ceod is down: nothing was changed, and once it is up the same goes through', async () => {
  const host = await ownHost('');
  screen = await openMenu('ctdalek', { env: host.env });
  await reviewOf('menudown1');
  await screen.press('Enter');
  const refused = await screen.shows('Nothing was changed.');
  expect(refused).toContain('Check that ceod runs on ginseng.csclub.test.');
  expect(await tracesOf('menudown1')).toEqual([]);
  await screen.press('Escape');
  await screen.shows(/❯ Password +•{13}\n +Once more {2}•{13}\n/);
  await screen.press('Enter');
  await focusIsOn(screen, 'Once more');
  await screen.press('Enter');
  await screen.shows('Is this right?');
  await screen.press('Enter');
  await screen.shows('Nothing was changed.');
  ceod = await startCeodOn(host);
  await screen.press('Enter');
  await screen.shows('menudown1 is ready.');
  const left = await leave(screen);
  expect(left).toContain('exit status 0');
  expect(left).not.toContain(PASSWORD);
});

test('the directory is down: the field says so, and Enter asks again', async () => {
  const { dir, env } = await ownHost('', { accounts: 'ldap_server_url = ldaps://127.0.0.1:1' });
  screen = await openMenu('ctdalek', { env });
  await screen.shows('What you may do is not known:');
  await choose(screen, 'Display Member');
  await enter(screen, 'Username', 'ctdalek');
  await screen.shows(/❯ Username {2}ctdalek\n +✗ .*127\.0\.0\.1/);
  const file = path.join(dir, 'accounts.cf');
  const accounts = await readFile(file, 'utf8');
  await writeFile(file, accounts.replace(/^ldap_server_url.*$/m, ''));
  await screen.press('Enter');
  await screen.shows(/Name +Calum T\. Dalek/);
});

test('the username is taken meanwhile', async () => {
  screen = await openMenu('ctdalek');
  await reviewOf('menutaken1');
  const add = ['ceo', 'members', 'add', 'menutaken1', '-n', 'First', '--password-stdin'] as const;
  expect((await runAs('ctdalek', add, { input: 'another-pw\n' })).status).toBe(0);
  await screen.press('Enter');
  const refused = await screen.shows('Nothing was changed.');
  expect(refused).toContain('menutaken1');
  expect(await ldapsearch('(uid=menutaken1)', 'cn')).toContain('cn: First\n');
});

test('the list cannot be reached: the account stands, and the command that finishes is told', async () => {
  const { env } = await ownHost('', { host: 'mail' });
  screen = await openMenu('ctdalek', { env: { CEO_HOSTS: env['CEO_HOSTS'] ?? '' } });
  await reviewOf('menupartly1');
  await screen.press('Enter');
  const partly = await screen.shows('To finish:');
  expect(partly).toContain('The account menupartly1 was made, but');
  expect(partly).toContain('✓ registered for');
  expect(partly).not.toContain('is ready');
  expect(partly).not.toContain('Nothing was changed.');
  const finish = /To finish:\n +(.*)$/m.exec(partly)?.[1] ?? '';
  expect(finish).toBe('ceo members subscribe menupartly1');
  expect((await runAs('ctdalek', ['sh', '-c', finish])).status).toBe(0);
  expect(await leave(screen)).toContain(`To finish: ${finish}`);
});

test('Esc while ceod works: what has begun is finished, what comes after is left undone', async () => {
  const hook = path.join(folder, 'hooks', 'menu-slow');
  const gate = `${hook}-gate`;
  await writeFile(hook, `#!/bin/sh\nwhile [ ! -e '${gate}' ]; do sleep 0.1; done\n`, {
    mode: 0o755,
  });
  ceod = await startOwnCeod('hook_timeout = 50\nreply_timeout = 55', {
    accounts: `notify_hook = ${hook}`,
  });
  screen = await openMenu('ctdalek', { env: ceod.env });
  await reviewOf('menustop1');
  await screen.press('Enter');
  await screen.shows(/Making the account \d+ s/);
  await screen.press('Escape');
  await screen.shows('What has begun is finished; what comes after it is left undone.');
  await writeFile(gate, '');
  const stopped = await screen.shows('To finish:');
  expect(stopped).toContain('The account menustop1 was made, but no term was registered');
  expect(await ldapsearch('(uid=menustop1)', 'term')).not.toMatch(/^term: /m);
  const finish = /To finish: ([^]*)exit status/.exec(await leave(screen))?.[1] ?? '';
  expect(finish).toMatch(
    /^ceo members renew menustop1 --terms 1 &&\n +ceo members subscribe menustop1\n$/,
  );
  expect((await runAs('ctdalek', ['sh', '-c', finish])).status).toBe(0);
  expect(await ldapsearch('(uid=menustop1)', 'term')).toMatch(/^term: /m);
});

test('who is not in the office sees what is not for them, last, and is told so', async () => {
  screen = await openMenu('nobody1');
  const menu = await screen.shows('Office Staff · not for you');
  expect(menu).toContain('Systems Committee · not for you');
  expect(menu).toMatch(/^ +Unrestricted +Office Staff · not for you$/m);
  await screen.type('n');
  await screen.shows('❯ New Member');
  await screen.press('Enter');
  const refused = await screen.shows('Only the office staff may do this.');
  expect(refused).toContain('What would you like to do?');
});
