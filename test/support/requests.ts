/** A request of each op that the proto declares, so that what must hold of all is tried on all. */
import { template } from '../../src/ceoc/describe.js';
import { BodyEncoding } from '../../src/generated/ceo/op_pb.js';
import { allOps } from '../../src/protocol/ops.js';

/** By the name of the op; of those that have JSON as ceoc takes it, a body of text left out. */
export const requestsOfAll = (username: string): [op: string, request: object][] =>
  allOps
    .filter(({ encoding }) => encoding === BodyEncoding.PROTOBUF)
    .map(({ name }) => [name, { ...(JSON.parse(template(name) ?? '{}') as object), username }]);
