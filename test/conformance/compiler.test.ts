/**
 * Promise: the compiler shows what is missing. What no longer fits the proto,
 * or leaves an rpc without its handler or client method, does not compile.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));
const config = ts.getParsedCommandLineOfConfigFile(
  path.join(root, 'tsconfig.json'),
  {},
  {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: () => undefined,
  },
);
if (config === undefined) throw new Error('tsconfig.json cannot be read');
const sources = config.fileNames.filter((name) => name.startsWith(path.join(root, 'src/')));

const host = ts.createCompilerHost(config.options);
const parsed = new Map<string, ts.SourceFile | undefined>();

/** The errors of one file, with the text of some file changed. */
function errorsWith(
  changed: string,
  from: string | RegExp,
  to: string,
  checked = changed,
): string[] {
  const file = path.join(root, changed);
  const before = ts.sys.readFile(file) ?? '';
  const after = before.replace(from, to);
  if (from !== '' && after === before) throw new Error(`nothing to change in ${changed}`);
  const program = ts.createProgram(sources, config?.options ?? {}, {
    ...host,
    getSourceFile(name, options) {
      if (name === file) return ts.createSourceFile(name, after, options);
      if (!parsed.has(name)) parsed.set(name, host.getSourceFile(name, options));
      return parsed.get(name);
    },
  });
  const source = program.getSourceFile(path.join(root, checked));
  return program
    .getSemanticDiagnostics(source)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

const handlers = 'src/ceod/runner/handlers.ts';
const generated = 'src/generated/ceo/ceo_pb.ts';

test('as it is, it compiles', () => {
  expect(errorsWith(handlers, '', '')).toEqual([]);
});

test('an rpc without a handler', () => {
  const errors = errorsWith(handlers, '  updateMail: (site) => mail(site),\n', '');
  expect(errors.join()).toContain("'updateMail' is missing");
});

test("another rpc's handler", () => {
  const errors = errorsWith(
    handlers,
    'updateMail: (site) => mail(site)',
    'updateMail: (site) => getForward(site)',
  );
  expect(errors.join()).toMatch(/updateMail|UpdateMail/);
});

test('a new rpc: ceod has no handler', () => {
  const rpc = /(\n {2}updateMail: \{[^]*?\n {2}\},)/;
  const another =
    '$1\n  another: { methodKind: "unary"; input: typeof UpdateMailSchema; output: typeof UpdateMailResponseSchema; },';
  expect(errorsWith(generated, rpc, another, handlers).join()).toContain("'another' is missing");
});

test('a field of the request that is renamed', () => {
  const renamed =
    /( \* @generated from field: optional string )forward( = 2;\n {3}\*\/\n {2})forward/;
  const errors = errorsWith(generated, renamed, '$1target$2target', 'src/ceod/ops/mail.ts');
  expect(errors.join()).toContain("'forward'");
});

test('a field of the request whose type changes: the caller in ceo', () => {
  const retyped = /(@generated from field: optional string realname[^]*?realname: )string/;
  const errors = errorsWith(generated, retyped, '$1number', 'src/ceo/actions/signUp.ts');
  expect(errors.join()).toContain('number');
});
