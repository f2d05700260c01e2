/**
 * Promise: whoever interrupts a change is told what was under way, how to find out whether it was
 * done, and how to finish it; whoever interrupts what only looks is told nothing.
 */
import { spawn } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { startOwnCeod, type OwnCeod } from '../../support/ownCeod.js';
import { ccache, folder } from '../../support/realm.js';
import { startTwoSlapds, type TwoSlapds } from '../../support/twoSlapds.js';

interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** A program that is left alone until `ready`, then gets the signal. */
async function interruptedBy(
  signal: NodeJS.Signals,
  [program = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  ready: (pid: number) => Promise<boolean>,
  input = 'correct-horse\n',
): Promise<Ended> {
  const child = spawn(program, args, {
    env: { ...process.env, KRB5CCNAME: ccache('ctdalek'), ...env },
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end(input);
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (status, by) => resolve({ status, signal: by, stderr }));
  });
  await eventually(() => ready(child.pid ?? 0));
  child.kill(signal);
  return ended;
}

/** Whether a process has a connection to an address, proc(5) net/tcp. */
async function isConnectedTo(target: string): Promise<boolean> {
  const [host = '', port = ''] = target.split(':');
  const hex = (value: number, width: number) =>
    value.toString(16).toUpperCase().padStart(width, '0');
  const address = host
    .split('.')
    .reverse()
    .map((byte) => hex(Number(byte), 2))
    .join('');
  const table = await readFile('/proc/net/tcp', 'utf8');
  // State 01 is ESTABLISHED; the remote address is the third column.
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .some(
      ([, , remote, state]) => remote === `${address}:${hex(Number(port), 4)}` && state === '01',
    );
}

describe('ceod says nothing', () => {
  let ceod: OwnCeod;
  beforeAll(async () => {
    ceod = await startOwnCeod();
    process.kill(ceod.server.pid, 'SIGSTOP');
  });
  afterAll(async () => {
    process.kill(ceod.server.pid, 'SIGCONT');
    await ceod.stop();
  });

  test.each<[command: string[], what: string, more: string]>([
    [
      ['ceo', 'members', 'add', 'intr1', '-n', 'Inter Rupted', '-t', '2', '--password-stdin'],
      'the sign-up of intr1',
      '     Check with: ceo members get intr1\n' +
        '     To finish: ceo members renew intr1 --terms 2 && ceo members subscribe intr1\n',
    ],
    [
      ['ceo', 'members', 'add', 'intr2', '-n', 'Inter Rep', '--club-rep', '--password-stdin'],
      'the sign-up of intr2',
      '     Check with: ceo members get intr2\n' +
        '     To finish: ceo members renew intr2 --terms 1 --club-rep\n',
    ],
    [
      ['ceo', 'clubs', 'add', 'intrclub', '-n', 'Inter Club'],
      'the sign-up of intrclub',
      '     Check with: ceo clubs get intrclub\n',
    ],
    [
      ['addmember', '--stdin', 'intr3', 'Inter Old'],
      'the sign-up of intr3',
      '     Check with: ceo members get intr3\n     To finish: ceo members subscribe intr3\n',
    ],
    [
      ['ceo', 'members', 'passwd', 'nobody1'],
      'the new password of nobody1',
      '     It is safe to do it again: that sets another password.\n',
    ],
    [
      ['ceo', 'mail', 'set', 'nobody1', 'n@example.com'],
      "the forwarding of nobody1's mail",
      '     Check with: ceo mail get nobody1\n',
    ],
  ])('%j', async (command, what, more) => {
    const ended = await interruptedBy('SIGINT', command, ceod.env, () =>
      isConnectedTo(ceod.target),
    );
    expect(ended).toEqual({
      status: 6,
      signal: null,
      stderr: `ceo: Interrupted: ${what} was under way, and may or may not have been done.\n${more}`,
    });
  });

  test.each(['SIGTERM', 'SIGHUP'] as const)('%s: the same', async (signal) => {
    const command = ['ceo', 'clubs', 'add', 'intrclub', '-n', 'Inter Club'];
    const ended = await interruptedBy(signal, command, ceod.env, () => isConnectedTo(ceod.target));
    expect(ended.status).toBe(6);
    expect(ended.stderr).toContain('Check with: ceo clubs get intrclub\n');
  });

  test('ceoc: likewise', async () => {
    const request = '{"type": "CLUB", "username": "intrclub", "realname": "Inter Club"}';
    const command = ['ceoc', 'adduser', '--json'];
    const ended = await interruptedBy(
      'SIGINT',
      command,
      ceod.env,
      () => isConnectedTo(ceod.target),
      request,
    );
    expect(ended).toEqual({
      status: 6,
      signal: null,
      stderr:
        'ceoc: Interrupted: adduser was under way, and may or may not have been done.\n' +
        '      Check with: ceo clubs get intrclub\n',
    });
  });

  test('what only looks ends by the signal, without a word', async () => {
    const command = ['ceo', 'mail', 'get', 'nobody1'];
    const ended = await interruptedBy('SIGINT', command, ceod.env, () =>
      isConnectedTo(ceod.target),
    );
    expect(ended).toEqual({ status: null, signal: 'SIGINT', stderr: '' });
  });
});

describe('the directory says nothing', () => {
  let site: TwoSlapds;
  let ceod: OwnCeod | undefined;
  beforeAll(async () => {
    site = await startTwoSlapds('interrupted', 'refers');
  });
  afterEach(async () => {
    site.primary.thaw();
    await ceod?.stop();
    ceod = undefined;
  });
  afterAll(() => site.stop());

  const isFrozen = async () =>
    / T /.test((await readFile(`/proc/${site.primary.pid}/stat`, 'utf8')).replace(/\(.*\)/, ''));

  test('the account is made, its terms are not: how to finish', async () => {
    const program = path.join(folder, 'interrupted-quota');
    await writeFile(program, `#!/bin/sh\nkill -STOP ${site.primary.pid}\n`);
    await chmod(program, 0o755);
    ceod = await startOwnCeod(
      `quota_command = ${program} {prototype} {uid}\nmember_quota_prototype = ctdalek`,
      { accounts: `ldap_server_url = ${site.primary.url}`, env: site.env },
    );
    const command = ['ceo', 'members', 'add', 'intr4', '-n', 'Inter Half', '--password-stdin'];
    const ended = await interruptedBy('SIGINT', command, { ...ceod.env, ...site.env }, async () => {
      const isMade = ceod?.log().some(({ msg }) => msg === 'done') === true;
      return isMade || isFrozen();
    });
    expect(ended.status).toBe(6);
    expect(ended.stderr).toContain('the sign-up of intr4 was under way');
    expect(ended.stderr).toContain('To finish: ceo members renew intr4 --terms 1 && ');
  });
});
