/** Promise: the club hears of every new account and its member is welcomed, whatever the name; a hook that fails is a warning. */
import { chown, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { checkout } from '../../../sandbox/checkout.js';
import { unixUser } from '../../../sandbox/users.js';
import { startOwnCeod, type OwnCeod } from '../../support/ownCeod.js';
import { folder, ldapsearch, principalExists, run, runAs, variable } from '../../support/realm.js';

const PASSWORD = 'correct-horse';
const OFFICE = 'office@csclub.test';
const address = (username: string) => `${username}@csclub.test`;

interface Mail {
  /** Headers by name in small letters, decoded. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the parser found wrong. */
  readonly defects: readonly string[];
  /** To whom it went. */
  readonly recipients: string;
  readonly body: string;
  /** The header as it was sent. */
  readonly raw: string;
}

/** Parsed by somebody else than who wrote it. */
const PARSER = `
import email, email.policy, json, pathlib, sys
mails = []
for file in sorted(pathlib.Path(sys.argv[1], 'new').iterdir(), key=lambda file: file.stat().st_mtime_ns):
    data = file.read_bytes()
    message = email.message_from_bytes(data, policy=email.policy.default)
    mails.append({
        'headers': {name.lower(): str(value) for name, value in message.items()},
        'defects': [str(defect) for part in (message, *message.values()) for defect in part.defects],
        'recipients': message['X-RcptTo'],
        'body': message.get_content(),
        'raw': data.split(b'\\n\\n')[0].decode('latin1'),
    })
json.dump(mails, sys.stdout)
`;

/** The mails to a user, and those of which the subject names the user, in the order of their coming. */
async function mailsAbout(username: string): Promise<Mail[]> {
  const { stdout, stderr } = await run([
    ...(['/usr/bin/python3', '-c', PARSER] as const),
    variable('CEO_MAILDIR'),
  ]);
  expect(stderr).toBe('');
  const mails = JSON.parse(stdout) as Mail[];
  return mails.filter(
    ({ headers }) =>
      headers['to'] === address(username) || headers['subject']?.includes(`(${username})`),
  );
}

/** What a mail is about, and that its header is in order. */
function summary({ headers, defects, recipients, raw }: Mail): string {
  expect(defects).toEqual([]);
  expect(headers).toMatchObject({
    from: 'Computer Science Club <ceo@csclub.test>',
    to: recipients,
    'mime-version': '1.0',
    'content-type': 'text/plain; charset="utf-8"',
    'content-transfer-encoding': '8bit',
    'auto-submitted': 'auto-generated',
  });
  expect(headers).not.toHaveProperty('bcc');
  expect(raw).toMatch(/^[^\x00-\x09\x0b-\x1f\x7f-\xff]+$/);
  return `${recipients}: ${headers['subject']}`;
}

async function add(...args: string[]): Promise<void> {
  const { status, stderr } = await runAs('ctdalek', ['ceo', ...args], { input: `${PASSWORD}\n` });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
}

/** Runs a hook of the checkout as ceod does, but for the sink's sendmail. */
function runHook(name: string, args: readonly string[], env: Record<string, string> = {}) {
  const settings = { SENDMAIL: variable('CEO_SENDMAIL'), MAIL_DOMAIN: 'csclub.test', ...env };
  return run(
    [
      ...(['env', '-i', 'PATH=/usr/bin:/bin', 'LANG=C.UTF-8'] as const),
      ...Object.entries(settings).map(([key, value]) => `${key}=${value}`),
      path.join(checkout, 'etc', 'hooks', name),
      ...args,
    ],
    { input: 'first message\nsecond \x1b[31mmessage\n' },
  );
}

async function runsWell(name: string, ...args: string[]): Promise<void> {
  expect(await runHook(name, args)).toEqual({ status: 0, stdout: '', stderr: '' });
}

describe('a new account', () => {
  test('of a member: the club hears who added whom, and the member is welcomed', async () => {
    const name = 'Jörg 日本 Ö';
    await add('members', 'add', 'ntfmem', '-n', name, '-p', 'MATH Pure', '--password-stdin');
    const mails = await mailsAbout('ntfmem');
    expect(mails.map(summary)).toEqual([
      `${OFFICE}: New member: ${name} (ntfmem)`,
      'ntfmem@csclub.test: Welcome to the Computer Science Club',
    ]);
    const [notice = '', welcome = ''] = mails.map(({ body }) => body);
    expect(notice).toContain('ctdalek added the member ntfmem.\n');
    expect(notice).toContain(`Name: ${name}\nProgram: MATH Pure\n`);
    expect(notice).toContain('\n  successfully created home directory\n');
    expect(welcome).toContain(`Hello ${name},\n`);
    expect(welcome).toContain('\n  ntfmem\n');
    expect(welcome).toContain('ssh ntfmem@login.csclub.test\n');
    expect(welcome).toContain(OFFICE);
    expect(notice + welcome).not.toContain(PASSWORD);
    // It may have been given one.
    expect(welcome).not.toContain('you chose');
  });

  test('of a club representative: the same', async () => {
    await add('members', 'add', 'ntfrep', '-n', 'Rep Two', '--club-rep', '--password-stdin');
    const mails = await mailsAbout('ntfrep');
    expect(mails.map(summary)).toEqual([
      `${OFFICE}: New club representative: Rep Two (ntfrep)`,
      'ntfrep@csclub.test: Welcome to the Computer Science Club',
    ]);
    expect(mails[0]?.body).not.toContain('Program:');
  });

  test('of a club: nobody is there to be welcomed', async () => {
    await add('clubs', 'add', 'ntfclub', '-n', "Baker's Club");
    expect((await mailsAbout('ntfclub')).map(summary)).toEqual([
      `${OFFICE}: New club: Baker's Club (ntfclub)`,
    ]);
  });

  test('that failed: the club hears of it', async () => {
    await runsWell('new-account', 'addmember', 'ctdalek', 'ntffail', 'Fay L', '', 'failure');
    const mails = await mailsAbout('ntffail');
    expect(mails.map(summary)).toEqual([`${OFFICE}: Not added: Fay L (ntffail)`]);
    expect(mails[0]?.body).toContain('ctdalek could not add the member ntffail.\n');
    expect(mails[0]?.body).toContain('\n  first message\n  second [31mmessage\n');
  });
});

describe('an account that is refused', () => {
  const refused = async (username: string, env: Readonly<Record<string, string>> = {}) => {
    // The policy of Kerberos refuses it in the middle.
    const outcome = await runAs(
      'ctdalek',
      ['ceo', 'members', 'add', username, '-n', 'Fay Led', '--password-stdin'],
      { input: 'abcde\n', env },
    );
    expect(outcome.status).toBe(1);
    return outcome;
  };

  test('the club hears of it, and why', async () => {
    await refused('ntfref');
    const mails = await mailsAbout('ntfref');
    expect(mails.map(summary)).toEqual([`${OFFICE}: Not added: Fay Led (ntfref)`]);
    expect(mails[0]?.body).toContain('too short');
  });

  test('of a name that is taken as well', async () => {
    const add = ['ceo', 'members', 'add', 'news', '-n', 'Fay News', '--password-stdin'] as const;
    expect(await runAs('ctdalek', [...add], { input: `${PASSWORD}\n` })).toMatchObject({
      status: 9,
    });
    expect((await mailsAbout('news')).map(summary)).toEqual([
      `${OFFICE}: Not added: Fay News (news)`,
    ]);
  });

  test('notify_of = success: nobody hears of it', async () => {
    const ceod = await startOwnCeod('notify_of = success');
    try {
      await refused('ntfquiet', ceod.env);
      expect(await mailsAbout('ntfquiet')).toEqual([]);
    } finally {
      await ceod.stop();
    }
  });
});

test('an expired account: its member is reminded', async () => {
  await runsWell('expired-account', 'Jörg 日本', 'ntfexp');
  const mails = await mailsAbout('ntfexp');
  expect(mails.map(summary)).toEqual([
    'ntfexp@csclub.test: Your membership in the Computer Science Club has expired',
  ]);
  expect(mails[0]?.body).toContain('Hello Jörg 日本,\n');
});

test("the sandbox's expire hook sends it too", async () => {
  const hook = path.join(folder, 'hooks', 'expire');
  const outcome = await run([hook, 'Expired', 'ntfexp2']);
  expect(outcome).toEqual({ status: 0, stdout: '', stderr: '' });
  expect((await mailsAbout('ntfexp2')).map(({ recipients }) => recipients)).toEqual([
    address('ntfexp2'),
  ]);
  const log = await readFile(path.join(folder, 'log', 'expire.log'), 'utf8');
  expect(log).toContain('Expired\tntfexp2\n');
});

describe('a real name cannot', () => {
  // ceod refuses these names itself; the hook does not rely on it.
  test.each([
    ['ntfinj1', 'add a header', 'Eve\r\nBcc: x@y', 'EveBcc: x@y'],
    ['ntfinj2', 'end the header', 'Eve\n\nnot the body\n', 'Evenot the body'],
    ['ntfinj3', 'hold controls', 'E\x1b]0;v\x07e\x7f\tö\x85\u2028\u202e', 'E]0;veö'],
    ['ntfinj4', 'be taken for an encoded-word', '=?UTF-8?B?RXZl?=', '=?UTF-8?B?RXZl?='],
    ['ntfinj5', 'be run', '$(id) `id` \\ %s "Eve"', '$(id) `id` \\ %s "Eve"'],
    ['ntfinj6', 'be an option or an address', '-n <x@y>, z@y', '-n <x@y>, z@y'],
  ])('%s: %s', async (username, _what, name, shown) => {
    await runsWell('new-account', 'addmember', 'ctdalek\n', username, name, name, 'success');
    await runsWell('expired-account', name, username);
    const mails = await mailsAbout(username);
    expect(mails.map(summary)).toEqual([
      `${OFFICE}: New member: ${shown} (${username})`,
      `${address(username)}: Welcome to the Computer Science Club`,
      `${address(username)}: Your membership in the Computer Science Club has expired`,
    ]);
    const [notice, ...others] = mails.map(({ body }) => body);
    expect(notice).toContain(`Name: ${shown}\nProgram: ${shown}\n`);
    for (const body of others) expect(body).toContain(`Hello ${shown},\n`);
  });

  test('be broken UTF-8', async () => {
    // Node gives no such argument: the shell makes it.
    const script = 'exec "$0" addmember ctdalek ntfbytes "$(printf "a\\377b\\303")c" "" success';
    const outcome = await run(
      ['sh', '-c', script, path.join(checkout, 'etc', 'hooks', 'new-account')],
      { env: { SENDMAIL: variable('CEO_SENDMAIL'), MAIL_DOMAIN: 'csclub.test' } },
    );
    expect(outcome).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(summary((await mailsAbout('ntfbytes'))[0] as Mail)).toContain('New member: abc (');
  });
});

test.each([
  ['ntflong1', 'é'.repeat(127) + 'x'],
  ['ntflong2', 'x' + 'é'.repeat(127)],
  ['ntflong3', '日'.repeat(85)],
  ['ntflong4', '😀'.repeat(63) + 'abc'],
  ['ntflong5', 'Long Name '.repeat(25) + 'Short'],
])('%s: a name of 255 bytes is sent in valid encoded-words', async (username, name) => {
  expect(Buffer.byteLength(name)).toBe(255);
  await runsWell('new-account', 'addmember', 'ctdalek', username, name, '', 'success');
  const mail = (await mailsAbout(username))[0] as Mail;
  expect(summary(mail)).toBe(`${OFFICE}: New member: ${name} (${username})`);
  const subject = /^Subject: .*(\n .*)*/m.exec(mail.raw)?.[0] ?? '';
  expect(Math.max(...subject.split('\n').map((text) => text.length))).toBeLessThanOrEqual(76);
  const words = subject.slice('Subject: '.length).split('\n ');
  expect(words.length).toBeGreaterThan(1);
  for (const word of words) {
    expect(word.length).toBeLessThanOrEqual(75);
    const text = /^=\?UTF-8\?B\?([A-Za-z0-9+/]+=*)\?=$/.exec(word)?.[1] ?? '';
    // Each word by itself: no character is cut.
    new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'base64'));
  }
});

test('a club of another name sends in that name', async () => {
  const env = {
    CLUB: 'Café "C", Ö',
    NOTIFY_FROM: 'cafe@csclub.test',
    NOTIFY_TO: 'bar@csclub.test',
  };
  const args = ['addclub', 'ctdalek', 'ntfcafe', 'Cups', '', 'success'];
  expect(await runHook('new-account', args, env)).toEqual({ status: 0, stdout: '', stderr: '' });
  const [mail] = await mailsAbout('ntfcafe');
  expect(mail?.defects).toEqual([]);
  expect(mail?.headers['from']).toBe('"Café \\"C\\", Ö" <cafe@csclub.test>');
  expect(mail?.recipients).toBe('bar@csclub.test');
});

describe('refused, and nothing is sent', () => {
  // A sendmail that would tell.
  const env = { SENDMAIL: '/bin/echo' };

  test.each(['', '-x', '.x', 'Eve', 'eve@y', 'eve,x', 'eve x', 'eve\nx', 'eve\n', 'évé', '<eve>'])(
    'the username %j',
    async (username) => {
      const added = ['addmember', 'ctdalek', username, 'Eve', '', 'success'];
      expect(await runHook('new-account', added, env)).toEqual({
        status: 1,
        stdout: '',
        stderr: 'new-account: this is no username\n',
      });
      expect(await runHook('expired-account', ['Eve', username], env)).toEqual({
        status: 1,
        stdout: '',
        stderr: 'expired-account: this is no username\n',
      });
    },
  );

  test.each([
    ['new-account', ['addmember', 'ctdalek', 'eve', 'Eve', 'success'], /six arguments/],
    ['new-account', ['addstaff', 'ctdalek', 'eve', 'Eve', '', 'success'], /PROGRAM/],
    ['new-account', ['addmember', 'ctdalek', 'eve', 'Eve', '', 'maybe'], /RESULT/],
    ['expired-account', ['eve'], /two arguments/],
  ])('%s %j', async (name, args, why) => {
    const { status, stdout, stderr } = await runHook(name, args, env);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(why);
  });
});

test('a sendmail that fails is told; what is left is sent all the same', async () => {
  const sendmail = path.join(folder, 'bin', 'half-sendmail');
  const script = `#!/bin/sh
message=$(cat)
case $message in *'To: office@'*) echo 'no such office' >&2; exit 67 ;; esac
printf '%s\\n' "$message" | ${variable('CEO_SENDMAIL')} "$@"
`;
  await writeFile(sendmail, script, { mode: 0o755 });
  const args = ['addmember', 'ctdalek', 'ntfhalf', 'Half', '', 'success'];
  const half = await runHook('new-account', args, { SENDMAIL: sendmail });
  expect(half.status).toBe(1);
  expect(half.stderr).toBe(
    `no such office\nnew-account: no mail to ${OFFICE}: ${sendmail} failed\n`,
  );
  expect((await mailsAbout('ntfhalf')).map(({ recipients }) => recipients)).toEqual([
    address('ntfhalf'),
  ]);

  const none = await runHook('expired-account', ['X', 'eve'], { SENDMAIL: '/nonexistent' });
  expect(none.status).toBe(1);
  expect(none.stderr).toContain('no mail to eve@csclub.test: /nonexistent failed');
});

describe('the hook of accounts.cf', () => {
  let ceod: OwnCeod | undefined;
  afterEach(async () => {
    await ceod?.stop();
    ceod = undefined;
  });

  /** A program in the folder of the hooks. */
  async function hook(name: string, script: string): Promise<string> {
    const file = path.join(folder, 'hooks', name);
    await writeFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return file;
  }

  /** Signs a member up. @returns the lines about the hook */
  async function signUp(username: string, notifyHook: string, settings = ''): Promise<string[]> {
    ceod = await startOwnCeod(settings, { accounts: `notify_hook = ${notifyHook}` });
    const { status, stdout, stderr } = await runAs(
      'ctdalek',
      ['ceo', 'members', 'add', username, '-n', 'Hooked', '--password-stdin', '--json'],
      { env: ceod.env, input: `${PASSWORD}\n` },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(await ldapsearch(`(uid=${username})`, '1.1')).toContain(`uid=${username},`);
    expect(await principalExists(username)).toBe(true);
    const { steps } = JSON.parse(stdout) as { steps: { status: number; message: string }[] };
    expect(steps.every((step) => step.status === 0)).toBe(true);
    return steps.map((step) => step.message).filter((message) => /notif/.test(message));
  }

  test('fails: a warning, and the account stands', async () => {
    expect(await signUp('ntfhook1', await hook('fails', 'exit 3'))).toEqual([
      'warning: the notify hook failed with status 3',
    ]);
  });

  test('hangs: a warning when hook_timeout is over, and the account stands', async () => {
    const hangs = await hook('hangs', 'sleep 600');
    expect(await signUp('ntfhook2', hangs, 'hook_timeout = 1')).toEqual([
      'warning: the notify hook took longer than 1 s',
    ]);
  });

  test('does not exist: a warning, and the account stands', async () => {
    expect(await signUp('ntfhook3', path.join(folder, 'hooks', 'nonexistent'))).toEqual([
      expect.stringMatching(/^warning: the notify hook /),
    ]);
  });

  describe('goes well', () => {
    let told: string[];
    let lines: string[];
    beforeAll(async () => {
      const { uid, gid } = await unixUser('list');
      const log = path.join(folder, 'log', 'own-hook.log');
      await writeFile(log, '');
      await chown(log, uid, gid);
      // The shell's own variables are none of ceod's: what counts is what it was started with.
      const tells = await hook(
        'tells',
        `{ id -un; id -Gn; pwd; tr '\\0' '\\n' </proc/$$/environ | sort; } >'${log}'`,
      );
      lines = await signUp('ntfhook4', tells, 'hook_user = list');
      told = (await readFile(log, 'utf8')).trim().split('\n');
    });

    test('it is told', () => {
      expect(lines).toEqual(['successfully notified']);
    });

    test('it ran as hook_user, with PATH and LANG alone', () => {
      expect(told).toEqual([
        'list',
        'list',
        '/',
        'LANG=C.UTF-8',
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      ]);
    });
  });
});
