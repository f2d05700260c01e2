/** Promise: what is too long is refused by a reply that says so; what is not is taken as it is. */
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { requestsOfAll } from '../../support/requests.js';
import { folder, run, runAs, tracesOf } from '../../support/realm.js';

const EINVAL = 22;

interface Line {
  status: number;
  message: string;
}

async function ceoc(op: string, request: object, user = 'sysadmin1') {
  const outcome = await runAs(user, ['ceoc', op, '--json'], { input: JSON.stringify(request) });
  const response = JSON.parse(outcome.stdout || '{}') as { messages?: Line[]; line?: string };
  return { ...outcome, messages: response.messages ?? [], line: response.line };
}

const kinit = (username: string, password: string) =>
  run(['kinit', '-c', path.join(folder, 'ccaches', 'long'), username], { input: `${password}\n` });

describe('a password', () => {
  /** Of this many bytes, in which every place tells. */
  const password = (bytes: number) =>
    Array.from({ length: bytes }, (_, index) => String.fromCharCode(97 + ((index * 7) % 26))).join(
      '',
    );
  const member = (username: string, secret: string) => ({
    type: 'MEMBER',
    username,
    realname: 'Long Password',
    password: secret,
  });

  test('of 1022 bytes works', async () => {
    const secret = password(1022);
    expect((await ceoc('adduser', member('longpw1', secret))).stderr).toBe('');
    expect(await kinit('longpw1', secret)).toMatchObject({ status: 0 });
    // The last byte counts as well.
    expect((await kinit('longpw1', `${secret.slice(0, -1)}!`)).status).not.toBe(0);
    expect((await kinit('longpw1', secret.slice(0, -1))).status).not.toBe(0);
  });

  test('of 1022 bytes and fewer characters works', async () => {
    const secret = 'ö'.repeat(511);
    expect((await ceoc('adduser', member('longpw2', secret))).stderr).toBe('');
    expect(await kinit('longpw2', secret)).toMatchObject({ status: 0 });
  });

  test.each([
    ['1023 bytes', 1023],
    ['1024 bytes', 1024],
    ['30,000 bytes', 30_000],
  ])('of %s is refused by its name, and nothing is made', async (_what, bytes) => {
    const { status, messages } = await ceoc('adduser', member('longpw3', password(bytes)));
    expect(messages).toEqual([
      { status: EINVAL, message: expect.stringMatching(/^password: .*1022 bytes/) as unknown },
    ]);
    expect(status).toBe(2);
    expect(await tracesOf('longpw3')).toEqual([]);
  });

  test('of 1023 bytes is refused for an account that exists, and the old one works on', async () => {
    const { status, messages } = await ceoc('resetpassword', {
      username: 'mailu05',
      password: password(1023),
    });
    expect(messages[0]?.status).toBe(EINVAL);
    expect(messages[0]?.message).toContain('password');
    expect(status).toBe(2);
    expect((await kinit('mailu05', 'mailu05-pw')).status).toBe(0);
  });
});

describe('a username of 60,000 bytes is answered', () => {
  const requests: [op: string, more: object][] = [
    ...requestsOfAll(''),
    ['mail', {}],
    ['adduser', { type: 'CLUB', realname: 'Long' }],
  ];
  const usernames = [
    ['letters', 'a'.repeat(60_000)],
    ['control characters', '\x01'.repeat(60_000)],
  ] as const;

  test.each(
    requests.flatMap(([op, more]) =>
      usernames.map(
        ([what, username]) =>
          [`${op} ${JSON.stringify(more)}`, what, op, { ...more, username }] as const,
      ),
    ),
  )('%s: %s', async (_request, _what, op, request) => {
    for (const user of ['sysadmin1', 'ctdalek', 'nobody1']) {
      const { status, stderr, messages } = await ceoc(op, request, user);
      expect(stderr).not.toContain('lost');
      expect(messages.some((line) => line.status !== 0)).toBe(true);
      // A refusal, not a reply that is missing.
      expect([1, 2, 3, 4]).toContain(status);
      expect(messages.every(({ message }) => message.length < 2_000)).toBe(true);
    }
  });

  test.each(usernames)('mailman: %s', async (_what, username) => {
    const { status, stderr, line } = await ceoc('mailman', { username });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^ceoc: Failed: there is no user/),
    });
    // Its reply is a line without a status.
    expect(line).toMatch(/^.{1,2000}$/);
  });
});
