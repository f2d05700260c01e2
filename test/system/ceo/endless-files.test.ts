/** Promise: no file that ceo and ceoc read whole hangs them or fills their memory: a pipe, a device, one without end. */
import { execFileSync } from 'node:child_process';
import { truncateSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ownHost, type OwnHost } from '../../support/ownCeod.js';
import { folder, runAs } from '../../support/realm.js';

let host: OwnHost;
let scratch: string;
beforeEach(async () => {
  host = await ownHost('connect_timeout = 2');
  scratch = await mkdtemp(path.join(folder, 'files-'));
});
afterEach(() => rm(scratch, { recursive: true }));

type Make = (file: string) => Promise<void>;

const NO_FILE = /is no regular file/;
const kinds: [string, Make, RegExp][] = [
  [
    'a pipe that nobody writes to',
    async (file) => {
      await rm(file, { force: true });
      execFileSync('mkfifo', [file]);
    },
    NO_FILE,
  ],
  ['/dev/zero', (file) => replace(file, '/dev/zero'), NO_FILE],
  [
    'a file of 64 MB',
    async (file) => {
      await rm(file, { force: true });
      await writeFile(file, '');
      truncateSync(file, 64 * 2 ** 20);
    },
    /is larger than 4 MB/,
  ],
];

async function replace(file: string, target: string): Promise<void> {
  await rm(file, { force: true });
  await symlink(target, file);
}

describe.each(kinds)('%s', (_what, make, why) => {
  const fails = async (
    command: readonly [string, ...string[]],
    status: number,
    env: Record<string, string> = {},
  ) => {
    const outcome = await runAs('ctdalek', ['timeout', '20', ...command], {
      env: { ...host.env, ...env },
      input: '{"username": "ctdalek"}',
    });
    expect(outcome.stderr).toMatch(why);
    expect(outcome.status).toBe(status);
  };

  test('accounts.cf', async () => {
    await make(path.join(host.dir, 'accounts.cf'));
    await fails(['ceo', 'members', 'get', 'ctdalek'], 10);
  });

  test('ceod.cf', async () => {
    await make(path.join(host.dir, 'ceod.cf'));
    await fails(['ceoc', 'mail', '--json'], 10);
  });

  test('a file that is included', async () => {
    const file = path.join(scratch, 'included.cf');
    await make(file);
    await writeFile(path.join(host.dir, 'ceod.cf'), `include ${file}\n`);
    await fails(['ceoc', 'mail', '--json'], 10);
  });

  test('a routing file', async () => {
    await make(path.join(host.dir, 'ops', 'mail'));
    await fails(['ceoc', 'mail', '--json'], 10);
  });

  test('CEO_HOSTS', async () => {
    const file = path.join(scratch, 'hosts');
    await make(file);
    await fails(['ceoc', 'mail', '--json'], 10, { CEO_HOSTS: file });
  });

  test('the list of shells', async () => {
    const file = path.join(scratch, 'shells');
    await make(file);
    await writeFile(
      path.join(host.dir, 'accounts.cf'),
      `include ${folder}/hosts/ginseng/accounts.cf\nshells_file = ${file}\n`,
    );
    await fails(['ceo', 'shell', 'list'], 10);
  });

  test('people to import', async () => {
    const file = path.join(scratch, 'people.csv');
    await make(file);
    await fails(['ceo', 'members', 'import', file, '--dry-run'], 2);
  });

  test('the trusted authorities', async () => {
    const file = path.join(scratch, 'ca.pem');
    await make(file);
    await fails(['ceo', 'members', 'get', 'ctdalek'], 5, { LDAPTLS_CACERT: file });
  });
});
