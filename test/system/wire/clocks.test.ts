/**
 * Promise: where the clocks of a client and of the realm differ, things go right or the clock is
 * named; nobody is told that a good ticket has expired. Terms go by the calendar of the site.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { cacheOf } from '../../support/tickets.js';
import { folder, ginseng, run } from '../../support/realm.js';

/** libfaketime: what a program takes for the time. @param when an offset, or @ and a time */
const at = (when: string) => ({
  LD_PRELOAD: '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
  FAKETIME: when,
  FAKETIME_DONT_RESET: '1',
});

const mail = '{"username": "mailu01"}';

describe.each(['-12m', '-6m', '+6m', '+12m', '-40d', '+40d'])('a client at %s', (offset) => {
  let env: Record<string, string>;
  beforeAll(async () => {
    env = { KRB5CCNAME: `FILE:${cacheOf(`clock${offset}`)}`, ...at(offset) };
    const kinit = await run(['kinit', 'mailu01'], { env, input: 'mailu01-pw\n' });
    expect({ status: kinit.status, stderr: kinit.stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('ceoc goes by the clock of the KDC, which the cache remembers', async () => {
    const { status, stderr } = await run(['ceoc', 'mail', '--json'], { env, input: mail });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('ceo works, or names the clock', async () => {
    const { status, stderr } = await run(['ceo', 'members', 'get', 'mailu01'], { env });
    if (status === 0) return;
    // Certificates have their time as well.
    expect([5, 8]).toContain(status);
    expect(stderr).toMatch(/clocks? of this machine/);
    expect(stderr).not.toMatch(/ticket has expired|no Kerberos ticket/);
  });
});

test.each(['-12m', '+12m'])('a client at %s that trusts its own clock alone', async (offset) => {
  const conf = path.join(folder, `krb5-clock${offset}.conf`);
  const text = await readFile(path.join(folder, 'krb5.conf'), 'utf8');
  await writeFile(conf, text.replace('[libdefaults]', '[libdefaults]\n  kdc_timesync = 0'));
  const cache = `FILE:${cacheOf(`own-clock${offset}`)}`;
  const own = { KRB5CCNAME: cache, KRB5_CONFIG: conf };
  // By a right clock, for the service as well, so that the KDC is not asked again.
  expect((await run(['kinit', 'mailu01'], { env: own, input: 'mailu01-pw\n' })).status).toBe(0);
  expect((await run(['kvno', `ceod/${ginseng}`], { env: own })).status).toBe(0);
  const { status, stderr } = await run(['ceoc', 'mail', '--json'], {
    env: { ...own, ...at(offset) },
    input: mail,
  });
  expect(status).toBe(8);
  expect(stderr).toMatch(/[Cc]locks? of this machine/);
});

describe('the current term', () => {
  /** As Tab offers terms: the last one is three ahead. */
  async function lastOffered(when: string, zone: string): Promise<string | undefined> {
    const { stdout } = await run(['ceo', '--get-yargs-completions', 'ceo', 'members', 'list', ''], {
      env: { ...at(`@${when}`), TZ: zone, KRB5CCNAME: 'FILE:/nonexistent' },
    });
    return stdout.trim().split('\n').at(-1);
  }

  test.each([
    ['2026-04-30 12:00:00', 'w2027'],
    ['2026-05-01 12:00:00', 's2027'],
    ['2026-08-31 12:00:00', 's2027'],
    ['2026-09-01 12:00:00', 'f2027'],
    ['2026-12-31 12:00:00', 'f2027'],
    ['2027-01-01 12:00:00', 'w2028'],
    ['2028-02-29 12:00:00', 'w2029'],
  ])('%s', async (when, last) => {
    expect(await lastOffered(when, '')).toBe(last);
  });

  test('is the site’s, wherever somebody sits', async () => {
    const own = await lastOffered('2026-12-31 12:00:00', '');
    for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago'])
      expect(await lastOffered('2026-12-31 12:00:00', zone)).toBe(own);
  });
});
