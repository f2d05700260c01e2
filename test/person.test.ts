/** Promise: the table of a person's fields names each thing once, and costs nothing to load. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { detailsOf, FIELDS, PERSON, STORED } from '../src/person.js';
import { recordOf } from '../src/recordOf.js';

const rows = FIELDS.map((field) => PERSON[field]);

test.each(['label', 'question', 'flag', 'alias', 'column'] as const)('one %s for each', (part) => {
  expect(new Set(rows.map((row) => row[part])).size).toBe(rows.length);
});

test('one attribute for each that is stored', () => {
  const attributes = STORED.map((field) => PERSON[field].attribute);
  expect(new Set(attributes).size).toBe(STORED.length);
  expect(attributes).toEqual(['cn', 'program', 'telephoneNumber']);
});

test('no flag takes the letter of another one of ceo members add', () => {
  for (const { alias } of rows) expect(['t', 'h']).not.toContain(alias);
});

test('it imports nothing', () => {
  const source = readFileSync(path.resolve(import.meta.dirname, '../src/person.ts'), 'utf8');
  expect(source).not.toMatch(/^import|import\(/m);
});

test('what is not needed is never empty; what is needed is always there', () => {
  expect(detailsOf(FIELDS, () => undefined)).toStrictEqual({ realname: '' });
  expect(detailsOf(FIELDS, () => '')).toStrictEqual({ realname: '' });
  expect(detailsOf(FIELDS, (field) => field)).toStrictEqual(recordOf(FIELDS, (field) => field));
  expect(detailsOf(['phone'], () => '911')).toStrictEqual({ phone: '911' });
});
