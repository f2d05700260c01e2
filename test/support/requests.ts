/** A request of each op that the proto declares, so that what must hold of all is tried on all. */
import type { DescMessage } from '@bufbuild/protobuf';
import { template } from '../../src/ceoc/describe.js';
import { BodyEncoding } from '../../src/generated/ceo/op_pb.js';
import { allOps } from '../../src/protocol/ops.js';

const namesSomebody = ({ fields }: DescMessage) => fields.some(({ name }) => name === 'username');

/** By the name of the op; of those that name somebody, in JSON as ceoc takes it. */
export const requestsOfAll = (username: string): [op: string, request: object][] =>
  allOps
    .filter(({ encoding, input }) => encoding === BodyEncoding.PROTOBUF && namesSomebody(input))
    .map(({ name }) => [name, { ...(JSON.parse(template(name) ?? '{}') as object), username }]);
