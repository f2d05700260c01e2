/** Promise: many people signed up from a file; whatever interrupts it, the same file can be imported again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, existsSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { checkout } from '../../../sandbox/checkout.js';
import { formatTerm, termOf, type Term } from '../../../src/directory/terms.js';
import { ownHost, startCeodOn, type HostName, type OwnHost } from '../../support/ownCeod.js';
import {
  ccache,
  folder,
  homeOf,
  ldapsearch,
  run,
  runAs,
  tracesOf,
  variable,
  type Outcome,
} from '../../support/realm.js';
import { Screen } from '../../support/tmux.js';

const LONG = 600_000;
const term = formatTerm(termOf(new Date()));
const nextTerm = formatTerm((termOf(new Date()) + 1) as Term);

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(folder, 'import-'));
});
afterAll(() => rm(dir, { recursive: true }));

const inDir = (name: string) => path.join(dir, name);

async function csv(name: string, ...lines: string[]): Promise<string> {
  await writeFile(inDir(name), lines.map((line) => `${line}\n`).join(''));
  return inDir(name);
}

const program = path.join(checkout, 'dist', 'ceo', 'main.js');

/** An import under way. */
class Import {
  stdout = '';
  stderr = '';
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;

  constructor(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    user = 'ctdalek',
  ) {
    this.child = spawn(process.execPath, [program, 'members', 'import', ...args], {
      env: { ...process.env, KRB5CCNAME: ccache(user), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.ended = new Promise((resolve) =>
      this.child.once('close', (status) =>
        resolve({ status, stdout: this.stdout, stderr: this.stderr }),
      ),
    );
  }

  /** Waits until so many rows were told. */
  async rows(count: number): Promise<void> {
    while (this.stdout.split('\n').length <= count) {
      if (this.child.exitCode !== null) throw new Error(`it ended: ${this.stdout}${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

const importing = (args: readonly string[], env: Record<string, string> = {}, user = 'ctdalek') =>
  new Import(args, env, user).ended;

interface Report {
  readonly counts: Record<string, number>;
  readonly rows: { line: number; username: string; outcome: string; message: string }[];
  readonly passwords?: string;
  readonly error?: { code: string };
  readonly finish?: string;
  readonly problems?: { line: number; column?: string; message: string }[];
}

async function report(args: readonly string[], env: Record<string, string> = {}, user = 'ctdalek') {
  const { stdout, ...rest } = await importing([...args, '--json'], env, user);
  return { ...rest, stdout, ...(JSON.parse(stdout) as Report) };
}

/** Usernames and passwords of a file that was generated. */
const passwordsIn = (file: string): [string, string][] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(',') as [string, string]);

async function logsIn(username: string, password: string): Promise<boolean> {
  const cache = path.join(dir, `cc-${username}`);
  const { status } = await run(['kinit', '-c', cache, username], { input: `${password}\n` });
  await rm(cache, { force: true });
  return status === 0;
}

/** Whether it is the password, and another one has to be chosen first. */
async function mustChoose(username: string, password: string): Promise<boolean> {
  const cache = path.join(dir, `cc-${username}`);
  const { stdout } = await run(['kinit', '-c', cache, username], { input: `${password}\n` });
  await rm(cache, { force: true });
  return stdout.includes('You must change it now.');
}

/** The values of an attribute, by username. */
async function valuesOf(filter: string, attribute: string): Promise<Map<string, string[]>> {
  const ldif = await ldapsearch(filter, 'uid', attribute);
  return new Map(
    ldif
      .split('\n\n')
      .map((entry) => {
        const values = (name: string) =>
          [...entry.matchAll(new RegExp(`^${name}: (.*)$`, 'gm'))].map((match) => match[1] ?? '');
        return [values('uid')[0] ?? '', values(attribute)] as const;
      })
      .filter(([username]) => username !== ''),
  );
}

/** The addresses on the members' list. */
async function listMembers(): Promise<string[]> {
  const cf = readFileSync(path.join(folder, 'hosts', 'mail', 'mailman.cf'), 'utf8');
  const setting = (key: string) =>
    new RegExp(`^${key} = (.*)$`, 'm').exec(cf)?.[1]?.replaceAll('"', '') ?? '';
  const credentials = `${setting('mailman_rest_user') || 'restadmin'}:${setting('mailman_rest_password')}`;
  const url = `${variable('MAILMAN_URL')}/lists/csc-members.csclub.test/roster/member`;
  const response = await fetch(url, {
    headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
  });
  const { entries = [] } = (await response.json()) as { entries?: { email: string }[] };
  return entries.map(({ email }) => email);
}

const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index + 1).padStart(3, '0')}`);

describe('thirty people', () => {
  const people = names('thirty', 30);
  const isRep = (index: number) => index % 10 === 0;
  let file: string;
  beforeAll(async () => {
    file = await csv(
      'thirty.csv',
      'username,name,terms,club_rep,program,email,phone,password',
      ...people.map((name, index) =>
        index === 1
          ? `${name},"Thirty, ""T"" Ä.",2,no,MATH,${name}@example.org,519 555 0110,own-password`
          : `${name},Name ${name},2,${isRep(index) ? 'yes' : ''},,,,`,
      ),
    );
  });

  test('--dry-run says what would be done, and changes nothing', async () => {
    const dry = await importing([file, '--dry-run', '--generate-passwords', inDir('dry.csv')]);
    expect(dry).toMatchObject({ status: 0, stderr: '' });
    expect(dry.stdout).toContain('thirty001 would be created');
    expect(dry.stdout).toContain('30 rows, if it were done: 30 created.');
    expect(existsSync(inDir('dry.csv'))).toBe(false);
    expect(await ldapsearch('(uid=thirty*)', '1.1')).toBe('');
    expect(await tracesOf('thirty001')).toEqual([]);
  });

  test(
    'all of them are there afterwards',
    async () => {
      const [passwords, results] = [inDir('thirty-p.csv'), inDir('thirty-r.csv')];
      const { status, stdout, stderr } = await importing([
        file,
        '--generate-passwords',
        passwords,
        '--results',
        results,
      ]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toContain('30 rows: 30 created.');

      const terms = await valuesOf('(uid=thirty*)', 'term');
      const asRep = await valuesOf('(uid=thirty*)', 'nonMemberTerm');
      for (const [index, name] of people.entries()) {
        const [has, hasNot] = isRep(index) ? [asRep, terms] : [terms, asRep];
        expect(has.get(name)).toEqual([term, nextTerm]);
        expect(hasNot.get(name)).toEqual([]);
      }
      const list = await listMembers();
      expect(list).toEqual(
        expect.arrayContaining(
          people.filter((_, index) => !isRep(index)).map((name) => `${name}@csclub.test`),
        ),
      );
      expect(list).not.toContain(`${people[0] ?? ''}@csclub.test`);
      expect(readFileSync(path.join(homeOf('thirty002'), '.forward'), 'utf8')).toBe(
        'thirty002@example.org\n',
      );
      const phones = await valuesOf('(uid=thirty*)', 'telephoneNumber');
      expect(phones.get('thirty002')).toEqual(['519 555 0110']);
      expect(phones.get('thirty003')).toEqual([]);

      expect(statSync(passwords).mode & 0o777).toBe(0o600);
      const listed = passwordsIn(passwords);
      expect(listed.map(([name]) => name)).toEqual(people.filter((_, index) => index !== 1));
      for (const [name, password] of listed.slice(0, 3))
        expect(await mustChoose(name, password)).toBe(true);
      expect(await logsIn('thirty002', 'own-password')).toBe(true);
      const told = stdout + stderr + readFileSync(results, 'utf8');
      for (const [, password] of listed) expect(told).not.toContain(password);
      expect(told).not.toContain('own-password');
      const lines = readFileSync(results, 'utf8').trimEnd().split('\r\n');
      expect(lines[0]).toBe('line,username,outcome,message');
      expect(lines.slice(1).map((line) => line.split(',').slice(0, 3).join(','))).toEqual(
        people.map((name, index) => `${index + 2},${name},created`),
      );
    },
    LONG,
  );

  test('again: skipped, and no file of passwords remains', async () => {
    const passwords = inDir('thirty-again.csv');
    const again = await report([file, '--generate-passwords', passwords]);
    expect(again).toMatchObject({ status: 0, counts: { skipped: 30, created: 0 } });
    expect(again.passwords).toBeUndefined();
    expect(existsSync(passwords)).toBe(false);
  });
});

test('nothing is overwritten', async () => {
  const file = await csv('over.csv', 'username,name,password', 'overw1,Over,own-password');
  const there = await csv('there.csv', 'mine');
  for (const flag of ['--generate-passwords', '--results']) {
    const { status, stderr } = await importing([file, flag, there]);
    expect({ flag, status }).toEqual({ flag, status: 9 });
    expect(stderr).toContain('there.csv exists already');
  }
  expect((await importing([file, '--results', file])).status).toBe(9);
  const generate = ['--generate-passwords', inDir('over-p.csv')];
  expect((await importing([file, ...generate, '--results', there])).status).toBe(9);
  expect(existsSync(inDir('over-p.csv'))).toBe(false);
  expect(readFileSync(there, 'utf8')).toBe('mine\n');
  expect(await tracesOf('overw1')).toEqual([]);
});

test('bad rows: all are named, nothing is sent', async () => {
  const file = await csv(
    'bad.csv',
    'username,name,terms,password',
    'badrow1,Fine,1,own-password',
    'badrow2,,1,own-password',
    'badrow1,Twice,99,own-password',
  );
  const { status, stdout, stderr } = await importing([file]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain('bad.csv: line 3, name: it is needed');
  expect(stderr).toContain('bad.csv: line 4, terms: expected a number from 1 to 9');
  expect(stderr).toContain('bad.csv: line 4, username: it is in line 2 already');
  const json = await report([file]);
  expect(json).toMatchObject({ status: 2, error: { code: 'usage' } });
  expect(json.problems).toHaveLength(3);
  expect((await importing([inDir('nosuch.csv')])).status).toBe(2);
  expect(await tracesOf('badrow1')).toEqual([]);
});

test('who may not, may not: it stops at the first', async () => {
  const file = await csv(
    'denied.csv',
    'username,name,password',
    'denied1,D One,own-password',
    'denied2,D Two,own-password',
  );
  const denied = await report([file], {}, 'nobody1');
  expect(denied).toMatchObject({
    status: 3,
    counts: { failed: 1, left: 1 },
    error: { code: 'denied' },
  });
  expect(await tracesOf('denied1')).toEqual([]);
  expect(await tracesOf('denied2')).toEqual([]);
});

describe('names that are there', () => {
  beforeAll(async () => {
    const add = ['ceo', 'members', 'add', '--password-stdin'] as const;
    const input = 'own-password\n';
    await runAs('ctdalek', [...add, 'there1', '-n', 'There One'], { input });
    await runAs('ctdalek', ['ceo', 'clubs', 'add', 'there2', '-n', 'There Two']);
  });

  test('are completed, or in conflict; others go on', async () => {
    const file = await csv(
      'there.csv.in',
      'username,name,terms',
      'there1,There One,2',
      'there2,There Two,1',
      'mailu05,Somebody Else,1',
      'there3,There Three,1',
      'root,Reserved,1',
    );
    const before = await ldapsearch('(|(uid=there2)(uid=mailu05))');
    const outcomes = ['completed', 'conflict', 'conflict', 'created'];
    const dry = await report([file, '--dry-run', '--generate-passwords', inDir('there-dry.csv')]);
    expect(dry.rows.map(({ outcome }) => outcome)).toEqual([...outcomes, 'conflict']);
    expect(dry.rows[4]?.message).toContain('reserved');
    expect(dry.status).toBe(9);
    // What the import would refuse.
    expect(await report([file, '--dry-run'])).toMatchObject({
      status: 2,
      problems: expect.arrayContaining([expect.objectContaining({ column: 'password' })]),
    });
    expect((await valuesOf('(uid=there1)', 'term')).get('there1')).toEqual([term]);

    const passwords = inDir('there-p.csv');
    const { rows, ...rest } = await report([file, '--generate-passwords', passwords]);
    expect(rest).toMatchObject({ status: 7, counts: { conflict: 3 }, passwords });
    expect(rest.finish).toBeUndefined();
    expect(rows.map(({ outcome }) => outcome)).toEqual([...outcomes, 'conflict']);
    expect(rows[1]?.message).toContain('there2 is a club');
    expect(rows[0]?.message).toBe(`registered for ${nextTerm}`);
    expect(await ldapsearch('(|(uid=there2)(uid=mailu05))')).toBe(before);
    // What was refused has no password in the file.
    expect(passwordsIn(passwords).map(([name]) => name)).toEqual(['there3']);
    expect(await logsIn('there1', 'own-password')).toBe(true);
    expect(await mustChoose('there3', passwordsIn(passwords)[0]?.[1] ?? '')).toBe(true);

    const again = await report([file, '--generate-passwords', inDir('there-p2.csv')]);
    expect(again).toMatchObject({ status: 9, counts: { skipped: 2, conflict: 3 } });
  });

  test('what an interruption left out is completed', async () => {
    // As a kill between the account and its terms leaves it.
    const request = JSON.stringify({
      type: 'MEMBER',
      username: 'there4',
      realname: 'There Four',
      password: 'own-password',
    });
    const added = await runAs('ctdalek', ['ceoc', 'adduser', '--json'], { input: request });
    expect(added.status).toBe(0);
    const file = await csv('four.csv', 'username,name,password', 'there4,There Four,another-one');
    const { rows, status } = await report([file]);
    expect(status).toBe(0);
    expect(rows[0]).toMatchObject({ outcome: 'completed' });
    expect(rows[0]?.message).toContain(`registered for ${term}`);
    expect(await listMembers()).toContain('there4@csclub.test');
    expect(await logsIn('there4', 'own-password')).toBe(true);
  });
});

describe('between ceo and ceod', () => {
  let server: net.Server | undefined;
  afterEach(() => {
    server?.close();
  });

  /** What a go-between does with the nth request: lose its reply, or close at once. */
  type Fault = 'lose the reply' | 'close at once';
  let connections = 0;

  /** @param faulty how many connections have the fault */
  async function goBetween(
    fault?: Fault,
    {
      name = 'ginseng',
      nth = 2,
      faulty = 1,
    }: { name?: HostName; nth?: number; faulty?: number } = {},
  ): Promise<OwnHost> {
    const host = await ownHost('', { host: name });
    const [address = '', port = ''] = host.target.split(':');
    const [real = '', realPort = ''] = variable(`CEOD_${name.toUpperCase()}`).split(':');
    connections = 0;
    server = net.createServer((client) => {
      connections += 1;
      const isFaulty = connections <= faulty;
      const upstream = net.connect({ host: real, port: Number(realPort) });
      for (const each of [client, upstream]) each.on('error', () => undefined);
      // One frame of authentication, then the requests.
      let sent = -1;
      client.on('data', (bytes) => {
        sent += 1;
        upstream.write(bytes);
        if (fault === 'close at once' && isFaulty && sent === nth) client.destroy();
      });
      upstream.on('data', (bytes) => {
        if (fault === 'lose the reply' && isFaulty && sent === nth) client.destroy();
        else client.write(bytes);
      });
      client.on('close', () => upstream.end());
      upstream.on('close', () => client.end());
    });
    await new Promise<void>((resolve) => server?.listen(Number(port), address, resolve));
    return host;
  }

  const file = (prefix: string, count: number) =>
    csv(
      `${prefix}.csv`,
      'username,name',
      ...names(prefix, count).map((name) => `${name},N ${name}`),
    );

  test('there is one connection for all', async () => {
    const { env } = await goBetween();
    const rows = await file('onecon', 5);
    expect((await importing([rows, '--generate-passwords', inDir('one.p')], env)).status).toBe(0);
    expect(connections).toBe(1);
  });

  test.each([
    ['lostre', 'lose the reply'],
    ['closed', 'close at once'],
  ] as const)('%s: a request whose outcome is unknown', async (prefix, fault) => {
    const { env } = await goBetween(fault);
    const rows = await file(prefix, 3);
    const passwords = inDir(`${prefix}.p`);
    const { status, counts } = await report([rows, '--generate-passwords', passwords], env);
    expect({ status, created: counts['created'] }).toEqual({ status: 0, created: 3 });
    expect(connections).toBe(2);
    const listed = passwordsIn(passwords);
    expect(listed.map(([name]) => name)).toEqual(names(prefix, 3));
    for (const [name, password] of listed) expect(await mustChoose(name, password)).toBe(true);
    expect([...(await valuesOf(`(uid=${prefix}*)`, 'term')).values()]).toEqual([
      [term],
      [term],
      [term],
    ]);
  });

  test('a row that cannot be finished: the next ones are complete, and all are told in order', async () => {
    // The subscription is sent twice.
    const { env } = await goBetween('lose the reply', { name: 'mail', nth: 1, faulty: 2 });
    const rows = await file('unfin', 4);
    const unfinished = await report([rows, '--generate-passwords', inDir('unfin.p')], env);
    expect(unfinished).toMatchObject({ status: 7, counts: { failed: 1, created: 3 } });
    expect(connections).toBe(3);
    expect(unfinished.rows.map(({ username, outcome }) => [username, outcome])).toEqual(
      names('unfin', 4).map((name, index) => [name, index === 0 ? 'failed' : 'created']),
    );
    expect(unfinished.rows[0]?.message).toMatch(
      `the account was made; registered for ${term}; but the mailing list has not got`,
    );
    expect([...(await valuesOf('(uid=unfin*)', 'term')).values()]).toEqual(Array(4).fill([term]));
    expect(await listMembers()).toEqual(
      expect.arrayContaining(names('unfin', 4).map((name) => `${name}@csclub.test`)),
    );
    const again = await report([rows, '--generate-passwords', inDir('unfin-2.p')]);
    expect(again).toMatchObject({ status: 0, counts: { skipped: 4 } });
  });

  test('nothing can be finished: it stops, but for the row that was begun', async () => {
    // Nobody listens there.
    const { env } = await ownHost('', { host: 'mail' });
    const rows = await file('nomail', 4);
    const stopped = await report([rows, '--generate-passwords', inDir('nomail.p')], env);
    expect(stopped).toMatchObject({ status: 7, counts: { failed: 2, left: 2 } });
    expect(stopped.rows.map(({ outcome }) => outcome)).toEqual([
      'failed',
      'failed',
      'left',
      'left',
    ]);
    expect([...(await valuesOf('(uid=nomail*)', 'term')).values()]).toEqual([[term], [term]]);
    const again = await report([rows, '--generate-passwords', inDir('nomail-2.p')]);
    expect(again).toMatchObject({ status: 0, counts: { completed: 2, created: 2 } });
  });
});

test(
  'ceod goes down in the middle: it stops, and what it prints finishes it',
  async () => {
    const host = await ownHost('');
    const people = names('down', 12);
    const file = await csv(
      'down.csv',
      'username,name',
      ...people.map((name) => `${name},N ${name}`),
    );
    let ceod = await startCeodOn(host);
    try {
      const under = new Import([file, '--generate-passwords', inDir('down.p')], host.env);
      await under.rows(3);
      await ceod.stop();
      const { status, stdout, stderr } = await under.ended;
      expect(status).toBe(7);
      // The row that was on its way when ceod ended may have failed as well, without a reply.
      expect(stdout).toMatch(/12 rows: \d+ created, [12] failed, \d+ left\./);
      expect(stderr).toContain('cannot be reached');
      const finish = /^To finish: (.*)$/m.exec(stderr)?.[1] ?? '';
      expect(finish).toBe(`ceo members import ${file} --generate-passwords ${inDir('down-2.p')}`);
      ceod = await startCeodOn(host);
      const finished = await runAs('ctdalek', ['sh', '-c', finish], { env: { ...host.env } });
      expect(finished).toMatchObject({ status: 0, stderr: '' });
      const listed = [...passwordsIn(inDir('down.p')), ...passwordsIn(inDir('down-2.p'))];
      // That row is then in both files.
      expect([...new Set(listed.map(([name]) => name))].sort()).toEqual(people);
      expect((await valuesOf('(uid=down*)', 'term')).size).toBe(12);
    } finally {
      await ceod.stop();
    }
  },
  LONG,
);

describe('on a terminal', () => {
  let screen: Screen | undefined;
  afterEach(() => screen?.close());

  test('there is a bar; Ctrl-C finishes the accounts in hand', async () => {
    const file = await csv(
      'bar.csv',
      'username,name',
      ...names('bar', 40).map((n) => `${n},N ${n}`),
    );
    const passwords = inDir('bar.p');
    screen = await Screen.start(
      `ceo members import ${file} --generate-passwords ${passwords}`,
      { KRB5CCNAME: ccache('ctdalek') },
      { columns: 140, rows: 50 },
    );
    await screen.shows(/░ 2\/40 bar003/);
    await screen.press('C-c');
    await screen.shows('Finishing the accounts in hand');
    const text = await screen.shows('exit status 7');
    expect(text).toMatch(/40 rows: \d+ created, \d+ left\./);
    expect(text).toMatch(/rows are not done: interrupted\./);
    expect(text).toContain('To finish: ceo members import');
    expect(text).not.toContain('░');
    const created = Number(/(\d+) created,/.exec(text)?.[1]);
    const terms = await valuesOf('(uid=bar*)', 'term');
    expect(terms.size).toBe(created);
    expect([...terms.values()].every((each) => each.length === 1)).toBe(true);
    expect(passwordsIn(passwords)).toHaveLength(created);
  });
});

test(
  'three hundred people, killed again and again: everyone is there once, and every password works',
  async () => {
    const people = names('bulk', 300);
    const file = await csv('bulk.csv', 'username,name', ...people.map((n) => `${n},Name ${n}`));
    const files: string[] = [];
    const start = () => {
      files.push(inDir(`bulk-${files.length}.p`));
      return new Import([file, '--generate-passwords', files.at(-1) ?? '']);
    };
    // Each run tells the rows that are there as well.
    for (const rows of [1, 60, 61, 150, 220]) {
      const killed = start();
      await killed.rows(rows);
      // Anywhere in the next row.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
      killed.child.kill('SIGKILL');
      expect((await killed.ended).status).toBeNull();
    }
    const last = await start().ended;
    expect(last).toMatchObject({ status: 0, stderr: '' });

    const uids = await valuesOf('(uid=bulk*)', 'uidNumber');
    expect([...uids.keys()].sort()).toEqual(people);
    expect(new Set([...uids.values()].flat()).size).toBe(300);
    const terms = await valuesOf('(uid=bulk*)', 'term');
    expect([...terms.values()].filter((each) => each.join() !== term)).toEqual([]);
    const list = (await listMembers()).filter((address) => address.startsWith('bulk'));
    expect(list.sort()).toEqual(people.map((name) => `${name}@csclub.test`));
    for (const name of people) expect(existsSync(homeOf(name))).toBe(true);

    // The latest file that lists somebody holds.
    const listed = new Map(
      files.filter((each) => existsSync(each)).flatMap((each) => passwordsIn(each)),
    );
    expect([...listed.keys()].sort()).toEqual(people);
    const wrong: string[] = [];
    for (const [name, password] of listed) {
      if (!(await mustChoose(name, password))) wrong.push(name);
    }
    expect(wrong).toEqual([]);

    const generate = ['--generate-passwords', inDir('none.csv')];
    const again = await report([file, '--dry-run', ...generate]);
    expect(again).toMatchObject({ status: 0, counts: { skipped: 300 } });
  },
  LONG,
);
