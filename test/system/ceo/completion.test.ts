/** Promise: Tab completes commands, flags, usernames, groups and terms, and never asks for anything. */
import { describe, expect, test } from '@jest/globals';
import { formatTerm, termOf } from '../../../src/directory/terms.js';
import { run, runAs } from '../../support/realm.js';

/** What is offered for the last word. */
async function offered(words: readonly string[], env: Record<string, string> = {}) {
  const command = ['ceo', '--get-yargs-completions', 'ceo', ...words] as const;
  const { status, stdout, stderr } = await runAs('nobody1', [...command], { env });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').filter((line) => line !== '');
}

describe('offers', () => {
  test.each<[string, string[], string]>([
    ['commands', ['mem'], 'members'],
    ['sub-commands', ['members', ''], 'search'],
    ['flags', ['members', 'add', '--'], '--password-stdin'],
    ['usernames', ['members', 'get', 'ctd'], 'ctdalek'],
    ['groups', ['groups', 'members', 'off'], 'office'],
    ['usernames behind a group', ['groups', 'add', 'office', 'nob'], 'nobody1'],
    ['any number of usernames', ['groups', 'add', 'office', 'nobody1', 'mailu0'], 'mailu05'],
    ['terms', ['members', 'list', ''], formatTerm(termOf(new Date()))],
    ['positions', ['positions', 'set', 'tr'], 'treasurer'],
    ['shells', ['shell', 'set', '/bin/b'], '/bin/bash'],
  ])('%s', async (_what, words, wanted) => {
    expect(await offered(words)).toContain(wanted);
  });
});

test('only what begins with what was typed', async () => {
  expect(await offered(['groups', 'members', 'off'])).toEqual(['office']);
});

test('without a ticket: nothing from the directory, and no question', async () => {
  const env = { KRB5CCNAME: 'FILE:/nonexistent' };
  expect(await offered(['members', 'get', 'ctd'], env)).toEqual([]);
  expect(await offered(['mem'], env)).toContain('members');
});

test.each([
  ['/bin/bash', 'complete -o bashdefault'],
  ['/usr/bin/zsh', 'compdef'],
])('a script for %s', async (shell, text) => {
  const { status, stdout } = await run(['ceo', 'completion'], { env: { SHELL: shell } });
  expect(status).toBe(0);
  expect(stdout).toContain(text);
});

test.each([
  ['bash', 'complete -o bashdefault'],
  ['zsh', 'compdef'],
])('a script for %s, whatever $SHELL says', async (shell, text) => {
  const env = { SHELL: '/bin/sh' };
  const { status, stdout } = await run(['ceo', 'completion', shell], { env });
  expect(status).toBe(0);
  expect(stdout).toContain(text);
});

test('for another shell there is none', async () => {
  expect(await run(['ceo', 'completion', 'tcsh'])).toMatchObject({ status: 2, stdout: '' });
});

test('bash itself completes with it', async () => {
  const script = `
    source <(ceo completion)
    COMP_WORDS=(ceo groups members off); COMP_CWORD=3; COMP_LINE='ceo groups members off'
    _ceo_yargs_completions; echo "\${COMPREPLY[@]}"`;
  expect((await run(['bash', '-c', script])).stdout).toBe('office\n');
});
