/** Promise: the manuals say what the programs' --help and the tables of settings say. */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BUILD } from '../../packaging/checkout.js';
import { mdoc } from '../../packaging/manual/mdoc.js';
import { helpOf, manualPages } from '../../packaging/manual/pages.js';
import { output } from '../../packaging/program.js';
import { addclub, addmember } from '../../src/ceo/cli/signUp.js';
import type { Command } from '../../src/ceo/cli/command.js';
import { withCompletion } from '../../src/ceo/cli/parser.js';
import { ceo } from '../../src/ceo/cli/root.js';
import type { Row, Table } from '../../src/config/kinds.js';
import * as tables from '../../src/config/keys.js';
import { allOps } from '../../src/protocol/ops.js';

mkdirSync(BUILD, { recursive: true });
const folder = mkdtempSync(path.join(BUILD, 'test-manual-'));
afterAll(() => rm(folder, { recursive: true }));

const shown = new Map<string, string>();
const files: string[] = [];

beforeAll(async () => {
  const pages = Object.values(await manualPages()).flat();
  for (const page of pages) {
    const name = `${page.name}.${page.section}`;
    const file = path.join(folder, name);
    await writeFile(file, mdoc(page, 0));
    files.push(file);
    shown.set(name, await output(['mandoc', '-T', 'utf8', '-O', 'width=1000', file]));
  }
});

/** As it is read: without backspaces, and with single blanks. */
const words = (text: string): string => text.replaceAll(/.\u0008/g, '').replaceAll(/\s+/g, ' ');
const page = (name: string): string => words(shown.get(name) ?? '');

/** A sub-section, up to the next one. */
function part(name: string, title: string): string {
  const text = (shown.get(name) ?? '').replaceAll(/.\u0008/g, '');
  const lines = text.split('\n');
  const from = lines.indexOf(`   ${title}`);
  const length = lines.slice(from + 1).findIndex((line) => /^ {0,3}\S/.test(line));
  expect({ title, from }).not.toEqual({ title, from: -1 });
  return words(lines.slice(from, from + 1 + length).join('\n'));
}

test('every page is right mdoc(7)', async () => {
  expect(files).toHaveLength(12);
  expect(await output(['mandoc', '-T', 'lint', '-W', 'warning', ...files])).toBe('');
});

const leaves = (command: Command, line: readonly string[]): [string[], Command][] =>
  command.subcommands === undefined
    ? [[[...line], command]]
    : command.subcommands.flatMap((sub) => leaves(sub, [...line, sub.name]));

/** Options of --help, but for those of every program: `--terms`. */
const optionsIn = (help: string): string[] =>
  [...(help.split('Examples:')[0] ?? '').matchAll(/^ {2,}(?:-\w, )? ?(--[\w-]+)/gm)]
    .map(([, option = '']) => option)
    .filter((option) => !['--help', '--version'].includes(option));

describe('ceo(1)', () => {
  test('has the commands that there are, and no others', () => {
    const titles = [
      ...(shown.get('ceo.1') ?? '').replaceAll(/.\u0008/g, '').matchAll(/^ {3}(ceo .*)/gm),
    ];
    expect(titles.map(([, title]) => title)).toEqual(
      leaves(withCompletion(ceo), ['ceo']).map(([line]) => line.join(' ')),
    );
  });

  test.each(
    leaves(withCompletion(ceo), ['ceo']).map(
      ([line, command]) => [line.join(' '), command] as const,
    ),
  )(
    '%s',
    async (line, { usage, flags = {}, arguments: args = {} }) => {
      const text = part('ceo.1', line);
      const help = await helpOf('ceo/main.js', ...line.split(' ').slice(1));
      expect(optionsIn(help)).toEqual(Object.keys(flags).map((flag) => `--${flag}`));
      for (const option of optionsIn(help)) expect(text).toContain(option);
      for (const each of [{ usage }, ...Object.values(flags), ...Object.values(args)]) {
        expect(text.toLowerCase()).toContain(words(each.usage).toLowerCase());
      }
    },
    20_000,
  );
});

test.each([
  ['addmember', addmember],
  ['addclub', addclub],
])('%s(1)', async (name, { usage, flags = {}, arguments: args = {} }) => {
  const text = page(`${name}.1`).toLowerCase();
  const help = await helpOf(`ceo/${name}.js`);
  expect(optionsIn(help)).toEqual(Object.keys(flags).map((flag) => `--${flag}`));
  for (const each of [{ usage }, ...Object.values(flags), ...Object.values(args)]) {
    expect(text).toContain(each.usage.toLowerCase());
  }
});

test.each([
  ['ceoc.1', 'ceoc/main.js'],
  ['ceod.8', 'ceod/main.js'],
])('%s has all of --help', async (name, program) => {
  const help = await helpOf(program);
  const text = page(name);
  const [, ...blocks] = help.trimEnd().split('\n\n');
  // Paragraphs, and each option with its meaning.
  const said = blocks.flatMap((block) =>
    /^ {2}/m.test(block)
      ? block
          .split(/\n(?= {2}\S)/)
          .slice(1)
          .flatMap((row) => row.trim().split(/ {2,}(?!\n)|(?<=help) /))
      : [block],
  );
  expect(said.length).toBeGreaterThan(8);
  for (const each of said)
    expect(text).toContain(
      words(
        each
          .split('\n')
          .map((line) => line.trim())
          .join(' '),
      ),
    );
});

test.each<[string, Table]>([
  ['accounts.cf', tables.accountsTable],
  ['ceod.cf', tables.ceodTable],
  ['mysql.cf', tables.mysqlTable],
  ['mailman.cf', tables.mailmanTable],
  ['library.cf', tables.libraryTable],
])('%s(5) has every setting', (name, table) => {
  const text = page(`${name}.5`);
  for (const [key, row] of Object.entries<Row<unknown>>(table)) {
    expect(text).toContain(`${key} = ${words(row.kind.expected)}`);
    expect(text.toLowerCase()).toContain(row.usage.toLowerCase());
    if (row.default) expect(text).toContain(row.default);
  }
});

test('ops(5) has every operation', () => {
  for (const { name, id, runAs } of allOps) {
    expect(page('ops.5')).toContain(
      `${name} 0x${id.toString(16).padStart(2, '0')} Run as ${runAs}.`,
    );
  }
});
