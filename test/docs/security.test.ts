/** Promise: docs/security.md is found, names tests that exist, and says of each part what holds it. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const root = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const text = readFileSync(root('docs/security.md'), 'utf8');

const testsIn = (part: string): string[] =>
  [...part.matchAll(/`([\w./-]+\.test\.tsx?)`/g)].map(([, name = '']) => name);

test('every test that it names is there', () => {
  expect(testsIn(text).length).toBeGreaterThan(20);
  expect(testsIn(text).filter((name) => !existsSync(root(`test/${name}`)))).toEqual([]);
});

test('every part that may be captured has a test behind it', () => {
  const [, table = ''] = text.split('| --- | --- | --- | --- |\n');
  const rows = (table.split('\n\n')[0] ?? '').split('\n');
  expect(rows.length).toBeGreaterThan(15);
  for (const row of rows) {
    expect(row.split('|')).toHaveLength(6);
    expect({ row, tests: testsIn(row).length }).not.toMatchObject({ tests: 0 });
  }
});

test('README.md and docs/architecture.md lead to it', () => {
  expect(readFileSync(root('README.md'), 'utf8')).toContain('(docs/security.md)');
  expect(readFileSync(root('docs/architecture.md'), 'utf8')).toContain('(security.md)');
});

test('every file and heading that it links to is there', () => {
  const links = [...text.matchAll(/\]\(([\w.-]+\.md)(?:#([\w-]+))?\)/g)];
  expect(links.length).toBeGreaterThan(4);
  for (const [, file = '', anchor] of links) {
    const headings = readFileSync(root(`docs/${file}`), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('#'))
      .map((line) =>
        line
          .replace(/^#+ /, '')
          .toLowerCase()
          .replace(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
      );
    if (anchor !== undefined) expect(headings).toContain(anchor);
  }
});
