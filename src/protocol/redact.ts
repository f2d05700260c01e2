import {
  getOption,
  isFieldSet,
  toJson,
  type DescMessage,
  type JsonValue,
  type MessageShape,
} from '@bufbuild/protobuf';
import { personal } from '../generated/ceo/op_pb.js';

/**
 * A message as JSON for a log, with every field that is declared
 * `[debug_redact = true]` or `[(ceo.personal) = true]` masked. The only way a message reaches a log.
 */
export function redacted<D extends DescMessage>(schema: D, message: MessageShape<D>): JsonValue {
  const json = toJson(schema, message) as Record<string, JsonValue>;
  for (const field of schema.fields) {
    if (!isFieldSet(message, field)) continue;
    if (field.proto.options?.debugRedact === true || getOption(field, personal)) {
      json[field.jsonName] = '[redacted]';
    } else if (field.fieldKind === 'message') {
      json[field.jsonName] = redactedValue(field.message, (message as never)[field.localName]);
    } else if (field.fieldKind === 'list' && field.message !== undefined) {
      const { message: item } = field;
      const items = (message as never)[field.localName] as MessageShape<DescMessage>[];
      json[field.jsonName] = items.map((each) => redactedValue(item, each));
    }
  }
  return json;
}

function redactedValue(schema: DescMessage, message: MessageShape<DescMessage>): JsonValue {
  return redacted(schema, message);
}
