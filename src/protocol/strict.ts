/**
 * The strict pass before decoding. The protobuf library takes a missing
 * required field for '', an unknown enum value for its first one (MEMBER!),
 * bad UTF-8 for U+FFFD and a wrong wire type for some string, all without an
 * error; here each of them is one that names the field.
 */
import { ScalarType, type DescField, type DescMessage } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';

/** A body that does not conform to its type. */
export class MalformedBody extends Error {
  override readonly name = 'MalformedBody';

  /** @param field the field's name in the proto; undefined when no field can be told */
  constructor(
    readonly field: string | undefined,
    problem: string,
  ) {
    super(field === undefined ? problem : `${field}: ${problem}`);
  }
}

/** Deeper than any message of the proto; a limit, so that a hostile body cannot exhaust the stack. */
const MAX_DEPTH = 8;

/**
 * Checks that bytes conform to a message type: well-formed, wire types as
 * declared, strings UTF-8 without NUL, required fields present, enum values
 * declared. Unknown fields are passed over.
 * @throws MalformedBody
 */
export function checkWellFormed(schema: DescMessage, bytes: Uint8Array, depth = 0): void {
  if (depth > MAX_DEPTH) throw new MalformedBody(undefined, 'the message is nested too deeply');
  const missing = new Set(schema.fields.filter(isRequired));
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wireType] = wellFormed(undefined, () => reader.tag());
    if (wireType === WireType.StartGroup || wireType === WireType.EndGroup) {
      throw new MalformedBody(undefined, 'the message contains a group');
    }
    const field = schema.fields.find((each) => each.number === number);
    if (field === undefined) {
      wellFormed(undefined, () => reader.skip(wireType, number));
      continue;
    }
    if (wireType !== expectedWireType(field)) {
      throw new MalformedBody(
        field.name,
        `has wire type ${wireType}, not ${expectedWireType(field)}`,
      );
    }
    checkValue(field, reader, wireType, depth);
    missing.delete(field);
  }
  const [field] = missing;
  if (field !== undefined) throw new MalformedBody(field.name, 'required, but missing');
}

function checkValue(
  field: DescField,
  reader: BinaryReader,
  wireType: WireType,
  depth: number,
): void {
  if (field.message !== undefined) {
    const { message } = field;
    checkWellFormed(
      message,
      wellFormed(field, () => reader.bytes()),
      depth + 1,
    );
  } else if (field.enum !== undefined) {
    const value = wellFormed(field, () => reader.int32());
    if (!field.enum.open && field.enum.value[value] === undefined) {
      throw new MalformedBody(field.name, `unknown value ${value}`);
    }
  } else if (field.scalar === ScalarType.STRING) {
    const text = utf8(wellFormed(field, () => reader.bytes()));
    if (text === undefined) throw new MalformedBody(field.name, 'is not UTF-8 or contains NUL');
    // The library drops it: another password would be set than the one that was sent.
    if (text.startsWith('\ufeff')) {
      throw new MalformedBody(field.name, 'begins with a byte-order mark');
    }
  } else if (wireType === WireType.Varint) {
    // What is passed over may be longer than what is read.
    wellFormed(field, () => reader.uint64());
  } else {
    wellFormed(field, () => reader.skip(wireType, field.number));
  }
}

/** The text of UTF-8 bytes; undefined if they are not UTF-8 or contain NUL. */
export function utf8(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function isRequired(field: DescField): boolean {
  return field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED;
}

function expectedWireType(field: DescField): WireType {
  if (field.message !== undefined) return WireType.LengthDelimited;
  if (field.scalar === undefined) return WireType.Varint;
  switch (field.scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return WireType.LengthDelimited;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return WireType.Bit64;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return WireType.Bit32;
    case ScalarType.BOOL:
    case ScalarType.INT32:
    case ScalarType.INT64:
    case ScalarType.SINT32:
    case ScalarType.SINT64:
    case ScalarType.UINT32:
    case ScalarType.UINT64:
      return WireType.Varint;
  }
}

function wellFormed<T>(field: DescField | undefined, read: () => T): T {
  try {
    return read();
  } catch {
    throw new MalformedBody(field?.name, 'the message is truncated or no protobuf');
  }
}
