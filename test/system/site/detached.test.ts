/** Promise: `ceod -d` leaves exactly one daemon behind, which serves when it returns, or none and an error. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { encodeBody } from '../../../src/protocol/body.js';
import { ops } from '../../../src/protocol/ops.js';
import { eventually } from '../../support/eventually.js';
import { ownHost, startOwnCeod, type OwnCeod, type OwnHost } from '../../support/ownCeod.js';
import { run } from '../../support/realm.js';
import { WireClient } from '../../support/wire.js';

const { id, input, encoding } = ops.updateMail;
const mail = Buffer.from(encodeBody(input, encoding, { username: 'mailu00' }));

let host: OwnHost | undefined;
let other: OwnCeod | undefined;
afterEach(async () => {
  await other?.stop();
  other = undefined;
  if (host === undefined) return;
  for (const { pid } of await processesOf(host)) process.kill(pid, 'SIGTERM');
  await ended(host);
  host = undefined;
});

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: readonly string[];
}

/** Every process that bears the name of a host's folder, also logger(1). */
async function processesOf({ dir }: OwnHost): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
      if (!(await read('environ')).split('\0').includes(`CEO_CONFIG_DIR=${dir}`)) return [];
      const stat = await read('stat');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      return [{ pid: Number(pid), parent, command: (await read('cmdline')).split('\0') }];
    }),
  );
  return found.flat();
}

async function mastersOf(of: OwnHost): Promise<Process[]> {
  const masters = (await processesOf(of)).filter(({ command }) =>
    command.some((word) => word.endsWith('/ceod/main.js')),
  );
  // A child that was forked, and has not executed its program yet, is still its parent.
  const isChild = ({ parent }: Process) => masters.some(({ pid }) => pid === parent);
  return masters.filter((each) => !isChild(each));
}

const ended = (of: OwnHost) => eventually(async () => (await processesOf(of)).length === 0);

async function isServed({ target }: OwnHost): Promise<boolean> {
  const client = await WireClient.authenticated(target);
  client.send(client.op(id, mail));
  const reply = await client.reply();
  client.close();
  return reply !== undefined;
}

test.each([
  ['-d', false],
  ['-dd', false],
  ['-d -d', false],
  ['-d -q', true],
  ['-q -d', true],
  ['-dq', true],
  ['-qd', true],
])('ceod %s: one daemon, which serves when it returns', async (options, isQuiet) => {
  host = await ownHost('');
  const { status, stdout, stderr } = await run(['ceod', ...options.split(' ')], { env: host.env });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  // At once: nobody waits for it.
  expect(await isServed(host)).toBe(true);

  const masters = await mastersOf(host);
  expect(masters).toHaveLength(1);
  const [master] = masters;
  expect(master?.command.includes('-q')).toBe(isQuiet);
  expect(master?.command.includes('-d')).toBe(false);
  const pid = master?.pid ?? 0;
  // In a session of its own, without a terminal, and in nobody's way.
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [, , , session, terminal] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  expect({ session, terminal }).toEqual({ session: String(pid), terminal: '0' });
  expect((await run(['readlink', `/proc/${pid}/cwd`])).stdout).toBe('/\n');

  const pidFile = path.join(host.dir, 'run', 'ceod.pid');
  expect(await readFile(pidFile, 'utf8')).toBe(`${pid}\n`);
  process.kill(pid, 'SIGTERM');
  await ended(host);
  expect(existsSync(pidFile)).toBe(false);
});

test('the pid file of a daemon that was killed is replaced; that of another one is left', async () => {
  host = await ownHost('');
  const pidFile = path.join(host.dir, 'run', 'ceod.pid');
  await mkdir(path.dirname(pidFile), { recursive: true, mode: 0o755 });
  await symlink('/nonexistent/elsewhere', pidFile);
  expect(await run(['ceod', '-d'], { env: host.env })).toMatchObject({ status: 0, stderr: '' });
  const pid = Number(await readFile(pidFile, 'utf8'));
  expect((await mastersOf(host)).map((each) => each.pid)).toEqual([pid]);
  await writeFile(pidFile, '1\n');
  process.kill(pid, 'SIGTERM');
  await ended(host);
  expect(await readFile(pidFile, 'utf8')).toBe('1\n');
});

describe('a daemon that cannot start: a status of its own, and nothing is left', () => {
  const fails = async (of: OwnHost) => {
    const { status, stdout, stderr } = await run(['ceod', '-d'], { env: of.env });
    expect(status).toBeGreaterThan(0);
    expect(stdout).toBe('');
    return stderr;
  };

  test('the port is taken by another one, which serves on', async () => {
    other = await startOwnCeod();
    expect(await fails(other)).toMatch(/^ceod: .*before it served.*\n {6}.*journalctl/);
    const left = other;
    await eventually(async () => (await mastersOf(left)).length === 1);
    expect((await mastersOf(other)).map(({ pid }) => pid)).toEqual([other.server.pid]);
    expect(await isServed(other)).toBe(true);
  });

  test('there is no session user', async () => {
    host = await ownHost('session_user = no-such-user');
    expect(await fails(host)).toMatch(/^ceod: /);
    await ended(host);
  });

  test('the configuration is wrong', async () => {
    host = await ownHost('ceod_port = none');
    expect(await fails(host)).toMatch(/^ceod: .*ceod_port/);
    await ended(host);
  });
});
