/** Promise: every MUST of docs/protocol.md has a number, and every number a case for each side it binds. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { clientCases } from '../../conformance/client.js';
import { serverCases } from '../../conformance/server.js';

const text = readFileSync(
  path.join(import.meta.dirname, '..', '..', 'docs', 'protocol.md'),
  'utf8',
);

/** Each on a line: an item of a list ends like a paragraph, and a MUST may be broken across lines. */
const sentences = text
  .replace(/\n(?=- |\d+\. |\|)/g, '\n\n')
  .split(/\n{2,}/)
  .flatMap((block) => block.replace(/\s+/g, ' ').split(/(?<=\.) (?=[A-Z])/));

const musts = (sentence: string) => sentence.match(/\bMUST\b/g)?.length ?? 0;
const numbers = (sentence: string) =>
  [...sentence.matchAll(/\[([SCB]\d+)\]/g)].map(([, number = '']) => number);

/** What the words mean is no rule. */
const rules = sentences.filter((each) => musts(each) > 0 && !each.includes('RFC 2119'));
const inDocument = sentences.flatMap(numbers);

test('there are rules', () => {
  expect(rules.length).toBeGreaterThan(12);
});

test.each(rules)('%s', (rule) => {
  expect(numbers(rule)).toHaveLength(musts(rule));
});

test('a number stands only where there is a MUST, and once', () => {
  expect(rules.flatMap(numbers)).toEqual(inDocument);
  expect([...new Set(inDocument)]).toEqual(inDocument);
});

test.each([
  ['server', serverCases, 'S'],
  ['client', clientCases, 'C'],
] as const)(
  'each number that binds a %s has one case, and each case a number',
  (side, cases, letter) => {
    const bound = inDocument.filter(
      (number) => number.startsWith('B') || number.startsWith(letter),
    );
    expect(cases.map(({ number }) => number as string).sort()).toEqual(bound.sort());
    for (const { binds } of cases) expect(binds).toBe(side);
  },
);
