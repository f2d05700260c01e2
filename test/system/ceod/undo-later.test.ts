/**
 * Promise: an undo that cannot run yet is told, tried again until it is done,
 * and until then the name counts as taken. On a sandbox of its own, whose slapd
 * and kadmind are stopped for a while.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { AddUser_Type } from '../../../src/generated/ceo/ceo_pb.js';
import { startSandbox, type Sandbox } from '../../../sandbox/sandbox.js';
import { eventually } from '../../support/eventually.js';
import type { TestRunner } from '../../support/runner.js';

const EBUSY = 16;
const request = {
  type: AddUser_Type.MEMBER,
  username: 'later',
  password: 'a-good-password',
  realname: 'Undone Later',
};

let sandbox: Sandbox;
let runner: TestRunner;
let tracesOf: (username: string) => Promise<string[]>;

function signal(name: 'slapd' | 'kadmind', what: NodeJS.Signals): void {
  const server = sandbox.servers.find((each) => each.name === name);
  if (server === undefined) throw new Error(`no ${name}`);
  process.kill(server.pid, what);
}

beforeAll(async () => {
  sandbox = await startSandbox({ ceods: false });
  // The modules below take the sandbox from the environment when they are loaded.
  Object.assign(process.env, sandbox.env, { CEOD_GINSENG: '127.0.0.1:1' });
  const { ownHost } = await import('../../support/ownCeod.js');
  const { TestRunner: Runner } = await import('../../support/runner.js');
  ({ tracesOf } = await import('../../support/realm.js'));
  runner = await Runner.start(await ownHost('step_timeout = 1'));
});

afterAll(async () => {
  await runner.end();
  await sandbox.stop();
});

test('told, tried again, done', async () => {
  await runner.arm('enable', 'before', 'pause-and-fail');
  const reply = runner.addUser(request);
  await runner.said('paused');
  signal('slapd', 'SIGSTOP');
  runner.signal('SIGUSR2');

  const lines = await reply;
  expect(lines.find(({ status }) => status !== 0)?.message).toContain('enable');
  expect(lines.at(-1)).toMatchObject({
    status: 0,
    message: expect.stringMatching(/cannot be removed just now.*later counts as taken/),
  });

  signal('slapd', 'SIGCONT');
  const again = await runner.addUser(request);
  expect(again.find(({ status }) => status !== 0)?.status).toBe(EBUSY);

  await eventually(async () => (await tracesOf('later')).length === 0);
  await eventually(async () => (await runner.addUser(request)).every(({ status }) => status === 0));
  expect(await tracesOf('later')).toHaveLength(4);
});

test('kadmin does not answer: the step says that its outcome is unknown, and nothing is left in the end', async () => {
  signal('kadmind', 'SIGSTOP');
  const lines = await runner.addUser({ ...request, username: 'unknown1' });
  const failure = lines.find(({ status }) => status !== 0);
  expect(failure).toMatchObject({ status: -2 });
  expect(failure?.message).toContain('kadmin did not end');
  signal('kadmind', 'SIGCONT');
  await eventually(async () => (await tracesOf('unknown1')).length === 0);
  const again = { ...request, username: 'unknown1' };
  await eventually(async () => (await runner.addUser(again)).every(({ status }) => status === 0));
});
