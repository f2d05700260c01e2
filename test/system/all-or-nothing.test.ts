/**
 * Promise: adduser makes everything or leaves nothing, whatever step fails and
 * whenever the runner is killed; and the same request then succeeds.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AddUser_Type as Type } from '../../src/generated/ceo/ceo_pb.js';
import { ownHost, type OwnHost } from '../support/ownCeod.js';
import { tracesOf } from '../support/realm.js';
import { TestRunner } from '../support/runner.js';

const memberSteps = ['uid', 'principal', 'home', 'group', 'account', 'enable'];
const clubSteps = ['uid', 'home', 'group', 'sudo rule', 'account'];
const moments = ['before', 'after'] as const;

const member = (username: string) => ({
  type: Type.MEMBER,
  username,
  password: 'a-good-password',
  realname: 'All Or Nothing',
  email: 'aon@example.com',
});
const club = (username: string) => ({ type: Type.CLUB, username, realname: 'A Club' });

let host: OwnHost;
beforeAll(async () => {
  host = await ownHost('');
});

const cases = [
  ...memberSteps.flatMap((step) => moments.map((moment) => ({ kind: 'member', step, moment }))),
  ...clubSteps.flatMap((step) => moments.map((moment) => ({ kind: 'club', step, moment }))),
].map((each, index) => ({ ...each, index }));

describe('a fault', () => {
  test.each(cases)('$moment step $step of a $kind', async ({ kind, step, moment, index }) => {
    const username = `fault${index}`;
    const request = kind === 'member' ? member(username) : club(username);
    const faulty = await TestRunner.start(host, [step, moment, 'fail']);
    const lines = await faulty.addUser(request);
    const failing = lines.findIndex(({ status }) => status !== 0);
    expect(failing).toBeGreaterThanOrEqual(0);
    expect(lines[failing]?.message).toContain(step);
    // What comes behind the failing line tells what was undone.
    expect(lines.slice(failing + 1).every(({ status }) => status === 0)).toBe(true);
    expect(await tracesOf(username)).toEqual([]);
    await faulty.end();

    const sound = await TestRunner.start(host);
    expect((await sound.addUser(request)).map(({ status }) => status)).not.toContain(1);
    expect(await tracesOf(username)).toHaveLength(kind === 'member' ? 4 : 4);
    await sound.end();
  });
});

describe('kill -9 of the runner', () => {
  test.each(cases)('$moment step $step of a $kind', async ({ kind, step, moment, index }) => {
    const username = `killed${index}`;
    const request = kind === 'member' ? member(username) : club(username);
    const doomed = await TestRunner.start(host, [step, moment, 'kill']);
    await expect(doomed.addUser(request)).rejects.toThrow('ended before it replied');
    await doomed.ended();

    // It recovers before it serves.
    const sound = await TestRunner.start(host);
    expect(await tracesOf(username)).toEqual([]);
    const statuses = (await sound.addUser(request)).map(({ status }) => status);
    expect(statuses.every((status) => status === 0)).toBe(true);
    await sound.end();
  });
});

afterAll(() => undefined);
