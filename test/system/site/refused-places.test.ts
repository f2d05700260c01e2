/** Promise: a root ceod does not start on keytabs, homes or a journal in places where others could put something else. */
import { appendFile, chmod, chown, cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { SESSION_USER } from '../../../sandbox/configuration.js';
import { unixUser } from '../../../sandbox/users.js';
import { ownHost } from '../../support/ownCeod.js';
import { folder, run } from '../../support/realm.js';

let dir: string;
let env: Record<string, string>;
beforeEach(async () => {
  ({ dir, env } = await ownHost(''));
});

const check = () => run(['ceod', '--check-config'], { env });
/** It does not start either; were it to start, the test would not end. */
const start = () => run(['ceod'], { env });

const set = (file: string, line: string) => appendFile(path.join(dir, file), `${line}\n`);

/** A folder of a mode, whatever the umask. */
async function make(name: string, mode: number): Promise<string> {
  const made = path.join(dir, name);
  await mkdir(made);
  await chmod(made, mode);
  return made;
}

/** A copy of a keytab that nobody but its reader can read or change. */
async function keytabIn(place: string, name: string, reader?: string): Promise<string> {
  const file = path.join(place, name);
  await cp(path.join(folder, 'keytabs', name), file);
  await chown(file, 0, reader === undefined ? 0 : (await unixUser(reader)).gid);
  await chmod(file, reader === undefined ? 0o600 : 0o640);
  return file;
}

const settings: [what: string, use: (place: string) => Promise<void>][] = [
  [
    'the admin keytab',
    async (place) => set('ceod.cf', `admin_keytab = ${await keytabIn(place, 'admin.keytab')}`),
  ],
  [
    'the service keytab',
    async (place) =>
      set('ceod.cf', `service_keytab = ${await keytabIn(place, 'ceod.keytab', SESSION_USER)}`),
  ],
  [
    'a keytab for look-ups',
    async (place) => {
      await keytabIn(place, 'ceod-list.keytab', 'list');
      await cp(path.join(folder, 'hosts', 'mail', 'mailman.cf'), path.join(dir, 'mailman.cf'));
      await chown(path.join(dir, 'mailman.cf'), 0, (await unixUser('list')).gid);
      await chmod(path.join(dir, 'mailman.cf'), 0o640);
      await writeFile(path.join(dir, 'ops', 'mailman'), 'ginseng.csclub.test mailman list 4\n');
      await set('ceod.cf', `lookup_keytab = ${place}/ceod-{user}.keytab`);
    },
  ],
  ['the homes of members', (place) => set('accounts.cf', `member_home = ${place}`)],
  ['the homes of clubs', (place) => set('accounts.cf', `club_home = ${place}`)],
  ['homes that are to be made yet', (place) => set('accounts.cf', `member_home = ${place}/users`)],
  [
    'the homes, by a link',
    async (place) => {
      await symlink(place, path.join(dir, 'link'));
      await set('accounts.cf', `member_home = ${dir}/link`);
    },
  ],
  ['the journal', (place) => set('ceod.cf', `state_dir = ${place}`)],
];

describe.each(settings)('%s', (_what, use) => {
  test('in a folder of root alone is accepted', async () => {
    await use(await make('place', 0o755));
    expect(await check()).toMatchObject({ status: 0, stderr: '' });
  });

  test.each<[string, (name: string) => Promise<{ place: string; wrong: string; why: string }>]>([
    [
      'that everybody can write',
      async (name) => {
        const place = await make(name, 0o777);
        return { place, wrong: place, why: 'can be written by others' };
      },
    ],
    [
      'of somebody else',
      async (name) => {
        const place = await make(name, 0o755);
        await chown(place, 65534, 0);
        return { place, wrong: place, why: 'does not belong to root' };
      },
    ],
    [
      'below one that everybody can write',
      async (name) => {
        const wrong = await make(name, 0o777);
        return {
          place: await make(`${name}/inner`, 0o755),
          wrong,
          why: 'can be written by others',
        };
      },
    ],
  ])('in a folder %s is refused, with the command that mends it', async (_how, spoil) => {
    const { place, wrong, why } = await spoil('place');
    await use(place);
    const checked = await check();
    expect(checked).toMatchObject({ status: 10, stdout: '' });
    expect(checked.stderr).toContain(`${wrong} ${why}`);
    expect(await start()).toEqual(checked);
    const [, mend = ''] = /Mend it with: (.*)/.exec(checked.stderr) ?? [];
    expect((await run(['sh', '-ec', mend])).status).toBe(0);
    expect(await check()).toMatchObject({ status: 0, stderr: '' });
  });
});
