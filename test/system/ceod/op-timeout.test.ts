/** Promise: an op that takes longer than op_timeout has its connection closed, and the runner serves on. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { AddUser_Type as Type } from '../../../src/generated/ceo/ceo_pb.js';
import { eventually } from '../../support/eventually.js';
import { ownHost, type OwnHost } from '../../support/ownCeod.js';
import { tracesOf } from '../../support/realm.js';
import { TestRunner } from '../../support/runner.js';

let host: OwnHost;
let runner: TestRunner;
beforeAll(async () => {
  host = await ownHost('op_timeout = 2');
  runner = await TestRunner.start(host);
});
afterAll(() => runner.end());

test('its outcome is unknown; what goes on is finished or undone', async () => {
  await runner.arm('group', 'before', 'pause-and-fail');
  const reply = runner.addUser({
    type: Type.MEMBER,
    username: 'overtime',
    realname: 'Over Time',
    password: 'a-good-password',
  });
  await runner.said('paused');
  await expect(reply).rejects.toThrow('the runner closed the connection');
  expect(readFileSync(path.join(host.dir, 'runner.log'), 'utf8')).toContain('op_timeout');

  const [line] = await runner.another().mail({ username: 'mailu00' }, 'mailu00@CSCLUB.TEST');
  expect(line?.status).toBe(0);

  runner.signal('SIGUSR2');
  await eventually(async () => (await tracesOf('overtime')).length === 0);
});
