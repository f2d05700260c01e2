/** Promise: what adduser asks of the directory does not depend on how large that is. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { OwnCeod } from '../../support/ownCeod.js';
import { startOwnSlapd, type OwnSlapd } from '../../support/ownSlapd.js';
import { runAs } from '../../support/realm.js';

interface Site {
  readonly slapd: OwnSlapd;
  readonly ceod: OwnCeod;
}

let small: Site;
let large: Site;

async function startSite(name: string, furtherMembers: number): Promise<Site> {
  const slapd = await startOwnSlapd(name, furtherMembers);
  return { slapd, ceod: await slapd.startCeod() };
}

beforeAll(async () => {
  small = await startSite('slapd-small', 0);
  large = await startSite('slapd-large', 2_000);
});
afterAll(async () => {
  for (const { slapd, ceod } of [small, large]) {
    await ceod.stop();
    await slapd.stop();
  }
});

/** Makes a member. @returns the operations that the directory was asked for meanwhile */
async function add({ slapd, ceod }: Site, username: string): Promise<string[]> {
  const before = slapd.operations().length;
  const request = { type: 'MEMBER', username, password: 'long-enough', realname: username };
  const input = JSON.stringify(request);
  const { status, stderr } = await runAs('ctdalek', ['ceoc', 'adduser', '--json'], {
    env: ceod.env,
    input,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return slapd.operations().slice(before).sort();
}

test('the same operations among 20 accounts and among 2,000 more', async () => {
  // The first finds out which uids are taken.
  await add(small, 'size1first');
  await add(large, 'size2first');
  const few = await add(small, 'size1next');
  expect(few).toEqual(expect.arrayContaining(['ADD', 'MOD', 'SRCH']));
  expect(await add(large, 'size2next')).toEqual(few);
});

test('the first uid among more accounts than one answer may have entries', async () => {
  const huge = await startSite('slapd-huge', 100_500);
  try {
    await add(huge, 'sizehuge');
  } finally {
    await huge.ceod.stop();
    await huge.slapd.stop();
  }
});
