/** Promise: a malformed body is an error that names the field; nothing is decoded to a default. */
import { describe, expect, test } from '@jest/globals';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { DescriptorProtoSchema, UninterpretedOptionSchema } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import {
  AddUserSchema,
  SubscribeSchema,
  UpdateMailResponseSchema,
  UpdateMailSchema,
} from '../../src/generated/ceo/ceo_pb.js';
import { BodyEncoding } from '../../src/generated/ceo/op_pb.js';
import { decodeBody, encodeBody } from '../../src/protocol/body.js';
import { checkWellFormed, MalformedBody } from '../../src/protocol/strict.js';

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
    ['a byte-order mark at the beginning of a string', () => mail('0a04efbbbf61'), 'username'],
    [
      'a boolean whose varint does not end',
      () => add(`0801120161800180${'80'.repeat(10)}`),
      'must_change',
    ],
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
    ['the end of a group', '0a01611c'],
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
  test('a byte-order mark that is not at the beginning', () => {
    expect(mail('0a0461efbbbf')).toMatchObject({ username: 'a\ufeff' });
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

/** Of protobuf's own, as ours nest one level: a message in a message in a message … */
const nested = (levels: number): Uint8Array =>
  Array.from({ length: levels }).reduce<Uint8Array>(
    (inner) => Buffer.concat([Buffer.from([0x1a, inner.length]), inner]),
    Buffer.alloc(0),
  );

test('messages are nested eight levels at most', () => {
  expect(() => checkWellFormed(DescriptorProtoSchema, nested(8))).not.toThrow();
  expect(() => checkWellFormed(DescriptorProtoSchema, nested(9))).toThrow('nested too deeply');
});

test('fields of every wire type', () => {
  // UninterpretedOption: positive_int_value (varint), double_value (64 bits), string_value (bytes).
  const decode = (hex: string) => () =>
    checkWellFormed(UninterpretedOptionSchema, Buffer.from(hex, 'hex'));
  expect(decode(`200531${'00'.repeat(8)}3a01ff`)).not.toThrow();
  expect(decode(`31${'00'.repeat(7)}`)).toThrow('double_value: the message is truncated');
  expect(decode(`35${'00'.repeat(4)}`)).toThrow('double_value: has wire type 5');
  expect(decode('3a05ff')).toThrow('string_value: the message is truncated');
});

test('text bodies', () => {
  const decode = (text: string | Buffer) =>
    decodeBody(SubscribeSchema, BodyEncoding.TEXT, Buffer.from(text as string)).username;
  expect(decode('alice')).toBe('alice');
  expect(decode('alice\n')).toBe('alice');
  expect(decode('alice\n\n')).toBe('alice');
  expect(decode('\nalice\nbob\n')).toBe('\nalice\nbob');
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
