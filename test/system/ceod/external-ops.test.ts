/**
 * Promise: a site's own op programs run as the legacy daemon ran them, never
 * instead of a built-in op unless the site says so; and our ops, as programs,
 * keep the same contract.
 */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeBody, encodeBody } from '../../../src/protocol/body.js';
import { AddUser_Type } from '../../../src/generated/ceo/ceo_pb.js';
import { ops } from '../../../src/protocol/ops.js';
import { send } from '../../support/json.js';
import { ownHost, startCeodOn, type OwnCeod } from '../../support/ownCeod.js';
import { folder, homeOf, ldapsearch, run, runAs, tracesOf, variable } from '../../support/realm.js';

const libDir = path.join(folder, 'lib');
beforeAll(() => mkdir(libDir, { recursive: true }));

let ceod: OwnCeod | undefined;
afterEach(async () => {
  await ceod?.stop();
  ceod = undefined;
});

async function program(name: string, script: string): Promise<string> {
  const file = path.join(libDir, `op-${name}`);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

/** A ceod that serves a further op, as a user. */
async function serving(name: string, user: string, settings = ''): Promise<OwnCeod> {
  const host = await ownHost(settings);
  await writeFile(path.join(host.dir, 'ops', name), `ginseng.csclub.test ${name} ${user} 0x77\n`);
  ceod = await startCeodOn(host, { CEO_LIB_DIR: libDir });
  return ceod;
}

const ceoc = (user: string, op: string, input: string, env: Readonly<Record<string, string>>) =>
  runAs(user, ['ceoc', op], { input, env });

describe("a site's own op", () => {
  test('request on stdin, reply on stdout, three variables, as its user', async () => {
    await program('report', 'cat; echo; id -un; env | sort');
    const { env } = await serving('report', 'daemon');
    const { status, stdout } = await ceoc('nobody1', 'report', 'what goes\nin\0', env);
    expect(status).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'what goes',
      'in\0',
      'daemon',
      `CEO_CONFIG_DIR=${env['CEO_CONFIG_DIR'] ?? ''}`,
      'CEO_USER=nobody1',
      'LANG=C',
      'PWD=/',
      '',
    ]);
  });

  test.each([
    ['fails', 'echo half; echo why >&2; exit 1'],
    ['says nothing', 'cat >/dev/null'],
    ['hangs', 'exec sleep 600'],
    ['says more than a frame holds', 'head -c 70000 /dev/zero'],
  ])('that %s closes the connection, and others are served', async (_what, script) => {
    await program('broken', script);
    const { env } = await serving('broken', 'root', 'external_op_timeout = 1');
    const { status, stderr } = await ceoc('nobody1', 'broken', 'x', env);
    expect(status).toBe(6);
    expect(stderr).toContain('The reply to broken from ginseng.csclub.test was lost');
    expect((await send('ctdalek', 'mail', { username: 'ctdalek' }, { ...env })).status).toBe(0);
  });

  test.each([
    ['side by side', '', /^(in ){2}(out ){2}/],
    ['one_at_a_time', 'one_at_a_time = turns', /^(in out ){2}/],
  ])('two at once: %s', async (_what, settings, order) => {
    const trace = path.join(folder, 'turns');
    await writeFile(trace, '');
    // Which waits for another one of its kind, half a second.
    const others = `for i in 1 2 3 4 5; do sleep 0.1; grep -q 'in in' ${trace} && break; done`;
    await program('turns', `printf 'in ' >>${trace}; ${others}; printf 'out ' >>${trace}; echo ok`);
    const { env } = await serving('turns', 'root', settings);
    const both = await Promise.all(['x', 'y'].map((input) => ceoc('nobody1', 'turns', input, env)));
    expect(both).toMatchObject([{ stdout: 'ok\n' }, { stdout: 'ok\n' }]);
    expect(await readFile(trace, 'utf8')).toMatch(order);
  });

  test('whose program is missing: the daemon does not start, and says so', async () => {
    const host = await ownHost('');
    await writeFile(path.join(host.dir, 'ops', 'gone'), 'ginseng.csclub.test gone root 0x78\n');
    const { status, stderr } = await run(['ceod', '--check-config'], {
      env: { ...host.env, CEO_LIB_DIR: libDir },
    });
    expect(status).toBe(10);
    expect(stderr).toContain(`${libDir}/op-gone`);
  });

  test('has no JSON, and needs a route', async () => {
    await program('report', 'cat');
    const { env } = await serving('report', 'daemon');
    const json = await runAs('nobody1', ['ceoc', 'report', '--json'], { input: '{}', env });
    expect(json).toMatchObject({ status: 2, stdout: '' });
    expect((await ceoc('nobody1', 'nosuchop', 'x', env)).status).toBe(2);
  });
});

describe('a program with the name of a built-in op', () => {
  const request = { username: 'ctdalek' };

  test('is not run', async () => {
    await program('mail', 'echo hijacked');
    ceod = await startCeodOn(await ownHost(''), { CEO_LIB_DIR: libDir });
    const reply = await send('ctdalek', 'mail', request, { ...ceod.env });
    expect(reply.messages).toEqual([{ status: 0, message: 'finished updating mail for ctdalek' }]);
  });

  test('is run when external_ops lists it', async () => {
    const { output, encoding } = ops.updateMail;
    const messages = [{ status: 0, message: 'from the program' }];
    const reply = Buffer.from(encodeBody(output, encoding, { messages }));
    await writeFile(path.join(libDir, 'reply'), reply);
    await program('mail', `cat '${libDir}/reply'`);
    ceod = await startCeodOn(await ownHost('external_ops = mail'), { CEO_LIB_DIR: libDir });
    expect((await send('ctdalek', 'mail', request, { ...ceod.env })).messages).toEqual(messages);
  });
});

describe('our ops as programs', () => {
  /** What the legacy daemon would not pass: this realm is not the machine's own. */
  const realm = () =>
    ['KRB5_CONFIG', 'LDAPTLS_CACERT'].map((name) => `${name}='${variable(name)}'`).join(' ');

  /** As the legacy daemon would, in the realm of the sandbox. */
  async function op(name: 'adduser' | 'mail', user: string, body: Uint8Array) {
    const { dir } = await ownHost('');
    const input = path.join(dir, 'request');
    await writeFile(input, body);
    const { PATH = '' } = process.env;
    const script = `exec env -i LANG=C CEO_USER='${user}' CEO_CONFIG_DIR='${dir}' ${realm()} "$(command -v op-${name})" <'${input}' | od -An -v -tx1`;
    const { stdout, stderr } = await run(['sh', '-c', script], { env: { PATH } });
    return { reply: Buffer.from(stdout.replace(/\s/g, ''), 'hex'), stderr, dir };
  }

  const linesOf = (name: 'addUser' | 'updateMail', reply: Buffer) =>
    decodeBody(ops[name].output, ops[name].encoding, reply).messages;

  const newMember = (username: string) =>
    Buffer.from(
      encodeBody(ops.addUser.input, ops.addUser.encoding, {
        type: AddUser_Type.MEMBER,
        username,
        password: 'long-enough',
        realname: 'By Program',
      }),
    );

  test('op-adduser signs up', async () => {
    const { reply } = await op('adduser', 'ctdalek', newMember('byprogram1'));
    expect(linesOf('addUser', reply).every(({ status }) => status === 0)).toBe(true);
    expect(await tracesOf('byprogram1')).toHaveLength(4);
  });

  test('op-adduser refuses, and leaves nothing', async () => {
    const { reply } = await op('adduser', 'nobody1', newMember('byprogram2'));
    expect(linesOf('addUser', reply)[0]?.status).toBe(1);
    expect(await tracesOf('byprogram2')).toEqual([]);
  });

  test('op-mail writes as the user', async () => {
    const body = { username: 'mailu05', forward: 'program@example.com' };
    const { input, encoding } = ops.updateMail;
    const { reply } = await op('mail', 'mailu05', Buffer.from(encodeBody(input, encoding, body)));
    expect(linesOf('updateMail', reply)[0]?.status).toBe(0);
    expect(await readFile(path.join(homeOf('mailu05'), '.forward'), 'utf8')).toBe(
      'program@example.com\n',
    );
  });

  test.each(['', 'ctdalek/admin', 'ctdalek@OTHER.REALM', '../root'])(
    'a CEO_USER that is none is not served: %j',
    async (user) => {
      const { reply, stderr } = await op('mail', user, Buffer.of(0x0a, 1, 0x61));
      expect(reply).toHaveLength(0);
      expect(stderr).toContain('principal refused');
    },
  );

  test('several at once, and a daemon, share the lock and the uids', async () => {
    const { dir } = await ownHost('');
    const names = ['atonce1', 'atonce1', 'atonce2', 'atonce3'];
    const replies = await Promise.all(
      names.map(async (name, index) => {
        const file = path.join(dir, `request${index}`);
        await writeFile(file, newMember(name));
        const script = `exec env -i LANG=C CEO_USER=ctdalek CEO_CONFIG_DIR='${dir}' ${realm()} "$(command -v op-adduser)" <'${file}' | od -An -v -tx1`;
        const { stdout } = await run(['sh', '-c', script]);
        return linesOf('addUser', Buffer.from(stdout.replace(/\s/g, ''), 'hex'));
      }),
    );
    const failed = replies.map((lines) => lines.find(({ status }) => status !== 0)?.status ?? 0);
    const [first, second] = failed.slice(0, 2).sort((a, b) => a - b);
    expect(first).toBe(0);
    // It is being made, or it is there.
    expect([16, 17]).toContain(second);
    expect(failed.slice(2)).toEqual([0, 0]);
    const uids = await ldapsearch('(|(uid=atonce1)(uid=atonce2)(uid=atonce3))', 'uidNumber');
    expect(new Set(uids.match(/^uidNumber: \d+$/gm)).size).toBe(3);
  });
});
