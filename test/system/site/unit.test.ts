/** Promise: the unit of ceod leaves it what it needs, and little more. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { nodeOf } from '../../../sandbox/programs.js';
import { ownHost, startCeodOn } from '../../support/ownCeod.js';
import { send } from '../../support/json.js';
import { folder, run } from '../../support/realm.js';

const etc = path.resolve(import.meta.dirname, '../../../etc');
const unit = path.join(etc, 'ceod.service');
const text = readFileSync(unit, 'utf8');
const settings = (key: string) =>
  [...text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value);

const isHere = existsSync('/usr/bin/systemd-analyze');
/** What is not tried is told: nobody is to take silence for success. */
const withSystemd = (what: string, body: () => Promise<void> | void) =>
  test(what, async () => {
    if (isHere) await body();
    else console.warn(`NOT TESTED, as there is no systemd-analyze: ${what}`);
  });
const analyze = (...args: string[]) =>
  execFileSync('systemd-analyze', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

/** The most that systemd's own measure may say; 10 is a service without any protection. */
const EXPOSURE = 2.8;

withSystemd('its exposure', () => {
  const report = analyze('security', '--offline=true', unit);
  const [, exposure] = /Overall exposure level .*: ([\d.]+)/.exec(report) ?? [];
  expect(Number(exposure)).toBeLessThanOrEqual(EXPOSURE);
});

withSystemd('every setting in it and in the drop-ins is one that systemd knows', async () => {
  const dropIns = readdirSync(path.join(etc, 'systemd')).map((name) =>
    readFileSync(path.join(etc, 'systemd', name), 'utf8').replace('[Service]\n', ''),
  );
  const { dir } = await ownHost('');
  const whole = path.join(dir, 'ceod.service');
  await writeFile(whole, text.replace(/\n\[Install\]/, `\n${dropIns.join('\n')}\n[Install]`));
  const { stdout, stderr } = await run(['systemd-analyze', 'verify', whole]);
  expect(`${stdout}${stderr}`.replace(/^.*is not executable.*$/gm, '').trim()).not.toMatch(
    /Unknown|Invalid|Failed to parse|ignoring/i,
  );
});

/** A group as systemd-analyze lists it, with the groups in it. */
function callsOf(word: string): string[] {
  if (!word.startsWith('@')) return [word];
  return analyze('syscall-filter', word)
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap(callsOf);
}

function allowedCalls(): Set<string> {
  const allowed = new Set<string>();
  for (const value of settings('SystemCallFilter')) {
    const isDenied = value.startsWith('~');
    for (const call of value.replace('~', '').split(' ').flatMap(callsOf)) {
      if (isDenied) allowed.delete(call);
      else allowed.add(call);
    }
  }
  return allowed;
}

describe('with its system calls, its capabilities and no new privileges', () => {
  withSystemd('people are signed up, mail is forwarded, passwords are set', async () => {
    const host = await ownHost('');
    const capabilities = settings('CapabilityBoundingSet')
      .flatMap((value) => value.split(' '))
      .map((name) => `+${name.replace('CAP_', '').toLowerCase()}`);
    const filtered = path.resolve(import.meta.dirname, '../../support/filtered.py');
    const start = path.join(host.dir, 'start');
    await writeFile(
      start,
      `#!/bin/sh
exec setpriv --bounding-set=-all,${capabilities.join(',')} --no-new-privs -- \
  python3 ${filtered} ${[...allowedCalls()].join(',')} ${nodeOf(folder)} "$@"
`,
    );
    await chmod(start, 0o755);
    if ((await run(['python3', filtered, 'x', 'true'])).status === 77) {
      console.warn('NOT TESTED, as there is no libseccomp: ceod with the filter of its unit');
      return;
    }
    const ceod = await startCeodOn(host, {}, start);
    try {
      const status = readFileSync(`/proc/${ceod.server.pid}/status`, 'utf8');
      expect(status).toMatch(/^NoNewPrivs:\t1$/m);
      expect(status).toMatch(/^Seccomp:\t2$/m);
      const as = (user: string, op: string, request: object) =>
        send(user, op, request, { ...host.env });
      expect(
        await as('sysadmin1', 'adduser', {
          type: 'MEMBER',
          username: 'confined',
          password: 'a-good-password',
          realname: 'Con Fined',
          program: 'MATH',
          email: 'confined@example.org',
        }),
      ).toMatchObject({ status: 0 });
      expect(await as('sysadmin1', 'getforward', { username: 'confined' })).toMatchObject({
        forward: 'confined@example.org',
      });
      expect(
        await as('sysadmin1', 'mail', { username: 'confined', forward: 'c@example.org' }),
      ).toMatchObject({ status: 0 });
      expect(await as('sysadmin1', 'resetpassword', { username: 'confined' })).toMatchObject({
        status: 0,
      });
      expect(await as('ctdalek', 'ping', {})).toMatchObject({ status: 0 });
      expect(ceod.log().filter(({ level }) => level === 'error')).toEqual([]);
    } finally {
      await ceod.stop();
    }
  });
});
