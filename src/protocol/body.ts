/**
 * Bodies of ops: messages as bytes and back, by the encoding that the proto
 * declares. Decoding is strict (docs/protocol.md §4.2).
 */
import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import { BodyEncoding } from '../generated/ceo/op_pb.js';
import { checkWellFormed, MalformedBody, utf8 } from './strict.js';

/** @throws Error if a required field is missing. */
export function encodeBody<D extends DescMessage>(
  schema: D,
  encoding: BodyEncoding,
  message: MessageInitShape<D>,
): Uint8Array {
  const complete = create(schema, message);
  if (encoding === BodyEncoding.PROTOBUF) return toBinary(schema, complete);
  return Buffer.from(reflect(schema, complete).get(textField(schema)) as string, 'utf8');
}

/** @throws MalformedBody, which names the field. */
export function decodeBody<D extends DescMessage>(
  schema: D,
  encoding: BodyEncoding,
  bytes: Uint8Array,
): MessageShape<D> {
  if (encoding === BodyEncoding.PROTOBUF) {
    checkWellFormed(schema, bytes);
    return fromBinary(schema, bytes);
  }
  const field = textField(schema);
  const text = utf8(bytes);
  if (text === undefined) throw new MalformedBody(field.name, 'is not UTF-8 or contains NUL');
  const message = create(schema);
  reflect(schema, message).set(field, text.replace(/\n+$/, ''));
  return message;
}

function textField(schema: DescMessage) {
  const field = schema.fields.find(({ number }) => number === 1);
  if (field === undefined) throw new Error(`${schema.typeName}: body TEXT needs a field 1`);
  return field;
}
