/** Promise: whatever an op fails by is answered with the status of its kind; only a fault of the program closes the connection. */
import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { CeoError, kinds, Status, type ErrorCode } from '../../src/errors.js';
import { Dispatcher, serveOp } from '../../src/ceod/runner/dispatcher.js';
import { inMessages } from '../../src/ceod/base/refusal.js';
import { decodeBody, encodeBody } from '../../src/protocol/body.js';
import { ops } from '../../src/protocol/ops.js';

const op = ops.inspect;
const caller = {
  username: 'alice',
  isOffice: () => Promise.resolve(true),
  isSyscom: () => Promise.resolve(true),
};
const asked = {
  findAccount: () => Promise.resolve(undefined),
  isInClub: () => Promise.resolve(false),
  rules: { usernameRegex: /^[a-z]+$/, minPasswordLength: 4 },
  authority: { mayBeStaff: () => Promise.resolve(true), mayBeSyscom: () => Promise.resolve(true) },
};

async function answerTo(error: Error, otherwise?: number, username = 'bob') {
  const log = pino({ level: 'silent' });
  const service = serveOp(
    op,
    {
      execute: () => Promise.reject(error),
      refused: inMessages,
      ...(otherwise !== undefined && { otherwise }),
    },
    { asked, log, timeoutMs: 10_000 },
  );
  const dispatcher = new Dispatcher(new Map([[op.id, service]]), 'REALM', () => caller, log);
  const plaintext = Buffer.from(encodeBody(op.input, op.encoding, { username }));
  const reply = await dispatcher.dispatch({ opId: op.id, principal: 'alice@REALM', plaintext });
  return reply && decodeBody(op.output, op.encoding, reply).messages;
}

test.each(Object.keys(kinds) as ErrorCode[])('%s', async (code) => {
  const { passedOn, statuses } = kinds[code];
  const [own] = Object.values(statuses);
  expect(await answerTo(new CeoError(code, 'The server said no.'))).toMatchObject([
    { status: passedOn === true ? own : Status.EIO, message: 'The server said no.' },
  ]);
});

test('an op has a status of its own for what only the text tells', async () => {
  const error = new CeoError('failed', 'no');
  expect(await answerTo(error, Status.EPERM)).toMatchObject([{ status: Status.EPERM }]);
  const lost = new CeoError('outcome_unknown', 'no');
  expect(await answerTo(lost, Status.EPERM)).toMatchObject([{ status: Status.ETIMEDOUT }]);
});

test('a fault of the program', async () => {
  expect(await answerTo(new TypeError('x is not a function'))).toBeUndefined();
});

test('a field that breaks the rule of the proto is named, and nothing is executed', async () => {
  expect(await answerTo(new CeoError('failed', 'no'), undefined, '../bob')).toMatchObject([
    { status: Status.EINVAL, message: 'username: it is no username' },
  ]);
});
