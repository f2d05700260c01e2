/** A table of settings as docs/configuration.md has it. */
import type { Row, Table } from '../../src/config/kinds.js';

export function inMarkdown(table: Table): string {
  const rows = Object.entries(table).map(
    ([key, row]) =>
      `| \`${key}\` | ${standing(row)} | ${cell(row.kind.expected)} | ${cell(row.usage)} |`,
  );
  return ['| key | default | value | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function standing(row: Row<unknown>): string {
  if (row.default !== undefined) return row.default === '' ? 'none' : `\`${cell(row.default)}\``;
  return row.optional === true ? 'none' : 'required';
}

const cell = (text: string) => text.replaceAll('|', String.raw`\|`);
