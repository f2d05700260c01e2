/** Promise: what happens at the same time does not mix: uids, names, owners. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { createClient, type CeodClient } from '../../../src/ceoc/client.js';
import { loadSite } from '../../../src/ceoc/site.js';
import { AddUser_Type as Type, Ceod } from '../../../src/generated/ceo/ceo_pb.js';
import { homeOf, ldapsearch } from '../../support/realm.js';

const EBUSY = 16;
const EEXIST = 17;
const clients: CeodClient[] = [];

/** A client with a connection, and so a session process, of its own. */
function client(): CeodClient {
  const { route, timeouts } = loadSite();
  const made = createClient(Ceod, route, timeouts);
  clients.push(made);
  return made;
}
afterEach(() => clients.splice(0).forEach((each) => each.close()));

async function addMember(username: string, by = client()): Promise<number> {
  const { messages } = await by.addUser({
    type: Type.MEMBER,
    username,
    password: 'a-good-password',
    realname: `Member ${username}`,
  });
  return messages.find(({ status }) => status !== 0)?.status ?? 0;
}

const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

async function uidOf(username: string): Promise<number> {
  const ldif = await ldapsearch(`(uid=${username})`, 'uidNumber');
  return Number(/^uidNumber: (\d+)$/m.exec(ldif)?.[1]);
}

test('twenty adds at once: twenty uids', async () => {
  const usernames = names('twenty', 20);
  expect(await Promise.all(usernames.map((each) => addMember(each)))).toEqual(Array(20).fill(0));
  const uids = await Promise.all(usernames.map(uidOf));
  expect(new Set(uids).size).toBe(20);
  expect(uids.every((uid) => uid >= 20_001 && uid <= 29_999)).toBe(true);
});

test('the same name twice at once: one success; the other is told that it is being made, or is there', async () => {
  for (const name of names('twice', 5)) {
    const statuses = await Promise.all([addMember(name), addMember(name)]);
    const [first, second] = statuses.sort((a, b) => a - b);
    expect(first).toBe(0);
    expect([EBUSY, EEXIST]).toContain(second);
  }
});

test('mail a thousand times, adduser in between: every file has its right owner', async () => {
  const users = names('mailu0', 10);
  const uids = new Map(
    await Promise.all(users.map(async (each) => [each, await uidOf(each)] as const)),
  );
  let left = 1000;
  let wrong = 0;
  const mailing = Array.from({ length: 6 }, async () => {
    const ceod = client();
    while (left > 0) {
      left -= 1;
      const username = users[left % users.length] ?? '';
      const { messages } = await ceod.updateMail({ username, forward: `f${left}@example.com` });
      const { uid } = await stat(path.join(homeOf(username), '.forward'));
      if (messages.some(({ status }) => status !== 0) || uid !== uids.get(username)) wrong += 1;
    }
  });
  const added: string[] = [];
  const adding = Array.from({ length: 2 }, async (_, lane) => {
    const ceod = client();
    while (left > 0) {
      const username = `between${lane}x${added.length}`;
      if ((await addMember(username, ceod)) !== 0) wrong += 1;
      added.push(username);
    }
  });
  await Promise.all([...mailing, ...adding]);
  expect(wrong).toBe(0);
  expect(added.length).toBeGreaterThan(10);
  for (const username of added) {
    const uid = await uidOf(username);
    for (const file of ['', '.profile', 'www']) {
      expect((await stat(path.join(homeOf(username), file))).uid).toBe(uid);
    }
  }
});
