/** Promise: a field declared debug_redact never reaches a log. */
import { expect, test } from '@jest/globals';
import { create } from '@bufbuild/protobuf';
import {
  AddMySQLUserResponseSchema,
  AddUser_Type,
  AddUserSchema,
} from '../../src/generated/ceo/ceo_pb.js';
import { redacted } from '../../src/protocol/redact.js';

test('the password is masked, the rest is told', () => {
  const request = create(AddUserSchema, {
    type: AddUser_Type.MEMBER,
    username: 'alice',
    password: 'hunter2-hunter2',
  });
  expect(redacted(AddUserSchema, request)).toEqual({
    type: 'MEMBER',
    username: 'alice',
    password: '[redacted]',
  });
  expect(request.password).toBe('hunter2-hunter2');
});

test('in a response as well, with its messages', () => {
  const response = create(AddMySQLUserResponseSchema, {
    messages: [{ status: 0, message: 'done' }],
    password: 's3cret',
  });
  expect(redacted(AddMySQLUserResponseSchema, response)).toEqual({
    messages: [{ status: 0, message: 'done' }],
    password: '[redacted]',
  });
});

test('an absent secret is not shown as a masked one', () => {
  const request = create(AddUserSchema, { type: AddUser_Type.CLUB, username: 'chess' });
  expect(redacted(AddUserSchema, request)).not.toHaveProperty('password');
});
