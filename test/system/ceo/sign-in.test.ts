/** Promise: without a ticket ceo asks for the password and gets one; with one it never asks; what goes wrong is one sentence and the next step. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { cacheOf, expired } from '../../support/tickets.js';
import { ccache, folder, kadmin, run, runAs } from '../../support/realm.js';
import { Screen } from '../../support/tmux.js';

let screen: Screen | undefined;
afterEach(async () => {
  await screen?.close();
  screen = undefined;
});

async function answer(question: string | RegExp, text: string): Promise<void> {
  await screen?.shows(question);
  await screen?.type(text);
  await screen?.press('Enter');
}

const question = 'Kerberos password of mailu03@CSCLUB.TEST:';

test('asks, and the ticket stays for the next command', async () => {
  const KRB5CCNAME = await expired('mailu03');
  screen = await Screen.start('ceo members get mailu03; ceo members get mailu03', { KRB5CCNAME });
  await answer(question, 'mailu03-pw');
  const text = await screen.shows('exit status 0');
  expect(text.match(/Mail User 3/g)).toHaveLength(2);
  expect(text).not.toContain('mailu03-pw');
});

test('a wrong password may be tried again, three times in all', async () => {
  const KRB5CCNAME = await expired('mailu03');
  screen = await Screen.start('ceo members get mailu03', { KRB5CCNAME });
  await answer(question, 'wrong-1');
  await screen.shows('That is not the password of mailu03@CSCLUB.TEST.');
  await answer(/(?:Kerberos password[^]*){2}/, 'mailu03-pw');
  await screen.shows('exit status 0');
  await screen.close();

  screen = await Screen.start('ceo members get mailu03', { KRB5CCNAME: await expired('mailu03') });
  for (const times of [1, 2, 3]) {
    await answer(new RegExp(`(?:Kerberos password[^]*){${times}}`), `wrong-${times}`);
  }
  const text = await screen.shows('exit status 8');
  expect(text).toContain('ask the office');
});

test('"you" is the ticket’s principal, not the Unix user', async () => {
  const { stdout } = await runAs('mailu04', ['ceo', 'shell', 'set', '/bin/sh', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ username: 'mailu04' });
});

describe('one plain sentence, and the next step', () => {
  test('nobody of that name in Kerberos', async () => {
    await rm(cacheOf('none'), { force: true });
    screen = await Screen.start('ceo members get mailu03', {
      KRB5CCNAME: `FILE:${cacheOf('none')}`,
    });
    await answer('Kerberos password of root@CSCLUB.TEST:', 'whatever');
    const text = await screen.shows('exit status 8');
    expect(text).toContain('There is no root@CSCLUB.TEST in Kerberos.');
    expect(text).toContain('kinit USERNAME');
  });

  describe('a password that must be changed', () => {
    let KRB5CCNAME: string;
    beforeAll(async () => {
      KRB5CCNAME = await expired('mailu06');
      await kadmin('modprinc', '+needchange', 'mailu06');
    });

    test('is told', async () => {
      screen = await Screen.start('ceo members get mailu03', { KRB5CCNAME });
      await answer('Kerberos password of mailu06', 'mailu06-pw');
      const text = await screen.shows('exit status 8');
      await kadmin('modprinc', '-needchange', 'mailu06');
      expect(text).toContain('The password of mailu06@CSCLUB.TEST has expired.');
      expect(text).toContain('Choose another with: kinit');
    });
  });

  test('no KDC', async () => {
    const file = path.join(folder, 'krb5-nowhere.conf');
    const conf = await readFile(path.join(folder, 'krb5.conf'), 'utf8');
    await writeFile(file, conf.replace(/^ +kdc = .*$/m, 'kdc = 127.0.0.1:1'));
    screen = await Screen.start('ceo members get mailu03', {
      KRB5CCNAME: await expired('mailu03'),
      KRB5_CONFIG: file,
    });
    await answer(question, 'mailu03-pw');
    const text = await screen.shows('exit status 5');
    expect(text).toContain('No Kerberos server (KDC) of the realm can be reached.');
  });

  test.each([
    ['no ticket', 'FILE:/nonexistent', 'You have no Kerberos ticket.'],
    ['an expired one', undefined, 'Your Kerberos ticket has expired.'],
  ])('%s, and nobody to ask', async (_what, cache, sentence) => {
    const KRB5CCNAME = cache ?? (await expired('mailu03'));
    const { status, stderr } = await run(['ceo', 'members', 'get', 'mailu03'], {
      env: { KRB5CCNAME },
    });
    expect({ status, stderr }).toEqual({
      status: 8,
      stderr: `ceo: ${sentence}\n     Get one with: kinit\n`,
    });
  });
});

test('a ticket is all it takes: ccaches of others are not looked for', async () => {
  const { status, stdout } = await run(['ceo', 'members', 'get', 'ctdalek'], {
    env: { KRB5CCNAME: ccache('ctdalek') },
  });
  expect(status).toBe(0);
  expect(stdout).toContain('Calum T. Dalek');
});
