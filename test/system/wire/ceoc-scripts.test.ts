/** Promise: ceoc as a new script author uses it: bytes, JSON, mistakes, no ticket, nobody there. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { decodeBody, encodeBody } from '../../../src/protocol/body.js';
import { ops } from '../../../src/protocol/ops.js';
import { eventually } from '../../support/eventually.js';
import { ownHost } from '../../support/ownCeod.js';
import { folder, ginseng, homeOf, run, runAs, type Outcome } from '../../support/realm.js';

const ceoc = (args: readonly string[], input: string, env: Record<string, string> = {}) =>
  runAs('ctdalek', ['ceoc', ...args], { input, env });
const forwardOf = (username: string) => readFile(path.join(homeOf(username), '.forward'), 'utf8');

/** What a script sees of a mistake: nothing on standard output, two lines for its author. */
function complaint({ stdout, stderr }: Outcome): string {
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^ceoc: .+\n {6}.+\n$/);
  return stderr;
}

describe('bytes', () => {
  const { input, output, encoding } = ops.updateMail;

  test('a serialized request in, a serialized response out', async () => {
    const request = encodeBody(input, encoding, { username: 'mailu08', forward: 'a@example.com' });
    const file = path.join(folder, 'request.bin');
    await writeFile(file, request);
    const { status, stdout, stderr } = await runAs('ctdalek', [
      'sh',
      '-c',
      `ceoc mail <'${file}' | od -An -v -tx1`,
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const reply = decodeBody(output, encoding, Buffer.from(stdout.replace(/\s/g, ''), 'hex'));
    expect(reply.messages.every((line) => line.status === 0)).toBe(true);
    expect(await forwardOf('mailu08')).toBe('a@example.com\n');
  });

  test('a refusal is a reply like others: status 0, and the script reads it', async () => {
    const request = Buffer.from(encodeBody(input, encoding, { username: 'nosuch' }));
    const { status, stdout } = await ceoc(['mail'], request.toString('latin1'));
    expect(status).toBe(0);
    expect(stdout).toContain('nosuch');
  });

  test.each([
    ['nothing', '', /username/],
    ['what is no protobuf', '\x0a\xff', /UpdateMail/],
    ['a request of another type', '\x08\x01', /username/],
  ])('%s is refused before it is sent', async (_what, bytes, why) => {
    const outcome = await ceoc(['mail'], bytes, { KRB5CCNAME: 'FILE:/nonexistent' });
    expect(outcome.status).toBe(2);
    expect(complaint(outcome)).toMatch(why);
  });
});

describe('standard input', () => {
  const shell = (script: string) => runAs('ctdalek', ['sh', '-c', script]);

  test('may come in pieces', async () => {
    const { status } = await shell(
      `(printf '{"username":'; sleep 0.2; printf '"ctdalek"}') | ceoc mail --json`,
    );
    expect(status).toBe(0);
  });

  test('may be non-blocking: what comes is waited for', async () => {
    const script = `
import os, subprocess, time
read, write = os.pipe()
os.set_blocking(read, False)
ceoc = subprocess.Popen(['ceoc', 'mail', '--json'], stdin=read)
for part in b'{"username":', b'"ctdalek"}':
    time.sleep(0.3)
    os.write(write, part)
os.close(write)
raise SystemExit(ceoc.wait())`;
    const { status, stdout } = await runAs('ctdalek', ['/usr/bin/python3', '-c', script]);
    expect(status).toBe(0);
    expect(stdout).toContain('mail for ctdalek');
  });

  test.each(['/', '/dev/null'])('that is %s is no request', async (file) => {
    const outcome = await shell(`ceoc mail --json <${file}`);
    expect(outcome.status).toBe(2);
    complaint(outcome);
  });
});

describe('JSON', () => {
  test('in and out, also for humans', async () => {
    const { status, stdout, stderr } = await ceoc(
      ['mail', '--json'],
      '{"username": "mailu08", "forward": "b@example.com"}',
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      messages: expect.arrayContaining([{ status: 0, message: expect.any(String) }]) as unknown,
    });
    expect(await forwardOf('mailu08')).toBe('b@example.com\n');
  });

  test.each([
    ['denied', 'nobody1', { username: 'mailu08', forward: 'c@example.com' }, 3],
    ['unknown user', 'ctdalek', { username: 'nosuch' }, 4],
    ['a value that breaks a rule', 'ctdalek', { username: 'mailu08', forward: '|x' }, 2],
  ])('%s: the response on stdout, why on stderr, and an exit status', async (...row) => {
    const [, user, request, wanted] = row;
    const { status, stdout, stderr } = await runAs(user, ['ceoc', 'mail', '--json'], {
      input: JSON.stringify(request),
    });
    expect(status).toBe(wanted);
    const { messages } = JSON.parse(stdout) as { messages: { message: string }[] };
    expect(stderr).toContain(messages[0]?.message);
    expect(await forwardOf('mailu08')).toBe('b@example.com\n');
  });

  test.each([
    ['no JSON', 'username: mailu08', /it is no JSON object/],
    ['an unknown field', '{"username": "mailu08", "forwrad": "x"}', /no field "forwrad"/],
    ['a missing field', '{"forward": "x"}', /username/],
    ['a field of a wrong type', '{"username": 1}', /username/],
  ])('%s is refused before it is sent', async (_what, json, why) => {
    const outcome = await ceoc(['mail', '--json'], json, { KRB5CCNAME: 'FILE:/nonexistent' });
    expect(outcome.status).toBe(2);
    expect(complaint(outcome)).toMatch(why);
  });

  test('a password in a request that is refused is not repeated', async () => {
    const outcome = await ceoc(['adduser', '--json'], '{"type": "MEMBRE", "password": "s3cr3t"}');
    expect(outcome.status).toBe(2);
    expect(complaint(outcome)).not.toContain('s3cr3t');
  });
});

describe('the command line', () => {
  test.each<[string, string[], RegExp]>([
    ['no operation', [], /No operation/],
    ['an operation that there is not', ['mial'], /"mial".*\n.*adduser, mail/],
    ['two operations', ['mail', 'adduser'], /one operation/],
    ['an option that there is not', ['mail', '--jsno'], /--jsno/],
  ])('%s: status 2, and what there is', async (_what, args, why) => {
    const outcome = await ceoc(args, '');
    expect(outcome.status).toBe(2);
    expect(complaint(outcome)).toMatch(why);
  });

  test('--help works without Kerberos and configuration, and tells the exit statuses', async () => {
    const { status, stdout } = await run(['ceoc', '--help'], {
      env: { KRB5CCNAME: 'FILE:/nonexistent', CEO_CONFIG_DIR: '/nonexistent' },
    });
    expect(status).toBe(0);
    expect(stdout).toMatch(/adduser +ceo\.AddUser +→ ceo\.AddUserResponse/);
    expect(stdout).toMatch(/^ {2}6 +the reply was lost/m);
  });
});

describe('nothing was done, and the next step is told', () => {
  const request = '{"username": "mailu08"}';

  test('no ticket', async () => {
    const outcome = await ceoc(['mail', '--json'], request, { KRB5CCNAME: 'FILE:/nonexistent' });
    expect(outcome.status).toBe(8);
    expect(complaint(outcome)).toMatch(/ticket[^]*kinit/);
  });

  test('an expired ticket', async () => {
    const cache = `FILE:${path.join(folder, 'ccaches', 'short')}`;
    const kinit = ['kinit', '-l', '1s', '-c', cache, 'ctdalek'] as const;
    expect((await run(kinit, { input: 'ctdalek-pw\n' })).status).toBe(0);
    await eventually(async () => (await run(['klist', '-s', cache])).status !== 0);
    // klist(1) calls the last second expired, GSS-API does not yet.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const outcome = await ceoc(['mail', '--json'], request, { KRB5CCNAME: cache });
    expect(outcome.status).toBe(8);
    expect(complaint(outcome)).toMatch(/expired[^]*kinit/);
  });

  test('ceod is not running', async () => {
    const { env } = await ownHost('');
    const outcome = await ceoc(['mail', '--json'], request, env);
    expect(outcome.status).toBe(5);
    expect(complaint(outcome)).toContain(`Check that ceod runs on ${ginseng}`);
  });

  test('the KDC is not running', async () => {
    const outcome = await ceoc(['mail', '--json'], request, {
      KRB5_CONFIG: await withoutKdc(),
      KRB5CCNAME: await withTgtAlone(),
    });
    expect(outcome.status).toBe(5);
    expect(complaint(outcome)).toContain('KDC');
  });

  test('no configuration', async () => {
    const outcome = await ceoc(['mail', '--json'], request, { CEO_CONFIG_DIR: '/nonexistent' });
    expect(outcome.status).toBe(10);
    expect(complaint(outcome)).toContain('/nonexistent');
  });

  test('an op that no file routes', async () => {
    const { dir, env } = await ownHost('');
    await rm(path.join(dir, 'ops', 'mysql'));
    const outcome = await ceoc(['mysql', '--json'], request, env);
    expect(outcome.status).toBe(10);
    expect(complaint(outcome)).toContain('Add a line "HOST mysql" to');
  });
});

/** The realm's configuration, with nobody where the KDC should be. */
async function withoutKdc(): Promise<string> {
  const file = path.join(folder, 'krb5-no-kdc.conf');
  const text = await readFile(path.join(folder, 'krb5.conf'), 'utf8');
  await writeFile(file, text.replace(/^ +kdc = .*$/m, 'kdc = 127.0.0.1:1'));
  return file;
}

/** A fresh cache, which holds no ticket for ceod yet. */
async function withTgtAlone(): Promise<string> {
  const cache = `FILE:${path.join(folder, 'ccaches', 'tgt-alone')}`;
  expect((await run(['kinit', '-c', cache, 'ctdalek'], { input: 'ctdalek-pw\n' })).status).toBe(0);
  return cache;
}
