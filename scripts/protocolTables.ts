/** Writes the tables of docs/protocol.md that the proto decides. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inHex } from '../src/config/routes.js';
import { BodyEncoding } from '../src/generated/ceo/op_pb.js';
import { allOps } from '../src/protocol/ops.js';
import { whoMay } from '../src/protocol/rights.js';

/** The first table below a heading. */
const tables: Readonly<Record<string, readonly (readonly string[])[]>> = {
  '### 4.1 Operations': allOps.map(({ id, name, input, output, encoding }) => [
    `\`${inHex(id)}\``,
    name,
    `\`${input.typeName}\``,
    `\`${output.typeName}\``,
    encoding === BodyEncoding.TEXT ? 'text' : 'protobuf',
  ]),
  '### 4.4 Who may do what': allOps.map((op) => [op.name, whoMay(op)]),
};

/** @param document docs/protocol.md @returns the same, with the tables as they are to be */
export function withTables(document: string): string {
  let text = document;
  for (const [heading, rows] of Object.entries(tables)) {
    const table = /(\n\|.*\n\| ---.*\n)(?:\|.*\n)+/g;
    table.lastIndex = Math.max(text.indexOf(`\n${heading}\n`), 0);
    const found = table.lastIndex === 0 ? null : table.exec(text);
    if (found === null) throw new Error(`docs/protocol.md has no table below "${heading}"`);
    const lines = rows.map((row) => `| ${row.join(' | ')} |\n`).join('');
    text = `${text.slice(0, found.index)}${found[1] ?? ''}${lines}${text.slice(table.lastIndex)}`;
  }
  return text;
}

if (process.argv[1] === import.meta.filename) {
  const file = path.join(import.meta.dirname, '..', 'docs', 'protocol.md');
  writeFileSync(file, withTables(readFileSync(file, 'utf8')));
}
