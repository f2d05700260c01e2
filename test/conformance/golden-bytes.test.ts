/** Promise: the bytes of the deployed legacy programs and ours are the same, both ways. */
import { describe, expect, test } from '@jest/globals';
import { fromBinary, fromJson, toBinary } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import { decodeBody, encodeBody } from '../../src/protocol/body.js';
import { allOps, type Op } from '../../src/protocol/ops.js';
import { goldenCases } from '../golden/cases.js';

function opOf(id: number): Op {
  const op = allOps.find((each) => each.id === id);
  if (op === undefined) throw new Error(`no op ${id}`);
  return op;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const canonical = goldenCases.filter(({ request }) => !request.raw);
const answered = goldenCases.filter(({ response }) => response.hex !== null);

test('there is something to compare', () => {
  expect(canonical.length).toBeGreaterThan(45);
  expect(answered.length).toBeGreaterThan(45);
});

describe('requests', () => {
  test.each(canonical)('$name', ({ id, op: name, request }) => {
    const op = opOf(id);
    expect(op.name).toBe(name);
    expect(op.input.typeName).toBe(request.type);
    const message = fromJson(op.input, request.fields);
    expect(hex(encodeBody(op.input, op.encoding, message))).toBe(request.hex);
    expect(fromBinary(op.input, Buffer.from(request.hex, 'hex'))).toEqual(message);
  });
});

describe('responses', () => {
  test.each(answered)('$name', ({ id, response }) => {
    const op = opOf(id);
    const bytes = Buffer.from(response.hex ?? '', 'hex');
    const message = decodeBody(op.output, op.encoding, bytes);
    expect(op.output.typeName).toBe(response.type);
    expect('messages' in message && message.messages.map(({ status }) => status)).toEqual(
      response.statuses,
    );
    expect(hex(toBinary(op.output, message))).toBe(response.hex);
  });
});

/** How many fields each message of a deployed op has in the deployed programs. */
const DEPLOYED: Readonly<Record<string, number>> = {
  'ceo.StatusMessage': 2,
  'ceo.AddUser': 6,
  'ceo.AddUserResponse': 1,
  'ceo.UpdateMail': 2,
  'ceo.UpdateMailResponse': 1,
  'ceo.AddMySQLUser': 1,
  'ceo.AddMySQLUserResponse': 2,
  'ceo.Subscribe': 1,
  'ceo.SubscribeResponse': 1,
};

test('what messages of deployed ops have gained is optional, and has numbers from 16 up', () => {
  const file = allOps[0]?.input.file.messages ?? [];
  for (const { typeName, fields } of file.filter((each) => each.typeName in DEPLOYED)) {
    const [own, added] = [0, 1].map((side) =>
      fields.filter(({ number }) => Number(number >= 16) === side),
    );
    expect({ typeName, numbers: own?.map(({ number }) => number) }).toEqual({
      typeName,
      numbers: Array.from({ length: DEPLOYED[typeName] ?? 0 }, (_, index) => index + 1),
    });
    for (const { presence } of added ?? [])
      expect(presence).not.toBe(FeatureSet_FieldPresence.LEGACY_REQUIRED);
  }
});
