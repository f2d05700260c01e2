/**
 * Promise: what an earlier holder of a name or a uid has left on a host is found, wherever the
 * system has it; in a folder that stands for `/`.
 */
import { chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { tracesOfName, uidsWithTraces } from '../../src/ceod/accounts/traces.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'traces-'));
});
afterEach(() => rm(root, { recursive: true }));

async function file(name: string, text = ''): Promise<string> {
  const full = path.join(root, name);
  await mkdir(path.dirname(full), { recursive: true });
  await writeFile(full, text);
  return full;
}

test.each([
  ['var/mail/old', '', 'mail'],
  ['var/spool/mail/old', '', 'mail'],
  ['var/spool/cron/crontabs/old', '', 'crontab'],
  ['var/spool/cron/old', '', 'crontab'],
  ['var/lib/systemd/linger/old', '', 'processes'],
  ['etc/group', 'root:x:0:\nsudo:x:27:alice,old\n', 'group'],
  ['etc/gshadow', 'sudo:!::old\n', 'gshadow'],
  ['etc/gshadow', 'sudo:!:old:alice\n', 'gshadow'],
  ['etc/subuid', 'old:100000:65536\n', 'subuid'],
  ['etc/subgid', 'alice:1:1\nold:100000:65536', 'subgid'],
  ['etc/aliases', 'old: root\n', 'aliases'],
  ['etc/sudoers', 'root ALL=(ALL) ALL\nold ALL=(ALL) NOPASSWD: ALL\n', 'sudoers'],
  ['etc/sudoers.d/more', '%old ALL=(ALL) ALL\n', 'sudoers'],
  ['etc/sudoers.d/alias', 'User_Alias ADMINS=alice,old\n', 'sudoers'],
  ['etc/cron.allow', 'old\n', 'crontab'],
  ['etc/at.allow', 'old\n', 'at'],
])('%s: %j', async (name, text, what) => {
  const full = await file(name, text);
  const [trace = '', ...more] = await tracesOfName('old', root);
  expect(trace).toContain(what);
  expect(trace).toContain(`(${full})`);
  expect(more).toEqual([]);
});

test.each([
  ['etc/group', 'old:x:20001:\nsudo:x:27:older,ol\n# sudo:x:27:old\n'],
  ['etc/sudoers', '# old ALL=(ALL) ALL\nolder ALL=(ALL) ALL\n'],
  ['etc/subuid', 'older:100000:65536\n'],
  ['var/mail/older', ''],
])('%s: %j is of somebody else', async (name, text) => {
  await file(name, text);
  expect(await tracesOfName('old', root)).toEqual([]);
});

test('where there is nothing of all that', async () => {
  expect(await tracesOfName('old', root)).toEqual([]);
});

test('a mail spool whose owner has hung it elsewhere is found, and not followed', async () => {
  await mkdir(path.join(root, 'var/mail'), { recursive: true });
  await symlink('/nonexistent', path.join(root, 'var/mail/old'));
  expect(await tracesOfName('old', root)).toHaveLength(1);
});

test('the owners of what is in these folders and not below, and of processes', async () => {
  const homes = path.join(root, 'homes with blanks');
  await chown(await file('homes with blanks/line\nfeed'), 41_999, 0);
  await chown(await file('homes with blanks/below/deep'), 41_998, 0);
  const uids = await uidsWithTraces([homes, path.join(root, 'absent')], 10_000);
  expect([41_999, 41_998, process.getuid?.() ?? -1].map((uid) => uids.has(uid))).toEqual([
    ...[true, false, true],
  ]);
});
