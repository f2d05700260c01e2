/**
 * Promise: adduser makes everything or leaves nothing, whatever step fails and
 * whenever the runner is killed; and the same request then succeeds.
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AddUser_Type as Type } from '../../../src/generated/ceo/ceo_pb.js';
import type { StatusLine } from '../../../src/protocol/status.js';
import { ownHost, type OwnHost } from '../../support/ownCeod.js';
import { tracesOf } from '../../support/realm.js';
import { TestRunner } from '../../support/runner.js';

const memberSteps = ['uid', 'principal', 'home', 'group', 'account', 'enable'];
const clubSteps = ['uid', 'home', 'group', 'sudo rule', 'account'];
const moments = ['before', 'after'] as const;

const request = (kind: string, username: string) =>
  kind === 'club'
    ? { type: Type.CLUB, username, realname: 'A Club' }
    : {
        type: Type.MEMBER,
        username,
        password: 'a-good-password',
        realname: 'All Or Nothing',
        email: 'aon@example.com',
      };

/** Account, group and home; a member's principal, a club's sudo rule. */
const PARTS = 4;

const cases = [
  ...memberSteps.flatMap((step) => moments.map((moment) => ({ kind: 'member', step, moment }))),
  ...clubSteps.flatMap((step) => moments.map((moment) => ({ kind: 'club', step, moment }))),
].map((each, index) => ({ ...each, index }));

const succeeded = (lines: readonly StatusLine[]) => lines.every(({ status }) => status === 0);

let host: OwnHost;
let runner: TestRunner;
beforeAll(async () => {
  host = await ownHost('');
  runner = await TestRunner.start(host);
});
afterAll(() => runner.end());

const journalEntries = () => readdir(path.join(host.dir, 'state', 'journal'));

async function nothingIsLeft(username: string): Promise<void> {
  expect(await tracesOf(username)).toEqual([]);
  expect(await journalEntries()).toEqual([]);
}

async function succeedsNow(kind: string, username: string): Promise<void> {
  expect(succeeded(await runner.addUser(request(kind, username)))).toBe(true);
  expect(await tracesOf(username)).toHaveLength(PARTS);
  expect(await journalEntries()).toEqual([]);
}

describe('a fault', () => {
  test.each(cases)('$moment step $step of a $kind', async ({ kind, step, moment, index }) => {
    const username = `fault${index}`;
    await runner.arm(step, moment, 'fail');
    const lines = await runner.addUser(request(kind, username));
    const failing = lines.findIndex(({ status }) => status !== 0);
    expect(lines[failing]?.message).toContain(step);
    // What comes behind the failing line tells what was undone.
    expect(succeeded(lines.slice(failing + 1))).toBe(true);
    await nothingIsLeft(username);
    await succeedsNow(kind, username);
  });
});

describe('kill -9 of the runner', () => {
  test.each(cases)('$moment step $step of a $kind', async ({ kind, step, moment, index }) => {
    const username = `killed${index}`;
    await runner.arm(step, moment, 'kill');
    await expect(runner.addUser(request(kind, username))).rejects.toThrow(
      'ended before it replied',
    );
    await runner.ended();
    // It recovers before it serves.
    runner = await TestRunner.start(host);
    await nothingIsLeft(username);
    await succeedsNow(kind, username);
  });
});
