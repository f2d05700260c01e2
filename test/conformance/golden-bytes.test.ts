/** Promise: the bytes of the deployed legacy programs and ours are the same, both ways. */
import { describe, expect, test } from '@jest/globals';
import { fromBinary, fromJson, toBinary } from '@bufbuild/protobuf';
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
