/**
 * Promise: sent the requests of the legacy programs, ceod answers with the
 * legacy statuses, except where ours is deliberately better; and what was
 * malformed is EINVAL that names the field.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeBody } from '../../../src/protocol/body.js';
import { allOps } from '../../../src/protocol/ops.js';
import { goldenCases, type GoldenCase } from '../../golden/cases.js';
import { kadmin, tracesOf, type DemoUser } from '../../support/realm.js';
import { Sender } from '../../support/sender.js';

const EEXIST = 17;
const EINVAL = 22;
const ENOENT = 2;

/** Where ours differs from the legacy daemon: the first status that is not 0, and a word of the text. */
const better: Readonly<Record<string, readonly [status: number, text: string]>> = {
  'adduser-club-asis': [0, ''],
  'adduser-missing-type': [EINVAL, 'type'],
  'adduser-short-password': [EINVAL, 'password'],
  'adduser-short-password-retry': [0, ''],
  'adduser-orphan-principal': [EEXIST, 'principal'],
  'adduser-name-comma': [EINVAL, 'username'],
  'adduser-name-star': [EINVAL, 'username'],
  'adduser-name-empty': [EINVAL, 'username'],
  'adduser-name-upper': [EINVAL, 'username'],
  'adduser-name-case-dup': [EINVAL, 'username'],
  'adduser-name-traversal': [EINVAL, 'username'],
  'adduser-name-realm': [EINVAL, 'username'],
  'adduser-realname-badutf8': [EINVAL, 'realname'],
  'adduser-realname-empty': [EINVAL, 'realname'],
  'adduser-name-300': [EINVAL, 'username'],
  'adduser-name-900': [EINVAL, 'username'],
  'adduser-name-2000': [EINVAL, 'username'],
  'mail-username-nul': [EINVAL, 'username'],
  'mail-nouser': [ENOENT, 'nosuchuser'],
  'mail-nouser-noforward': [ENOENT, 'nosuchuser'],
  'mail-missing-username': [EINVAL, 'username'],
  'mail-wrong-wiretype': [EINVAL, 'username'],
  'mail-truncated': [EINVAL, 'username'],
  'mail-garbage': [EINVAL, ''],
  'mail-longname': [ENOENT, ''],
};

const senders = {} as Record<DemoUser, Sender>;

beforeAll(async () => {
  for (const user of ['ctdalek', 'sysadmin1', 'nobody1'] as const) senders[user] = new Sender(user);
  await kadmin('addprinc', '-policy', 'default', '-randkey', 'orphan1');
});
afterAll(() => Object.values(senders).forEach((sender) => sender.close()));

async function linesFor({ client, id, request }: GoldenCase) {
  const reply = await senders[client as DemoUser].send(id, request.hex);
  if (reply === undefined) return undefined;
  const op = allOps.find((each) => each.id === id);
  if (op === undefined) throw new Error(`no op ${id}`);
  const response = decodeBody(op.output, op.encoding, reply);
  return 'messages' in response ? response.messages : [];
}

const firstFailure = (statuses: readonly number[]) => statuses.find((status) => status !== 0) ?? 0;

test.each(goldenCases)('$name', async (each) => {
  const lines = await linesFor(each);
  expect(lines).toBeDefined();
  const failing = lines?.find(({ status }) => status !== 0);
  const [status, text] = better[each.name] ?? [firstFailure(each.response.statuses), ''];
  expect(failing?.status ?? 0).toBe(status);
  expect(failing?.message ?? '').toContain(text);
});

describe('afterwards', () => {
  test.each(['noname', 'xsmith', 'xclub', 'badutf8', 'BadUser9'])(
    'nothing is left of %s',
    async (name) => {
      expect(await tracesOf(name)).toEqual([]);
    },
  );
});
