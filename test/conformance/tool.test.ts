/** Promise: a server or a client that breaks a rule of docs/protocol.md is told from one that keeps it. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { clientCases } from '../../conformance/client.js';
import { serverCases } from '../../conformance/server.js';
import { checkout } from '../../sandbox/checkout.js';
import { PythonServer, pythonModules, removeModules } from '../interop/pythonPeer.js';
import { ownHost, type OwnHost } from '../support/ownCeod.js';
import { ccache, folder, ginseng, run, variable } from '../support/realm.js';

// A client is started some twenty times, on a machine that has much else to do.
jest.setTimeout(240_000);

const keytab = path.join(folder, 'keytabs', 'ceod.keytab');
/** Of a principal with two components. */
const stranger = `FILE:${path.join(folder, 'ccaches', 'stranger')}`;

let modules: string;
let client: OwnHost;
beforeAll(async () => {
  const kinit = await run(['kinit', '-c', stranger, '-k', '-t', keytab, `ceod/${ginseng}`]);
  expect(kinit).toMatchObject({ status: 0, stderr: '' });
  modules = await pythonModules();
  client = await ownHost('connect_timeout = 30\nreply_timeout = 30');
  await writeFile(path.join(client.dir, 'ops', 'mailman'), `${ginseng} mailman list 0x04\n`);
});
afterAll(() => removeModules(modules));

const servers: PythonServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.end()));
});

interface Told {
  readonly status: number | null;
  readonly stderr: string;
  /** By the number. */
  readonly outcomes: Readonly<Record<string, string>>;
  /** Of all that is not kept. */
  readonly why: readonly string[];
}

async function conformance(args: readonly string[], env: Record<string, string> = {}) {
  const main = path.join(checkout, 'conformance', 'main.ts');
  const command = [process.execPath, '--import', 'tsx', main, ...args] as const;
  const { status, stdout, stderr } = await run(command, {
    env: { KRB5CCNAME: ccache('ctdalek'), ...env },
  });
  const rows = [...stdout.matchAll(/^(\w+) +(kept|broken|not tried) /gm)];
  return {
    status,
    stderr,
    outcomes: Object.fromEntries(rows.map(([, number = '', outcome = '']) => [number, outcome])),
    why: (stdout.match(/^ +.*$/gm) ?? []).map((line) => line.trim()),
  } as Told;
}

const onServer = (address: string, port: string, args: readonly string[] = []) => {
  const server = ['--server', `${ginseng}:${port}`, '--address', address];
  return conformance([...server, '--stranger', stranger, ...args]);
};

async function onPythonServer(mode: string, args: readonly string[] = []): Promise<Told> {
  const server = await PythonServer.start(modules, mode);
  servers.push(server);
  return onServer('127.0.0.1', String(server.port), args);
}

function onClient(command: string, args: readonly string[] = []): Promise<Told> {
  const [address = '', port = ''] = client.target.split(':');
  const host = ['--host', ginseng, '--address', address, '--port', port, '--keytab', keytab];
  const env = { ...client.env, PYTHONPATH: modules, PYTHONDONTWRITEBYTECODE: '1' };
  return conformance(['--client', command, ...host, ...args], env);
}

function onPythonClient(mode: string, args: readonly string[] = []): Promise<Told> {
  const program = path.join(checkout, 'test', 'interop', 'peer', 'call.py');
  const at = client.target.replace(':', ' ');
  return onClient(`/usr/bin/python3 ${program} ${at} ${mode}`, args);
}

/** All of these, or those that are named, came to the same. */
const all = (cases: readonly { number: string }[], outcome: string) =>
  Object.fromEntries(cases.map(({ number }) => [number, outcome]));
const broken = (...numbers: string[]) =>
  Object.fromEntries(numbers.map((each) => [each, 'broken']));
const kept = (cases: readonly { number: string }[]): Told => ({
  status: 0,
  stderr: '',
  outcomes: all(cases, 'kept'),
  why: [],
});

describe('a server', () => {
  test('ceod keeps every rule', async () => {
    const [address = '', port = ''] = variable('CEOD_GINSENG').split(':');
    expect(await onServer(address, port)).toEqual(kept(serverCases));
  });

  test('so does one that was written from the document alone', async () => {
    expect(await onPythonServer('normal')).toEqual(kept(serverCases));
  });

  test('one that looks at nothing breaks all that it should look at', async () => {
    const rules = serverCases.filter(({ number }) => number !== 'B6');
    const args = ['--rule', ...rules.map(({ number }) => number)];
    const told = await onPythonServer('careless', args);
    expect(told.outcomes).toEqual({
      ...all(rules, 'kept'),
      ...broken('B2', 'B3', 'B5', 'B8', 'S1', 'S2', 'S3'),
    });
    expect(told.status).toBe(1);
    expect(told.why).toHaveLength(7);
  });

  test('and does not close', async () => {
    // It is waited for until nobody has any patience left.
    const { outcomes } = await onPythonServer('careless', ['--rule', 'B6', '--patience', '1']);
    expect(outcomes).toEqual(broken('B6'));
  });

  test.each([
    ['sends a body that is too long', 'just-too-long', 'B1'],
    ['takes what comes at once for a frame', 'grouped', 'B4'],
    ['sends a token that is empty', 'auth-empty', 'B7'],
    ['replies with the type of another op', 'wrong-msgtype', 'S4'],
  ])('one that %s', async (_what, mode, number) => {
    const { status, outcomes } = await onPythonServer(mode, ['--rule', number]);
    expect({ status, outcomes }).toEqual({ status: 1, outcomes: broken(number) });
  });
});

describe('a client', () => {
  test('ceoc keeps every rule', async () => {
    expect(await onClient('ceoc', ['--json'])).toEqual(kept(clientCases));
  });

  test('so does one that was written from the document alone, and judges no lines', async () => {
    expect(await onPythonClient('normal')).toEqual({
      ...kept(clientCases),
      outcomes: { ...all(clientCases, 'kept'), C2: 'not tried' },
      why: ['it takes a command that judges what it is answered: --json'],
    });
  });

  test('one that takes whatever comes, and tries again', async () => {
    const told = await onPythonClient('careless');
    expect(told.outcomes).toEqual({
      ...all(clientCases, 'kept'),
      ...broken('B1', 'B2', 'B3', 'B8', 'C1', 'C3'),
      C2: 'not tried',
    });
    expect(told.status).toBe(1);
  });

  test.each([
    ['wants no proof of the server', 'one-sided', ['B5', 'B6', 'B7']],
    ['takes what comes at once for a frame', 'grouped', ['B4']],
  ])('one that %s', async (_what, mode, numbers) => {
    const { status, outcomes } = await onPythonClient(mode, ['--rule', ...numbers]);
    expect({ status, outcomes }).toEqual({ status: 1, outcomes: broken(...numbers) });
  });

  test('one that calls everything a success', async () => {
    const { status, outcomes } = await onClient('succeed() { ceoc "$@"; true; }; succeed', [
      ...['--json', '--rule', 'C2', 'C3', 'C4'],
    ]);
    expect({ status, outcomes }).toEqual({ status: 1, outcomes: broken('C2', 'C3', 'C4') });
  });

  test('one that calls everything a failure', async () => {
    const { status, outcomes } = await onClient('fail() { ceoc "$@"; false; }; fail', [
      ...['--json', '--rule', 'B1', 'B4', 'C2', 'C4'],
    ]);
    expect({ status, outcomes }).toEqual({ status: 1, outcomes: broken('B1', 'B4', 'C2', 'C4') });
  });
});

describe('what cannot be tried', () => {
  test('a client that does not come is no client that refuses', async () => {
    const { status, outcomes, why } = await onClient('false', ['--rule', 'B3', 'B8', 'C1']);
    expect({ status, outcomes }).toEqual({ status: 1, outcomes: broken('B3', 'B8', 'C1') });
    expect([...new Set(why)]).toEqual(['it does not come for mail:']);
  });

  test('without a server the tool ends, and says why', async () => {
    const told = await onServer('127.0.0.1', '1');
    expect(told).toMatchObject({ status: 2, outcomes: {} });
    expect(told.stderr).toMatch(/^conformance: .*ECONNREFUSED/);
  });

  test('without a ticket as well', async () => {
    const [address = '', port = ''] = variable('CEOD_GINSENG').split(':');
    const server = ['--server', `${ginseng}:${port}`, '--address', address];
    const none = { KRB5CCNAME: `FILE:${path.join(folder, 'ccaches', 'none')}` };
    expect(await conformance([...server, '--rule', 'B1'], none)).toMatchObject({
      status: 2,
      outcomes: {},
      stderr: expect.stringMatching(/^conformance: .*ticket/) as unknown,
    });
  });

  test('--help says what it can be given', async () => {
    const main = path.join(checkout, 'conformance', 'main.ts');
    const command = [process.execPath, '--import', 'tsx', main, '--help'] as const;
    const { status, stdout } = await run(command);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^npm run conformance -- --server[^]*--keytab/);
  });

  test.each([
    ['neither of both', []],
    ['both', ['--server', 'a:1', '--client', 'b']],
    ['no port', ['--server', 'a']],
    ['no keytab', ['--client', 'ceoc', '--host', ginseng, '--port', '1']],
    ['an op that there is not', ['--server', 'a:1', '--op', 'male']],
    ['a rule that there is not', ['--server', 'a:1', '--rule', 'S99']],
  ])('a command line with %s', async (_what, args) => {
    const { status, stderr } = await conformance(args);
    expect(status).toBe(2);
    expect(stderr).toMatch(/\nSee npm run conformance -- --help\.\n$/);
  });
});
