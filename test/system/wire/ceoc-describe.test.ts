/** Promise: ceoc tells what there is to send, without a ticket, a configuration or a server. */
import { fromJsonString } from '@bufbuild/protobuf';
import { expect, test } from '@jest/globals';
import { allOps } from '../../../src/protocol/ops.js';
import { run } from '../../support/realm.js';

const env = { CEO_CONFIG_DIR: '/nonexistent', KRB5CCNAME: 'FILE:/nonexistent' };
const ceoc = (...args: string[]) => run(['ceoc', ...args], { env });

test('list', async () => {
  const { status, stdout } = await ceoc('list');
  expect(status).toBe(0);
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0]),
  ).toEqual(allOps.map(({ name }) => name));
});

test('describe: types, fields, who may, secrets, an example', async () => {
  const { status, stdout } = await ceoc('describe', 'resetpassword');
  expect(status).toBe(0);
  expect(stdout).toContain('resetpassword, 0x11: ceo.ResetPassword → ceo.ResetPasswordResponse');
  expect(stdout).toContain('office, but not for members of office and syscom; syscom');
  expect(stdout).toMatch(/required string username = 1\n/);
  expect(stdout).toMatch(/optional string password = 2 {2}\(at least .*; secret/);
  expect(stdout).toContain('It is safe to do it again: that sets another password.');
  expect(stdout).toMatch(/echo '.*"alice".*' \| ceoc resetpassword --json/);
});

test.each(allOps.map(({ name }) => name))(
  'what to do when the reply to %s is lost',
  async (name) => {
    const { stdout } = await ceoc('describe', name);
    expect(stdout).toMatch(
      /^ {2}no reply {2}(It is safe to do it again|Look whether it was done)/m,
    );
  },
);

test.each(['StatusMessage', 'ceo.StatusMessage'])('describe a message: %s', async (name) => {
  const { status, stdout } = await ceoc('describe', name);
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: 'ceo.StatusMessage\n  required int32  status  = 1\n  required string message = 2\n',
  });
});

test.each(allOps.map((op) => [op.name, op] as const))(
  'template %s is a request',
  async (name, op) => {
    const { status, stdout } = await ceoc('template', name);
    expect(status).toBe(0);
    expect(fromJsonString(op.input, stdout)).toMatchObject(
      'username' in op.input.field ? { username: 'alice' } : {},
    );
    expect(Object.keys(JSON.parse(stdout) as object)).toHaveLength(op.input.fields.length);
  },
);

test.each([
  [['describe', 'aduser'], 'There is no operation or message "aduser". Did you mean adduser?'],
  [['template', 'mial'], 'Did you mean mail?'],
  [['template', 'AddUser'], 'There is no operation "AddUser".'],
  [['describe'], 'ceoc describe takes one name.'],
  [['list', 'mail'], 'ceoc list takes nothing more.'],
])('%j', async (args, message) => {
  const { status, stderr } = await ceoc(...args);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
});
