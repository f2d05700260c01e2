/** Promise: the tables of docs/protocol.md are those of the proto. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { withTables } from '../../scripts/protocolTables.js';
import { kinds } from '../../src/errors.js';

const text = readFileSync(
  path.join(import.meta.dirname, '..', '..', 'docs', 'protocol.md'),
  'utf8',
);

/** The rows of the first table of a section, without its head. */
function rowsOf(heading: string): string[][] {
  const [, section = ''] = text.split(`\n${heading}\n`);
  const rows = section.split(/\n#+ /)[0]?.match(/^\|.*\|$/gm) ?? [];
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

test('the tables of the operations and of who may use them', () => {
  // Otherwise: npm run generate.
  expect(withTables(text)).toBe(text);
});

test('the statuses', () => {
  const named = Object.values(kinds).flatMap(({ statuses }) => Object.entries(statuses));
  const rows = rowsOf('## 5. Statuses').map(([status = '', name = '']) => [
    name,
    Number(status.replace('−', '-')),
  ]);
  expect(new Map(rows.slice(1) as [string, number][])).toEqual(new Map(named));
  expect(rows).toHaveLength(named.length + 1);
});

test('README.md has the exit statuses', () => {
  const readme = readFileSync(path.join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
  const rows = [...readme.matchAll(/^\| (\d+) \| (.*) \|$/gm)].map(([, exit, meaning]) => [
    Number(exit),
    meaning,
  ]);
  expect(rows).toEqual([
    [0, 'done'],
    ...Object.values(kinds).map(({ exit, meaning }) => [exit, meaning]),
  ]);
});

test('docs/json.md has the codes', () => {
  const json = readFileSync(path.join(import.meta.dirname, '..', '..', 'docs', 'json.md'), 'utf8');
  for (const code of Object.keys(kinds)) expect(json).toContain(`\`${code}\``);
});
