/** Promise: the tables of docs/protocol.md are those of the proto. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { BodyEncoding } from '../../src/generated/ceo/op_pb.js';
import { allOps } from '../../src/protocol/ops.js';
import { whoMay } from '../../src/protocol/rights.js';

const text = readFileSync(
  path.join(import.meta.dirname, '..', '..', 'docs', 'protocol.md'),
  'utf8',
);

/** The rows of the first table of a section, without its head. */
function rowsOf(heading: string): string[][] {
  const [, section = ''] = text.split(`\n### ${heading}\n`);
  const rows = section.split(/\n#+ /)[0]?.match(/^\|.*\|$/gm) ?? [];
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

test('the operations', () => {
  expect(rowsOf('4.1 Operations')).toEqual(
    allOps.map(({ id, name, input, output, encoding }) => [
      `\`0x${id.toString(16).padStart(2, '0')}\``,
      name,
      `\`${input.typeName}\``,
      `\`${output.typeName}\``,
      encoding === BodyEncoding.TEXT ? 'text' : 'protobuf',
    ]),
  );
});

test('who may do what', () => {
  expect(rowsOf('4.4 Who may do what')).toEqual(allOps.map((op) => [op.name, whoMay(op)]));
});
