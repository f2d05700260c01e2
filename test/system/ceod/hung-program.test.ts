/**
 * Promise: a process that cannot be killed costs no more than its time, and whose it is no more than
 * that: every op is answered or closed, others are served, SIGTERM ends the daemon. Where nothing can
 * be mounted (hung-home.test.ts), a program of the site's that became root's is out of reach as well.
 */
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { AddUser_Type as Type } from '../../../src/generated/ceo/ceo_pb.js';
import { eventually } from '../../support/eventually.js';
import { send } from '../../support/json.js';
import { ownHost, startCeodOn, type OwnCeod } from '../../support/ownCeod.js';
import { folder, run, runAs } from '../../support/realm.js';

/** Of ceoc: the connection was closed without a reply. */
const OUTCOME_UNKNOWN = 6;

let ceod: OwnCeod;
let pids: string;

beforeAll(async () => {
  const libDir = path.join(folder, 'lib-hung');
  await mkdir(libDir, { recursive: true });
  pids = path.join(libDir, 'pids');
  await writeFile(pids, '');
  await chmod(pids, 0o666);
  const root = path.join(libDir, 'as-root');
  await copyFile((await run(['which', 'setpriv'])).stdout.trim(), root);
  await chmod(root, 0o4755);
  const program = path.join(libDir, 'op-hang');
  await writeFile(
    program,
    `#!/bin/sh
[ "$CEO_USER" = nobody1 ] || exec echo done
echo $$ >>${pids}
exec ${root} --reuid=0 --regid=0 --clear-groups sleep 600
`,
  );
  await chmod(program, 0o755);
  const hook = path.join(libDir, 'hook');
  await writeFile(
    hook,
    `#!/bin/sh
echo $$ >>${pids}
exec ${root} --reuid=0 --regid=0 --clear-groups sleep 600
`,
  );
  await chmod(hook, 0o755);
  const host = await ownHost('external_op_timeout = 1\nhook_timeout = 1\ndrain_timeout = 20', {
    accounts: `notify_hook = ${hook}`,
  });
  await writeFile(path.join(host.dir, 'ops', 'hang'), 'ginseng.csclub.test hang daemon 0x77\n');
  ceod = await startCeodOn(host, { CEO_LIB_DIR: libDir });
});

afterAll(async () => {
  await ceod.stop();
  await run(['kill', '-KILL', ...(await hanging()).map(String)]);
});

const hanging = async () =>
  (await readFile(pids, 'utf8')).trim().split('\n').filter(Boolean).map(Number);
const op = (user: string) => runAs(user, ['ceoc', 'hang'], { env: ceod.env });

test('each ends at its time; after two of a person’s they are refused, others are served, the log tells', async () => {
  for (let i = 0; i < 4; i += 1) expect((await op('nobody1')).status).toBe(OUTCOME_UNKNOWN);
  const [first = 0, second = 0, ...more] = await hanging();
  expect(more).toEqual([]);
  // They are there, and not ours to kill.
  for (const pid of [first, second]) expect(process.kill(pid, 0)).toBe(true);
  expect((await op('ctdalek')).stdout).toBe('done\n');
  const told = () => JSON.stringify(ceod.log());
  await eventually(() => told().includes(`"hanging":[{"pid":${first},`));
  expect(told()).toContain('op-hang for nobody1 is not started');

  process.kill(first, 'SIGKILL');
  await eventually(() => told().includes(`"gone":[{"pid":${first},`));
  expect((await op('nobody1')).status).toBe(OUTCOME_UNKNOWN);
  expect(await hanging()).toHaveLength(3);
});

test('a hook: the account stands, and the reply says so', async () => {
  const before = (await hanging()).length;
  const { status, messages } = await send(
    'ctdalek',
    'adduser',
    { type: Type.MEMBER, username: 'hookhung', realname: 'Hook Hung', password: 'a-good-password' },
    ceod.env,
  );
  expect(status).toBe(0);
  expect(messages.at(-1)?.message).toBe('warning: the notify hook took longer than 1 s');
  expect(await hanging()).toHaveLength(before + 1);
});

test('SIGTERM: it ends before anything is killed', async () => {
  await ceod.stop();
  expect(ceod.log().at(-1)).toMatchObject({ msg: 'stopped' });
  expect(JSON.stringify(ceod.log())).not.toContain('drain timeout');
  const [, second = 0] = await hanging();
  expect(process.kill(second, 0)).toBe(true);
});
