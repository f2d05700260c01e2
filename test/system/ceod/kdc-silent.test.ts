/**
 * Promise: a KDC that does not answer makes an op fail within the time of a step, and costs nothing
 * but that: the runner serves on. On a sandbox of its own, whose KDC is stopped for a while.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startSandbox, type Sandbox } from '../../../sandbox/sandbox.js';
import type { StatusLine } from '../../../src/protocol/status.js';
import { eventually } from '../../support/eventually.js';
import type { TestRunner } from '../../support/runner.js';

const EHOSTUNREACH = 113;
/** Far more than step_timeout, far less than Kerberos takes to give up. */
const LONG_MS = 20_000;

let sandbox: Sandbox;
let runner: TestRunner;

function kdc(what: NodeJS.Signals): void {
  const server = sandbox.servers.find(({ name }) => name === 'krb5kdc');
  if (server === undefined) throw new Error('no krb5kdc');
  process.kill(server.pid, what);
}

beforeAll(async () => {
  sandbox = await startSandbox({ ceods: false });
  // The modules below take the sandbox from the environment when they are loaded.
  Object.assign(process.env, sandbox.env, { CEOD_GINSENG: '127.0.0.1:1' });
  const { ownHost } = await import('../../support/ownCeod.js');
  const { TestRunner: Runner } = await import('../../support/runner.js');
  // From its start on: what it does ahead must leave it no ticket.
  kdc('SIGSTOP');
  runner = await Runner.start(await ownHost('step_timeout = 1'));
});

afterAll(async () => {
  kdc('SIGCONT');
  await runner.end();
  await sandbox.stop();
});

async function inTime(reply: Promise<StatusLine[]>): Promise<StatusLine[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no reply in time')), LONG_MS);
  });
  return Promise.race([reply, late]).finally(() => clearTimeout(timer));
}

const statuses = (lines: StatusLine[]) => lines.map(({ status }) => status);
const mail = (through = runner) => through.mail({ username: 'mailu00' }, 'mailu00@CSCLUB.TEST');
const isServed = async () => statuses(await inTime(mail())).every((status) => status === 0);

test('the runner has no ticket yet: ops are refused, one after the other and at once, and served when the KDC answers', async () => {
  const lines = await inTime(mail());
  expect(lines).toMatchObject([
    {
      status: EHOSTUNREACH,
      message: expect.stringMatching(/the directory cannot be asked.*no answer within 1 s/),
    },
  ]);
  // More than there are threads in Node's pool, which wait for the KDC.
  for (let i = 0; i < 6; i += 1) expect(statuses(await inTime(mail()))).toEqual([EHOSTUNREACH]);
  const channels = Array.from({ length: 8 }, () => runner.another());
  const replies = await inTime(
    Promise.all(channels.map((each) => mail(each))).then((all) => all.flat()),
  );
  expect([...new Set(statuses(replies))]).toEqual([EHOSTUNREACH]);

  kdc('SIGCONT');
  // The same process: nobody starts this one again.
  await eventually(isServed);
});
