/** Promise: ceod goes on serving, whatever becomes of a process of it, of one started beside it, or of the machine's resources; and it ends when it is told to. */
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { nodeOf, programsOf } from '../../../sandbox/programs.js';
import { isListening } from '../../../sandbox/network.js';
import { startServer, type Server } from '../../../sandbox/server.js';
import { decodeBody, encodeBody } from '../../../src/protocol/body.js';
import { ops } from '../../../src/protocol/ops.js';
import { startCapturableCeod } from '../../support/captured.js';
import { eventually } from '../../support/eventually.js';
import { startOwnCeod, type OwnHost } from '../../support/ownCeod.js';
import { processesWhere } from '../../support/processes.js';
import { folder, run, runAs, tracesOf } from '../../support/realm.js';
import { WireClient } from '../../support/wire.js';

const { id, input, output, encoding } = ops.updateMail;
const mail = Buffer.from(encodeBody(input, encoding, { username: 'mailu00' }));

/** What was started, to be stopped whatever becomes of a test. */
let started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(started.map((each) => each.stop()));
  started = [];
});

async function ownCeod(...args: Parameters<typeof startOwnCeod>) {
  const ceod = await startOwnCeod(...args);
  started.push(ceod);
  // It listens before its runner serves, and hears of signals when both do.
  await eventually(() => ceod.log().some(({ msg }) => msg === 'listening'));
  return ceod;
}

/** Another daemon of a host, from a tree of programs. Its log is a file of its own. */
async function startCeod(
  host: OwnHost,
  name = 'another',
  tree = programsOf(folder),
): Promise<{ server: Server; log: () => Promise<string> }> {
  const [address = '', port = ''] = host.target.split(':');
  const log = path.join(host.dir, `${name}.log`);
  const server = await startServer({
    name: 'ceod',
    command: [nodeOf(folder), path.join(tree, 'dist', 'ceod', 'main.js')],
    env: { ...(process.env as Record<string, string>), ...host.env },
    log,
    ready: () => isListening(address, Number(port)),
  });
  started.push(server);
  return { server, log: () => readFile(log, 'utf8') };
}

async function listens({ target }: OwnHost): Promise<boolean> {
  const [address = '', port = ''] = target.split(':');
  return isListening(address, Number(port));
}

/** The processes of a host's daemons that run this program. */
const processesOf = ({ dir }: OwnHost, program: string): Promise<number[]> =>
  processesWhere(
    ({ command, environment }) =>
      environment.split('\0').includes(`CEO_CONFIG_DIR=${dir}`) &&
      // Between fork and exec a child looks like the master.
      command.split('\0').some((word) => word.endsWith(program)),
  );

const sessionsOf = (host: OwnHost) => processesOf(host, '/session.js');
const runnersOf = (host: OwnHost) => processesOf(host, '/runner.js');
const isAlive = (pid: number) => existsSync(`/proc/${pid}`);
/** A process may have ended by itself meanwhile. */
const signalled = (pid: number, signal: NodeJS.Signals) => {
  if (isAlive(pid)) process.kill(pid, signal);
};
const descriptorsOf = async (pid: number) => (await readdir(`/proc/${pid}/fd`)).length;

/** The only process of a kind, once there is exactly one. */
async function theOne(find: (host: OwnHost) => Promise<number[]>, host: OwnHost): Promise<number> {
  let pids: number[] = [];
  await eventually(async () => (pids = await find(host)).length === 1);
  return pids[0] ?? 0;
}

async function isServed(client: WireClient): Promise<boolean> {
  client.send(client.op(id, mail));
  const reply = await client.reply();
  if (reply === undefined) return false;
  return decodeBody(output, encoding, reply).messages.every(({ status }) => status === 0);
}

async function serves({ target }: OwnHost): Promise<boolean> {
  try {
    const client = await WireClient.authenticated(target);
    const served = await isServed(client);
    client.close();
    return served;
  } catch {
    return false;
  }
}

let count = 0;

/** A quota command that keeps the op in hand until it is told to go on. */
async function pausing(): Promise<{
  command: string;
  paused: () => Promise<void>;
  goOn: () => Promise<void>;
}> {
  count += 1;
  const base = path.join(folder, `pausing-${process.pid}-${count}`);
  await writeFile(
    base,
    `#!/bin/sh
: >'${base}.paused'
for i in $(seq 250); do
  [ -e '${base}.go' ] && exit 0
  sleep 0.1
done
exit 1
`,
    { mode: 0o755 },
  );
  return {
    command: `quota_command = ${base} {prototype} {uid}`,
    paused: () => eventually(() => existsSync(`${base}.paused`)),
    goOn: () => writeFile(`${base}.go`, ''),
  };
}

const add = (username: string, { env }: OwnHost) =>
  runAs('ctdalek', ['ceo', 'members', 'add', username, '-n', 'Survivor', '--password-stdin'], {
    env,
    input: 'a-good-password\n',
  });

describe('a second ceod of the same configuration', () => {
  test('ends with an error, and the first serves on', async () => {
    const first = await ownCeod('spare_sessions = 2');
    const runner = await theOne(runnersOf, first);
    const open = await WireClient.authenticated(first.target);

    const { status, stderr } = await run(['ceod'], { env: first.env });
    expect(status).toBeGreaterThan(0);
    expect(stderr).toContain('EADDRINUSE');

    expect(await isServed(open)).toBe(true);
    open.close();
    expect(await serves(first)).toBe(true);
    expect((await add('survive1', first)).status).toBe(0);
    expect(await processesOf(first, '/ceod/main.js')).toHaveLength(1);
    expect(await runnersOf(first)).toEqual([runner]);
    expect(first.log().filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('that starts while the first finishes its ops: they are answered, and the second serves', async () => {
    const { command, paused, goOn } = await pausing();
    const first = await ownCeod(command);
    const adding = add('survive2', first);
    await paused();
    process.kill(first.server.pid, 'SIGTERM');
    await eventually(async () => !(await listens(first)));

    const second = await startCeod(first);
    await eventually(async () => (await second.log()).includes('"listening"'));
    expect(isAlive(first.server.pid)).toBe(true);
    expect(await serves(first)).toBe(true);
    // What the first does is not taken for something left half-made.
    expect((await add('survive2', first)).status).toBe(11);

    await goOn();
    const { status, stdout } = await adding;
    expect(stdout).toContain('successfully enabled principal');
    expect(status).toBe(0);
    await eventually(() => !isAlive(first.server.pid));
    expect(first.log().at(-1)?.['msg']).toBe('stopped');
    expect(await tracesOf('survive2')).toHaveLength(4);
    expect(await serves(first)).toBe(true);
    expect((await add('survive3', first)).status).toBe(0);
  });
});

test('what takes longer than the drain timeout is killed, and nothing of it goes on', async () => {
  const { command, paused } = await pausing();
  const ceod = await ownCeod(`${command}\ndrain_timeout = 1`);
  const adding = add('drainlong', ceod);
  await paused();
  const runners = await runnersOf(ceod);
  process.kill(ceod.server.pid, 'SIGTERM');
  await eventually(() => !isAlive(ceod.server.pid));
  expect(JSON.stringify(ceod.log())).toContain('the drain timeout has passed');
  expect(JSON.stringify(ceod.log())).not.toContain('left behind');
  await eventually(() => !runners.some(isAlive));
  expect((await adding).status).toBe(6);
});

test('SIGINT ends it like SIGTERM: the op in hand is answered first', async () => {
  const signal = 'SIGINT';
  const { command, paused, goOn } = await pausing();
  const ceod = await ownCeod(command);
  const username = `end${signal.toLowerCase()}`;
  const adding = add(username, ceod);
  await paused();
  // Ctrl-C on a terminal signals every process.
  for (const program of ['/ceod/main.js', '/session.js', '/runner.js']) {
    for (const pid of await processesOf(ceod, program)) signalled(pid, signal);
  }
  await eventually(async () => !(await listens(ceod)));
  // Whoever is impatient changes nothing.
  for (const again of [signal, 'SIGTERM'] as const) signalled(ceod.server.pid, again);
  await eventually(() => ceod.log().some(({ msg }) => /^stopping already/.test(String(msg))));
  await goOn();
  const { status, stdout } = await adding;
  expect(stdout).toContain('successfully enabled principal');
  expect(status).toBe(0);
  await eventually(() => !isAlive(ceod.server.pid));
  expect(ceod.log().at(-1)?.['msg']).toBe('stopped');
  await eventually(async () => (await sessionsOf(ceod)).length === 0);
  expect(await runnersOf(ceod)).toEqual([]);
});

test('SIGHUP to all, as from a terminal that is closed, ends nothing: the op in hand is answered', async () => {
  const { command, paused, goOn } = await pausing();
  const ceod = await ownCeod(command);
  const adding = add('endsighup', ceod);
  await paused();
  for (const program of ['/ceod/main.js', '/session.js', '/runner.js']) {
    for (const pid of await processesOf(ceod, program)) signalled(pid, 'SIGHUP');
  }
  await eventually(() => ceod.log().some(({ msg }) => /was read again/.test(String(msg))));
  await goOn();
  expect((await adding).status).toBe(0);
  expect((await add('afterhup', ceod)).status).toBe(0);
});

describe('processes that cannot be started', () => {
  /** Sets a soft limit of the master's. @returns what takes it back */
  async function limit(pid: number, resource: 'nproc' | 'nofile', value: number) {
    const { stdout } = await run([
      ...(['prlimit', '--pid', String(pid), `--${resource}`] as const),
      ...['--output', 'SOFT', '--noheadings', '--raw'],
    ]);
    const set = async (soft: string) => {
      const outcome = await run(['prlimit', '--pid', String(pid), `--${resource}=${soft}:`]);
      expect(outcome).toMatchObject({ status: 0, stderr: '' });
    };
    await set(String(value));
    return () => set(stdout.trim());
  }

  // With the first they die as soon as they are the session user, with the second there is no fork.
  const limits = [
    ['no more processes of the session user', 'nproc', 1],
    ['no more descriptors', 'nofile', 3],
  ] as const;

  test.each(limits)(
    '%s: the master lives, and service comes back',
    async (_what, resource, value) => {
      const ceod = await ownCeod('sessions_per_process = 1\nspare_sessions = 1');
      const spare = await theOne(sessionsOf, ceod);
      const lift = await limit(ceod.server.pid, resource, value);
      process.kill(spare, 'SIGKILL');
      await eventually(() =>
        JSON.stringify(ceod.log()).includes('a session process could not be started'),
      );
      const turnedAway = await WireClient.connect(ceod.target);
      turnedAway.close();
      expect(isAlive(ceod.server.pid)).toBe(true);
      await lift();
      await eventually(() => serves(ceod));
    },
  );

  test('a runner: it is started again when that is possible', async () => {
    const ceod = await ownCeod('spare_sessions = 1');
    const client = await WireClient.authenticated(ceod.target);
    const runner = await theOne(runnersOf, ceod);
    const lift = await limit(ceod.server.pid, 'nofile', 3);
    process.kill(runner, 'SIGKILL');
    await eventually(() => {
      const ends = ceod.log().filter(({ msg }) => String(msg).startsWith('the runner ended'));
      return ends.length > 1;
    });
    await lift();
    expect(await isServed(client)).toBe(true);
    client.close();
    expect(await serves(ceod)).toBe(true);
  });

  test.each(limits)('%s: SIGTERM ends everything', async (_what, resource, value) => {
    const ceod = await ownCeod('spare_sessions = 2');
    await eventually(async () => (await sessionsOf(ceod)).length === 2);
    await limit(ceod.server.pid, resource, value);
    for (const pid of [...(await sessionsOf(ceod)), ...(await runnersOf(ceod))]) {
      process.kill(pid, 'SIGKILL');
    }
    await eventually(() =>
      JSON.stringify(ceod.log()).includes('a session process could not be started'),
    );
    process.kill(ceod.server.pid, 'SIGTERM');
    await eventually(() => !isAlive(ceod.server.pid));
    expect(ceod.log().at(-1)?.['msg']).toBe('stopped');
    expect(await sessionsOf(ceod)).toEqual([]);
    expect(await runnersOf(ceod)).toEqual([]);
  });
});

describe('a captured session process', () => {
  const startCapturable = async (settings: string) => {
    const ceod = await startCapturableCeod(settings);
    started.push(ceod.server);
    return { host: ceod, ...ceod };
  };

  test.each([
    ['a byte that is none', "say('x')"],
    ['a zero', "say('\\0')"],
    ['that it is ready once more', "say('r')"],
    ['twice that its peer is authenticated', "say('aa')"],
    ['twice that it is done', "say('dd')"],
    ['that it is done, and then ready', "say('dr')"],
    ['a JSON text', 'say(\'{"kind":"done"}\\n\')'],
    ["a message of Node's own", 'say(\'{"cmd":"NODE_HANDLE_ACK"}\\n\')'],
    ['a megabyte', "say('x'.repeat(1 << 20))"],
  ])('that sends %s is ended, and nothing else is', async (_what, code) => {
    const { host, server, capture, wasCaptured, log } = await startCapturable(
      'sessions_per_process = 1\nspare_sessions = 2\nlogin_deadline = 3',
    );
    await eventually(async () => (await sessionsOf(host)).length === 2);
    const other = await WireClient.authenticated(host.target);
    const runner = await theOne(runnersOf, host);
    await eventually(async () => (await sessionsOf(host)).length === 3);
    const before = await sessionsOf(host);

    // It says what it says and then nothing more, not to its client either.
    await capture(`${code}; process.stdin.removeAllListeners('data');`);
    const client = await WireClient.connect(host.target);
    expect(await client.receive()).toBeUndefined();
    client.close();
    expect(wasCaptured()).toBe(true);
    expect(JSON.stringify(log())).toContain('says what none would say');

    expect(isAlive(server.pid)).toBe(true);
    expect(await isServed(other)).toBe(true);
    other.close();
    expect(await serves(host)).toBe(true);
    expect(await runnersOf(host)).toEqual([runner]);
    // All of them have served one connection or were captured, but for one.
    await eventually(async () => {
      const now = await sessionsOf(host);
      return before.filter((pid) => now.includes(pid)).length <= 1;
    });
  });

  /** 50 of them over each of its descriptors that lead to the master: sendmsg(2) with SCM_RIGHTS. */
  const SEND_DESCRIPTORS = `
    const vector = koffi.struct({ base: 'void *', length: 'size_t' });
    const header = koffi.struct({
      name: 'void *', nameLength: 'uint32_t', vectors: koffi.pointer(vector), count: 'size_t',
      control: 'void *', controlLength: 'size_t', flags: 'int',
    });
    const sendmsg = libc.func('sendmsg', 'long', ['int', koffi.pointer(header), 'int']);
    const control = Buffer.alloc(24);
    [20, 0, 1, 1, fs.openSync('/dev/null')].forEach((word, at) => control.writeInt32LE(word, 4 * at));
    const vectors = { base: Buffer.from('a'), length: 1 };
    const message = { name: null, nameLength: 0, vectors, count: 1, control, controlLength: 24, flags: 0 };
    const send = (over) => sendmsg(over, message, 0x4040) === 1;
    let sent = 0;
    for (let i = 0; i < 50; i += 1) sent += [0, 2, 3].filter(send).length;
    tell(sent);
    for (let i = 0; i < 50; i += 1) send(1);
  `;

  test('that sends descriptors to the master leaves none of them open there', async () => {
    const { host, server, capture, told } = await startCapturable(
      'sessions_per_process = 1\nspare_sessions = 1\nlogin_deadline = 3',
    );
    await theOne(sessionsOf, host);
    const before = await descriptorsOf(server.pid);
    await capture(`process.stdin.removeAllListeners('data'); ${SEND_DESCRIPTORS}`);
    const client = await WireClient.connect(host.target);
    expect(await client.receive()).toBeUndefined();
    client.close();
    expect(await told()).toBeGreaterThan(50);
    await theOne(sessionsOf, host);
    expect(await serves(host)).toBe(true);
    await eventually(async () => (await descriptorsOf(server.pid)) <= before);
  });

  test('that says it is ready again and again gets no other connection', async () => {
    const { host, server, capture, log } = await startCapturable(
      'sessions_per_process = 1\nspare_sessions = 1\nlogin_deadline = 3',
    );
    const spare = await theOne(sessionsOf, host);
    await capture("setInterval(() => say('r'), 1)");
    const client = await WireClient.connect(host.target);
    await eventually(async () => !(await sessionsOf(host)).includes(spare));
    for (let i = 0; i < 3; i += 1) expect(await serves(host)).toBe(true);
    client.close();
    expect(isAlive(server.pid)).toBe(true);
    expect(JSON.stringify(log())).not.toContain('uncaught');
  });
});

describe('a session process', () => {
  const DEADLINE_MS = 2_000;

  /** Whether a client is served or closed before the login deadline and five seconds have passed. */
  async function isNotKept(outcome: Promise<unknown>): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), DEADLINE_MS + 5_000);
    });
    const settled = outcome.then(
      () => true,
      () => true,
    );
    const result = await Promise.race([settled, late]);
    clearTimeout(timer);
    return result;
  }

  test('killed just when it gets a connection: no client waits in vain, no descriptor stays open', async () => {
    const ceod = await ownCeod(
      'sessions_per_process = 1\nspare_sessions = 3\nlogin_deadline = 2\nmax_sessions = 8',
    );
    const areAll = async () => (await sessionsOf(ceod)).length === 3;
    await eventually(areAll);
    expect(await serves(ceod)).toBe(true);
    await eventually(areAll);
    const before = await descriptorsOf(ceod.server.pid);
    const outcomes: Promise<boolean>[] = [];
    for (let round = 0; round < 12; round += 1) {
      const sessions = await sessionsOf(ceod);
      const clients = [0, 1, 2].map(() => WireClient.authenticated(ceod.target));
      outcomes.push(...clients.map((client) => isNotKept(client.then((each) => each.close()))));
      // At another moment of the handing over each time.
      await new Promise((resolve) => setTimeout(resolve, round));
      for (const pid of sessions) {
        if (isAlive(pid)) process.kill(pid, 'SIGKILL');
      }
    }
    expect((await Promise.all(outcomes)).every((isFine) => isFine)).toBe(true);
    await eventually(() => serves(ceod));
    await eventually(areAll);
    await eventually(async () => (await descriptorsOf(ceod.server.pid)) <= before);
  });

  test('killed with a connection that it has not looked at: it is closed', async () => {
    const ceod = await ownCeod('sessions_per_process = 1\nspare_sessions = 1\nlogin_deadline = 2');
    const before = await descriptorsOf(ceod.server.pid);
    const spare = await theOne(sessionsOf, ceod);
    // By then it is ready, and by the next then it has got the connection; if not, another will.
    await new Promise((resolve) => setTimeout(resolve, 500));
    process.kill(spare, 'SIGSTOP');
    const client = await WireClient.connect(ceod.target);
    const closed = client.receive();
    await new Promise((resolve) => setTimeout(resolve, 200));
    process.kill(spare, 'SIGKILL');
    expect(await isNotKept(closed)).toBe(true);
    client.close();
    expect(await serves(ceod)).toBe(true);
    await eventually(async () => (await descriptorsOf(ceod.server.pid)) <= before);
  });

  test('that does nothing any more is killed after the login deadline, and its client is closed', async () => {
    const ceod = await ownCeod('sessions_per_process = 1\nspare_sessions = 1\nlogin_deadline = 2');
    const before = await descriptorsOf(ceod.server.pid);
    const spare = await theOne(sessionsOf, ceod);
    const client = await WireClient.connect(ceod.target);
    // It has got the connection once another spare is started.
    await eventually(async () => (await sessionsOf(ceod)).length === 2);
    process.kill(spare, 'SIGSTOP');
    const closed = client.receive();
    expect(await isNotKept(closed)).toBe(true);
    expect(await closed).toBeUndefined();
    client.close();
    await eventually(() => !isAlive(spare));
    expect(JSON.stringify(ceod.log())).toContain('does not keep its deadline');
    expect(await serves(ceod)).toBe(true);
    await eventually(async () => (await descriptorsOf(ceod.server.pid)) <= before);
  });

  test('that never becomes ready is replaced', async () => {
    const ceod = await ownCeod('spare_sessions = 1\nmax_sessions = 2\nlogin_deadline = 2');
    const before = await sessionsOf(ceod);
    expect(before).toHaveLength(1);
    // The next one is stopped as soon as it is there.
    process.kill(before[0] ?? 0, 'SIGKILL');
    let booting: number[] = [];
    while (booting.length === 0) {
      booting = (await sessionsOf(ceod)).filter((pid) => !before.includes(pid));
    }
    process.kill(booting[0] ?? 0, 'SIGSTOP');
    await eventually(() => serves(ceod));
  });

  test('that is authenticated in time is left alone after the deadline', async () => {
    const ceod = await ownCeod('login_deadline = 1');
    const client = await WireClient.authenticated(ceod.target);
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(await isServed(client)).toBe(true);
    client.close();
    expect(JSON.stringify(ceod.log())).not.toContain('does not keep its deadline');
  });
});
