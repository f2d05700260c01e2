/**
 * Bodies of ops, both ways: strict decoding refuses or gives a message that is whole, and what a
 * log shows of it has no secret.
 */
import { toBinary } from '@bufbuild/protobuf';
import { decodeBody, encodeBody } from '../../src/protocol/body.js';
import { BodyEncoding } from '../../src/generated/ceo/op_pb.js';
import { allOps, ops } from '../../src/protocol/ops.js';
import { redacted } from '../../src/protocol/redact.js';
import { MalformedBody } from '../../src/protocol/strict.js';
import { AddUser_Type as Type } from '../../src/generated/ceo/ceo_pb.js';
import { promise, refusing } from '../target.js';

const SECRET = 'correct-horse-battery';

const seed = (bytes: Uint8Array) => Buffer.from(bytes);

export const seeds = [
  seed(
    encodeBody(ops.addUser.input, ops.addUser.encoding, {
      type: Type.MEMBER,
      username: 'alice',
      password: SECRET,
      realname: 'Alice Liddell',
      program: 'MATH',
      email: 'alice@example.org',
    }),
  ),
  seed(
    encodeBody(ops.addMySQLUser.output, ops.addMySQLUser.encoding, {
      messages: [{ status: -2, message: 'no' }],
      password: SECRET,
    }),
  ),
  seed(encodeBody(ops.subscribe.input, ops.subscribe.encoding, { username: 'alice' })),
];

export function fuzz(data: Buffer): void {
  for (const { encoding, input, output } of allOps) {
    for (const schema of [input, output]) {
      const message = refusing(MalformedBody, () => decodeBody(schema, encoding, data));
      if (message === undefined) continue;
      const bytes = encodeBody<typeof schema>(schema, encoding, message);
      promise(
        Buffer.from(encodeBody(schema, encoding, decodeBody(schema, encoding, bytes))).equals(
          bytes,
        ),
        'what was decoded is decoded again',
      );
      if (encoding === BodyEncoding.PROTOBUF) toBinary(schema, message);
      const shown = JSON.stringify(redacted(schema, message));
      const { password } = message as { password?: string };
      if (password?.includes(SECRET) === true) {
        const others = JSON.stringify({ ...message, password: undefined, $unknown: undefined });
        promise(!shown.includes(SECRET) || others.includes(SECRET), 'no secret is shown');
      }
    }
  }
}
