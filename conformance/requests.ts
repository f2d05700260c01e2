/**
 * Requests that no server executes, as they do not conform to their type (docs/protocol.md §4.2):
 * most of them are bytes that the deployed programs were sent (test/golden/).
 */
import { BodyEncoding } from '../src/generated/ceo/op_pb.js';
import { decodeBody } from '../src/protocol/body.js';
import type { Op } from '../src/protocol/ops.js';
import { Status } from '../src/protocol/status.js';
import { MalformedBody } from '../src/protocol/strict.js';
import { goldenCases } from '../test/golden/cases.js';
import { demand } from './case.js';

/** No protobuf, and no UTF-8. */
export const MALFORMED = Buffer.from('ffffffff', 'hex');

const GOLDEN: ReadonlySet<string> = new Set([
  ...['adduser-missing-type', 'adduser-unknown-type', 'adduser-type-zero'],
  ...['mail-missing-username', 'mail-wrong-wiretype', 'mail-truncated', 'mail-garbage'],
]);

/** Of one op. */
export const malformedOf = (op: Op): readonly Buffer[] => [
  MALFORMED,
  ...goldenCases
    .filter(({ name, id }) => id === op.id && GOLDEN.has(name))
    .map(({ request }) => Buffer.from(request.hex, 'hex')),
];

/** Demands what a malformed request is answered with. */
export function demandRefusal(op: Op, reply: Buffer): void {
  let response;
  try {
    response = decodeBody(op.output, op.encoding, reply);
  } catch (error) {
    if (!(error instanceof MalformedBody)) throw error;
    demand(false, `the reply to ${op.name} is no ${op.output.typeName}: ${error.message}`);
  }
  // What a line says of a malformed request is for people.
  if (op.encoding === BodyEncoding.TEXT || !('messages' in response)) return;
  const statuses = response.messages.map(({ status }) => status);
  demand(
    statuses.length === 1 && statuses[0] === Status.EINVAL,
    `a malformed ${op.name} is answered with the statuses [${statuses.join()}], not [${Status.EINVAL}]`,
  );
}
