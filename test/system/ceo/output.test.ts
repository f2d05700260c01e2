/** Promise: a result that cannot be told is never taken for a failure; input that would be changed on its way is refused before anything is sent. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { encodeBody } from '../../../src/protocol/body.js';
import { ops } from '../../../src/protocol/ops.js';
import { ccache, folder, principalExists, runAs, tracesOf } from '../../support/realm.js';

const bytes = path.join(folder, 'output-request');
const json = '{"username": "mailu00"}';
const password = 'a-good-password\n';

/** Programs whose result goes to standard output, each with its input. */
const programs: [command: string, input: string, program: string][] = [
  ['ceo members get ctdalek', '', 'ceo'],
  ['ceo members get ctdalek --json', '', 'ceo'],
  ['ceo --help', '', 'ceo'],
  ['ceoc mail --json', json, 'ceoc'],
  [`ceoc mail <'${bytes}'`, '', 'ceoc'],
  ['ceoc --help', '', 'ceoc'],
];

const prepare = async () => {
  const { input, encoding } = ops.updateMail;
  await writeFile(bytes, encodeBody(input, encoding, { username: 'mailu00' }));
};

describe('standard output', () => {
  test.each(programs)(
    'that is full: %s says so and ends with 6',
    async (command, input, program) => {
      await prepare();
      const outcome = await runAs('ctdalek', ['sh', '-c', `${command} >/dev/full`], { input });
      expect(outcome.stderr).toMatch(
        new RegExp(`^${program}: standard output cannot be written \\(ENOSPC\\)\\.\\n {6}.+\\n$`),
      );
      expect(outcome.status).toBe(6);
    },
  );

  test('that is full when an account was made: 6, not 1, and the account is there', async () => {
    const outcome = await runAs(
      'ctdalek',
      ['sh', '-c', "ceo members add untold -n 'Untold' --password-stdin >/dev/full"],
      { input: password },
    );
    expect(outcome.status).toBe(6);
    expect(outcome.stderr).toMatch(/^ceo: standard output cannot be written.*\n.*check before/);
    expect(await principalExists('untold')).toBe(true);
  });

  test.each(programs)(
    'that nobody reads: %s ends as by SIGPIPE, without a word',
    async (command, input) => {
      await prepare();
      const child = spawn('sh', ['-c', `exec ${command}`], {
        env: { ...process.env, KRB5CCNAME: ccache('ctdalek') },
      });
      let stderr = '';
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
      child.stdout.destroy();
      const [status] = (await once(child, 'close')) as [number | null];
      expect({ status, stderr }).toEqual({ status: 141, stderr: '' });
    },
  );

  test('that is closed after its first line ends a pipeline in good order', async () => {
    const outcome = await runAs('ctdalek', ['sh', '-c', 'ceo members get ctdalek | head -n 1']);
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
    expect(outcome.stdout).toMatch(/^Username +ctdalek\n$/);
  });
});

describe('a password that is no UTF-8', () => {
  // Whoever tries to send anything gets another status: there is no ticket.
  const env = { KRB5CCNAME: 'FILE:/nonexistent' };

  test.each([
    ['Latin-1', String.raw`passw\366rd\n`],
    ['a character that is cut short', String.raw`password\303\n`],
    ['without a newline', String.raw`password\377`],
    ['a surrogate', String.raw`password\355\240\200\n`],
    ['an overlong slash', String.raw`password\300\257\n`],
  ])('%s: status 2, and nothing is sent', async (_what, text) => {
    for (const command of [
      'ceo members add noutf8 -n Coded --password-stdin',
      'ceo members passwd mailu09 --password-stdin',
      'addmember --stdin noutf8 Coded',
    ]) {
      const script = `printf '${text}' | ${command}`;
      const { status, stdout, stderr } = await runAs('ctdalek', ['sh', '-c', script], { env });
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toContain('Standard input is no UTF-8.');
      expect(stderr).not.toContain('password');
    }
    expect(await tracesOf('noutf8')).toEqual([]);
  });

  test('what comes behind the first line does not count', async () => {
    const script = String.raw`printf 'a-good-password\n\377\n' | ceo members add utf8 -n Coded --password-stdin`;
    expect((await runAs('ctdalek', ['sh', '-c', script])).status).toBe(0);
    expect(await principalExists('utf8')).toBe(true);
  });
});
