/** Promise: what any process of ceod writes is its user's alone, unless it is meant for others, whatever umask ceod was started with. */
import { spawn } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { programsOf } from '../../../sandbox/programs.js';
import { eventually } from '../../support/eventually.js';
import { ownHost, startCeodOn, type OwnCeod } from '../../support/ownCeod.js';
import { folder, run, runAs } from '../../support/realm.js';

let ceod: OwnCeod | undefined;
const umask = process.umask(0o022);
process.umask(umask);
afterEach(async () => {
  process.umask(umask);
  await ceod?.stop();
  ceod = undefined;
});

const umaskOf = async (pid: number) =>
  /^Umask:\s*(\d+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];

test('master, session process, runner, a child of it, a hook, an op program', async () => {
  const dir = path.join(folder, `umask-${process.pid}`);
  await mkdir(dir);
  await chmod(dir, 0o777);
  const script = async (name: string, text: string) => {
    const file = path.join(dir, name);
    await writeFile(file, `#!/bin/sh\n${text}\n`);
    await chmod(file, 0o755);
    return file;
  };
  const said = path.join(dir, 'said');
  await mkdir(said);
  await chmod(said, 0o777);
  const hook = await script('hook', `umask >'${said}/hook'`);
  const quota = await script('quota', `umask >'${said}/child'`);
  await script('op-umask', 'cat; umask');
  await chmod(dir, 0o755);
  const host = await ownHost(`spare_sessions = 1\nquota_command = ${quota} {prototype} {uid}`, {
    accounts: `notify_hook = ${hook}`,
  });
  await writeFile(path.join(host.dir, 'ops', 'umask'), 'ginseng.csclub.test umask daemon 0x77\n');
  // Whoever starts it may have none.
  process.umask(0);
  ceod = await startCeodOn(host, { CEO_LIB_DIR: dir });
  const { pid } = ceod.server;
  let children: string[] = [];
  await eventually(async () => {
    const { stdout } = await run(['ps', '--ppid', String(pid), '-o', 'pid=,args=']);
    children = stdout.trim().split('\n');
    return children.length === 3 && !stdout.includes('setpriv');
  });
  const pids = [pid, ...children.map((line) => Number(line.trim().split(' ')[0]))];
  expect(await Promise.all(pids.map(umaskOf))).toEqual(Array(4).fill('0077'));

  const adding = await runAs(
    'ctdalek',
    ['ceo', 'members', 'add', 'umask1', '-n', 'Umask', '--password-stdin'],
    { env: host.env, input: 'a-good-password\n' },
  );
  expect(adding).toMatchObject({ status: 0 });
  expect(await readFile(path.join(said, 'hook'), 'utf8')).toBe('0077\n');
  expect(await readFile(path.join(said, 'child'), 'utf8')).toBe('0077\n');
  const op = await runAs('ctdalek', ['ceoc', 'umask'], { env: host.env, input: 'as asked: ' });
  expect(op).toMatchObject({ status: 0, stdout: 'as asked: 0077\n' });
});

test('our op programs, which a legacy daemon starts with an umask of its own', async () => {
  const { env } = await ownHost('');
  const program = path.join(programsOf(folder), 'dist', 'ceod', 'opProgram.js');
  process.umask(0);
  const op = spawn(process.execPath, [program, 'mail'], {
    env: { ...process.env, ...env, CEO_USER: 'ctdalek' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  process.umask(umask);
  try {
    await eventually(async () => (await umaskOf(op.pid ?? 0)) === '0077');
  } finally {
    op.kill('SIGKILL');
  }
});
