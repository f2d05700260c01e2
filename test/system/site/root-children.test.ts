/** Promise: what root's ceod runs by name is the system's, and hears nothing of the environment of whoever started ceod. */
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { AddUser_Type } from '../../../src/generated/ceo/ceo_pb.js';
import { send } from '../../support/json.js';
import { ownHost, startCeodOn, type OwnCeod } from '../../support/ownCeod.js';
import { variable } from '../../support/realm.js';

let ceod: OwnCeod | undefined;
afterEach(async () => {
  await ceod?.stop();
  ceod = undefined;
});

test('quota_command: PATH and LANG of ceod’s own', async () => {
  const host = await ownHost('');
  const script = async (file: string, content: string) => {
    await writeFile(file, `#!/bin/sh\n${content}\n`);
    await chmod(file, 0o755);
    return file;
  };
  const seen = path.join(host.dir, 'seen');
  const quota = await script(path.join(host.dir, 'quota'), `env >'${seen}'; id >&2`);
  const taken = path.join(host.dir, 'taken');
  await writeFile(taken, '');
  for (const name of ['setfacl', 'getent', 'flock', 'kadmin', 'id']) {
    await script(path.join(host.dir, name), `echo ${name} >>'${taken}'; exit 1`);
  }
  const cf = path.join(host.dir, 'ceod.cf');
  const settings = await readFile(cf, 'utf8');
  await writeFile(cf, `${settings}quota_command = ${quota} {prototype} {uid}\n`);
  ceod = await startCeodOn(host, {
    PATH: `${host.dir}:${variable('PATH')}`,
    LD_LIBRARY_PATH: host.dir,
    NODE_PATH: host.dir,
    LEAKED: 'yes',
  });
  const reply = await send(
    'ctdalek',
    'adduser',
    {
      type: AddUser_Type[AddUser_Type.CLUB_REP],
      username: 'rootchild1',
      password: 'long-enough',
      realname: 'Root Child',
    },
    { ...host.env },
  );
  expect(reply.messages.filter(({ status }) => status !== 0)).toEqual([]);
  expect(await readFile(taken, 'utf8')).toBe('');
  const lines = (await readFile(seen, 'utf8')).trim().split('\n');
  expect(lines.filter((line) => !/^(PWD|SHLVL|_|OLDPWD)=/.test(line)).sort()).toEqual([
    'LANG=C',
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  ]);
});
