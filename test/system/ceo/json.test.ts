/** Promise: docs/json.md tells the keys of every object that --json prints, and there are no others. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { runAs } from '../../support/realm.js';

const docs = readFileSync(new URL('../../../docs/json.md', import.meta.url), 'utf8');

/** The keys that the table has for a command, at any depth; ACCOUNT and STEP stand for theirs. */
function documentedKeys(command: string): Set<string> {
  const row = docs
    .split('\n')
    .find((line) => line.startsWith('|') && line.includes(`\`${command}\``));
  if (row === undefined) throw new Error(`docs/json.md does not tell of ${command}`);
  const account = /```json\n([^]*?)```/.exec(docs)?.[1] ?? '';
  const shape = row.replace(/ACCOUNT/g, account).replace(/STEP/g, '"status": 0, "message": ""');
  return new Set([...shape.matchAll(/"([A-Za-z]+)"(?=[:,}\s]|$)/g)].map(([, key = '']) => key));
}

function keysOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => [key, ...keysOf(each)]);
}

test.each<[string, string[], string?]>([
  ['members add', ['jsonadd', '-n', 'Jay Son', '--password-stdin'], 'long-enough\n'],
  ['clubs add', ['jsonclub', '-n', 'Json Club']],
  ['members get', ['ctdalek']],
  ['members list', []],
  ['members search', ['dalek']],
  ['members renew', ['jsonadd']],
  ['members passwd', ['jsonadd']],
  ['members subscribe', ['jsonadd']],
  ['members expired', []],
  ['members inactive', ['1']],
  ['members update-programs', ['--dry-run']],
  ['clubs get', ['chessclub']],
  ['clubs list', []],
  ['groups list', []],
  ['groups members', ['office']],
  ['groups add', ['jsonclub', 'jsonadd']],
  ['positions set', ['imapd', 'jsonadd']],
  ['shell list', []],
  ['shell set', ['/bin/sh', 'jsonadd']],
  ['mail get', ['jsonadd']],
  ['mail set', ['jsonadd', 'json@example.com']],
  ['mysql create', ['jsonadd']],
  ['adopt', []],
])('%s', async (command, args, input = '') => {
  const { status, stdout } = await runAs(
    'sysadmin1',
    ['ceo', ...command.split(' '), ...args, '--json'],
    { input },
  );
  expect(status).toBe(0);
  expect(stdout.trim().split('\n')).toHaveLength(1);
  const documented = documentedKeys(command);
  const unknown = keysOf(JSON.parse(stdout)).filter((key) => !documented.has(key));
  expect([...new Set(unknown)]).toEqual([]);
});
