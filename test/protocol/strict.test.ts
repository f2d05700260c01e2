/** Promise: a malformed body is an error that names the field; nothing is decoded to a default. */
import { describe, expect, test } from '@jest/globals';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import {
  AddUserSchema,
  SubscribeSchema,
  UpdateMailResponseSchema,
  UpdateMailSchema,
} from '../../src/generated/ceo/ceo_pb.js';
import { BodyEncoding } from '../../src/generated/ceo/op_pb.js';
import { decodeBody, encodeBody } from '../../src/protocol/body.js';
import { MalformedBody } from '../../src/protocol/strict.js';

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const mail = (hex: string) => decodeBody(UpdateMailSchema, BodyEncoding.PROTOBUF, bytes(hex));
const add = (hex: string) => decodeBody(AddUserSchema, BodyEncoding.PROTOBUF, bytes(hex));

describe('refused, naming the field', () => {
  test.each([
    ['required field missing', () => mail('120161'), 'username'],
    ['wrong wire type', () => mail('08051203616263'), 'username'],
    ['length past the end', () => mail('0a206d61696c753032'), 'username'],
    ['NUL in a string', () => mail('0a03610062'), 'username'],
    ['bad UTF-8', () => add('08011207626164757466381a0670772d75746622034aff67'), 'realname'],
    ['overlong UTF-8', () => mail('0a02c080'), 'username'],
    ['required enum missing', () => add('120678736d697468'), 'type'],
    ['enum value 0', () => add('0800120678736d697468'), 'type'],
    ['enum value 4', () => add('0804120678736d697468'), 'type'],
    ['negative enum value', () => add('08ffffffffffffffffff01120161'), 'type'],
  ])('%s', (_what, decode, field) => {
    expect(decode).toThrow(MalformedBody);
    expect(decode).toThrow(new RegExp(`^${field}: `));
  });
});

describe('refused, without a field to name', () => {
  test.each([
    ['garbage', 'ffffffff'],
    ['field number 0', '0201'],
    ['a group', '0a01611b1c'],
    ['deeply nested groups', `0a0161${'1b'.repeat(30_000)}`],
    ['truncated unknown field', '0a01617a10'],
  ])('%s', (_what, hex) => {
    expect(() => mail(hex)).toThrow(MalformedBody);
  });
});

describe('accepted', () => {
  test('fields in any order', () => {
    expect(mail('12036162630a076d61696c753032')).toMatchObject({
      username: 'mailu02',
      forward: 'abc',
    });
  });
  test('the last of a repeated field', () => {
    expect(mail('0a076d61696c7530320a076d61696c753033120161120162')).toMatchObject({
      username: 'mailu03',
      forward: 'b',
    });
  });
  test('unknown fields', () => {
    expect(mail('0a01617a0131980102')).toMatchObject({ username: 'a' });
  });
  test('an empty string is not an absent one', () => {
    expect(() => mail('0a00')).not.toThrow();
  });
});

test('nested messages are held to the same rules', () => {
  const decode = () =>
    decodeBody(UpdateMailResponseSchema, BodyEncoding.PROTOBUF, bytes('0a020800'));
  expect(decode).toThrow(/^message: required/);
});

test('text bodies', () => {
  const decode = (text: string | Buffer) =>
    decodeBody(SubscribeSchema, BodyEncoding.TEXT, Buffer.from(text as string)).username;
  expect(decode('alice')).toBe('alice');
  expect(decode('alice\n')).toBe('alice');
  expect(decode('alice\n\n')).toBe('alice');
  expect(() => decode('a\0')).toThrow(/^username: /);
  expect(() => decode(Buffer.of(0xff))).toThrow(/^username: /);
  const encoded = encodeBody(SubscribeSchema, BodyEncoding.TEXT, { username: 'zoé' });
  expect(Buffer.from(encoded).toString()).toBe('zoé');
});

test('any bytes: refused with MalformedBody, or what the library decodes survives a round trip', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (input) => {
      for (const schema of [UpdateMailSchema, AddUserSchema]) {
        let message;
        try {
          message = decodeBody(schema, BodyEncoding.PROTOBUF, input);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedBody);
          continue;
        }
        expect(fromBinary(schema, toBinary(schema, message))).toEqual(message);
      }
    }),
    { numRuns: 2000 },
  );
});
