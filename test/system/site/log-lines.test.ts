/** Promise: the lines of one op belong together; what is down is an error; nobody's addresses are in the log. */
import { afterEach, expect, test } from '@jest/globals';
import { send } from '../../support/json.js';
import { startOwnCeod, type OwnCeod } from '../../support/ownCeod.js';

let ceod: OwnCeod | undefined;
afterEach(async () => {
  await ceod?.stop();
  ceod = undefined;
});

const ask = (user: string, op: string, request: object) =>
  send(user, op, request, { ...ceod?.env });
const lines = (which: (line: Record<string, unknown>) => boolean) =>
  (ceod?.log() ?? []).filter(which);

test('each op has a trace of its own, and the address of its client, on every line', async () => {
  ceod = await startOwnCeod();
  await ask('ctdalek', 'ping', {});
  await ask('ctdalek', 'ping', {});
  const told = lines(({ op }) => op === 'ping');
  expect(told).toHaveLength(2);
  for (const line of told) {
    expect(line).toMatchObject({
      level: 'info',
      process: 'runner',
      trace: expect.stringMatching(/^[0-9a-f]{8}$/),
      peer: expect.stringMatching(/^127\.0\.0\.\d+ port \d+$/),
    });
  }
  expect(new Set(told.map(({ trace }) => trace)).size).toBe(2);
});

test('a directory that cannot be reached: lines of level error, which belong to the op', async () => {
  ceod = await startOwnCeod('', { accounts: 'ldap_server_url = ldap://127.0.0.1:1' });
  expect((await ask('sysadmin1', 'inspect', { username: 'ctdalek' })).status).not.toBe(0);
  const [op] = lines((line) => line['op'] === 'inspect');
  expect(op).toMatchObject({ level: 'error', trace: expect.stringMatching(/./) });
  const groups = lines(({ msg }) => /^groups cannot be looked up/.test(String(msg)));
  expect(groups).toMatchObject([{ level: 'error', trace: op?.['trace'], peer: op?.['peer'] }]);
});

test('what is refused is none', async () => {
  ceod = await startOwnCeod();
  expect((await ask('nobody1', 'inspect', { username: 'ctdalek' })).status).not.toBe(0);
  expect(lines(({ op }) => op === 'inspect')).toMatchObject([{ level: 'info' }]);
});

test('addresses and numbers of people are masked', async () => {
  ceod = await startOwnCeod();
  const address = 'a.private.address@example.org';
  const member = { type: 'MEMBER', username: 'maskedone', realname: 'Masked', program: 'MATH' };
  const secrets = { password: 'a-good-password', email: address, phone: '519-555-0199' };
  expect((await ask('sysadmin1', 'adduser', { ...member, ...secrets })).status).toBe(0);
  const update = { username: 'maskedone', forward: address };
  expect((await ask('sysadmin1', 'mail', update)).status).toBe(0);
  const reply = await ask('sysadmin1', 'getforward', { username: 'maskedone' });
  expect(reply['forward']).toBe(address);
  const text = JSON.stringify(ceod.log());
  expect(lines(({ op }) => op === 'getforward')).toMatchObject([
    { response: { forward: '[redacted]' } },
  ]);
  for (const secret of [address, '519-555-0199', 'a-good-password'])
    expect(text).not.toContain(secret);
});
