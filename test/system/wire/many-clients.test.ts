/** Promise: many clients at once, slow and idle ones among them, are all served, and the log tells of the queue. */
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decodeBody, encodeBody } from '../../../src/protocol/body.js';
import { ops } from '../../../src/protocol/ops.js';
import { eventually } from '../../support/eventually.js';
import { startOwnCeod, type OwnCeod } from '../../support/ownCeod.js';
import { WireClient } from '../../support/wire.js';

const { id, input, output, encoding } = ops.updateMail;
const request = encodeBody(input, encoding, { username: 'ctdalek' });
const MAX_SESSIONS = 4;

let ceod: OwnCeod;
beforeAll(async () => {
  ceod = await startOwnCeod(
    `max_sessions = ${MAX_SESSIONS}\nspare_sessions = 2\nsessions_per_process = 1000`,
  );
});
afterAll(() => ceod.stop());

/** The statuses that the op comes to; none if the server closes. @param pieces of its frame, with pauses */
async function mail(client: WireClient, pieces = 1): Promise<number[]> {
  const frame = client.op(id, request);
  const size = Math.ceil(frame.length / pieces);
  for (let at = 0; at < frame.length; at += size) {
    if (at > 0) await sleep(50);
    client.send(frame.subarray(at, at + size));
  }
  const reply = await client.reply();
  if (reply === undefined) return [];
  return decodeBody(output, encoding, reply).messages.map(({ status }) => status);
}

async function session(pieces: number): Promise<number[]> {
  const client = await WireClient.authenticated(ceod.target);
  const result = await mail(client, pieces);
  client.close();
  return result;
}

test('all are served, the queue is in the log, and nothing stays open', async () => {
  const descriptors = () => readdirSync(`/proc/${ceod.server.pid}/fd`).length;
  // Whoever is served knows that all of its processes are there.
  await session(1);
  const before = descriptors();
  const idle = await WireClient.authenticated(ceod.target);
  const served = await Promise.all([
    mail(idle),
    // Long enough for the queue to be told of.
    ...Array.from({ length: 6 }, () => session(30)),
    ...Array.from({ length: 40 }, () => session(1)),
  ]);
  expect(served).toEqual(Array(47).fill([0]));
  // It was not given up for the others.
  expect(await mail(idle)).toEqual([0]);
  idle.close();

  expect(ceod.log()).toContainEqual(
    expect.objectContaining({ msg: 'connections wait for a session' }),
  );
  expect(JSON.stringify(ceod.log())).not.toContain('turned away');
  // What leads to each process (child.ts), and no connection.
  await eventually(() => descriptors() <= before + 4 * MAX_SESSIONS);
});
