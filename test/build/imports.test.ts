/** Promise: rooms of src/ import what the architecture says, and the lint fails on anything else. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { ESLint, type Linter } from 'eslint';

const checkout = path.join(import.meta.dirname, '..', '..');
/** Plain JavaScript, as the configuration of ESLint is. */
const rule = path.join(checkout, 'eslint.imports.js');
const { importRules, MAY_IMPORT } = (await import(rule)) as {
  importRules: Linter.Config;
  MAY_IMPORT: Readonly<Record<string, readonly string[]>>;
};
const rooms = Object.keys(MAY_IMPORT);

/** A file of each room that others may want. */
const FILE_OF: Readonly<Record<string, string>> = {
  generated: 'ceo/op_pb.js',
  wire: 'frame.js',
  process: 'run.js',
  library: 'isbn.js',
  mysql: 'databases.js',
  protocol: 'ops.js',
  kerberos: 'kadmin.js',
  mailman: 'subscribe.js',
  gssapi: 'context.js',
  config: 'settings.js',
  directory: 'accounts.js',
  'ceod/between': 'channel.js',
  'ceod/base': 'log.js',
  'ceod/master': 'pool.js',
  'ceod/session': 'quickAck.js',
  'ceod/accounts': 'journal.js',
  'ceod/site': 'site.js',
  'ceod/ops': 'mail.js',
  'ceod/runner': 'dispatcher.js',
  'ceod/setup': 'step.js',
  'ceod/check': 'examine.js',
  ceoc: 'client.js',
  ceo: 'context.js',
  'ceo/cli': 'command.js',
  'ceo/actions': 'signUp.js',
  'ceo/tui': 'open.js',
};

let eslint: ESLint;
beforeAll(() => {
  const config = { ...importRules, files: ['**/*.{ts,tsx}'] };
  eslint = new ESLint({ cwd: checkout, overrideConfigFile: true, overrideConfig: [config] });
});

/** Those of the rooms that the lint lets a file in a room import. */
async function allowedIn(room: string): Promise<string[]> {
  const file = FILE_OF[room]?.replace(/js$/, room === 'ceo/tui' ? 'tsx' : 'ts') ?? '';
  const filePath = path.join(checkout, 'src', room, file);
  const others = rooms.filter((other) => other !== room);
  const lines = others.map((other) => {
    const target = path.join(checkout, 'src', other, FILE_OF[other] ?? '');
    return `await import('./${path.relative(path.dirname(filePath), target)}');`;
  });
  const [result] = await eslint.lintText(lines.join('\n'), { filePath });
  const refused = result?.messages.map(({ line, ruleId }) => `${ruleId ?? ''} ${line}`) ?? [];
  return others.filter(
    (_other, index) => !refused.includes(`import-x/no-restricted-paths ${index + 1}`),
  );
}

test.each(rooms)('the lint, in src/%s/', async (room) => {
  expect((await allowedIn(room)).sort()).toEqual([...(MAY_IMPORT[room] ?? [])].sort());
});

test('docs/architecture.md shows it', () => {
  const text = readFileSync(path.join(checkout, 'docs', 'architecture.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `src\/([\w/]+)\/` \| .* \| ?(.*?) ?\|$/gm)];
  const shown = rows.map(([, room = '', list = '']) => [
    room,
    list.split(', ').filter((each) => each !== ''),
  ]);
  expect(Object.fromEntries(shown)).toEqual(MAY_IMPORT);
});
