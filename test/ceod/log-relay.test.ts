/** Promise: what a child logs is written by the master, as that child's, one line for each, and not without an end. */
import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { LogRelay, type LogAllowance } from '../../src/ceod/master/logRelay.js';

const GENEROUS: LogAllowance = { burst: 1 << 20, rate: 1 << 20, flood: Infinity };

/** What comes of a child that says this and ends. */
async function relayed(
  chunks: readonly (string | Buffer)[],
  allowance = GENEROUS,
): Promise<{ lines: Record<string, unknown>[]; text: string; floods: number }> {
  const stderr = new PassThrough();
  let text = '';
  let floods = 0;
  const events = { write: (line: string) => (text += line), onFlood: () => (floods += 1) };
  new LogRelay({ process: 'session', pid: 7 }, allowance, events).follow(stderr);
  for (const chunk of chunks) {
    stderr.write(chunk);
    await new Promise(setImmediate);
  }
  await new Promise((resolve) => stderr.on('close', resolve).end());
  const lines = text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { lines, text, floods };
}

test('a line is passed on with its level and its fields', async () => {
  const { lines } = await relayed(['{"level":"info","op":"mail","n":1,"msg":"op"}\n']);
  expect(lines).toMatchObject([
    { level: 'info', process: 'session', pid: 7, op: 'mail', n: 1, msg: 'op' },
  ]);
});

test('who says it and when is what the master knows', async () => {
  const { lines, text } = await relayed([
    '{"process":"runner","pid":1,"time":"x","level":"nonsense","msg":"a"}\n',
    '{"process":"master","process":"runner","msg":"b"}\n',
  ]);
  expect(lines).toMatchObject([
    { process: 'session', pid: 7, level: 'error', msg: 'a' },
    { process: 'session', pid: 7, level: 'error', msg: 'b' },
  ]);
  expect(text).not.toContain('runner');
  expect(text).not.toContain('"time":"x"');
});

test('a line in pieces, and several lines at once', async () => {
  const euro = Buffer.from('{"msg":"€"}\n');
  const { lines } = await relayed([
    '{"msg":',
    '"a"}\n{"msg":"b"}\n',
    euro.subarray(0, 9),
    euro.subarray(9),
  ]);
  expect(lines.map(({ msg }) => msg)).toEqual(['a', 'b', '€']);
});

test('what is no log line becomes one: a stack, half a line, a number, too deep a nest', async () => {
  const stack = 'Error: boom\n    at main\u001b[2J (x.js:1)\n';
  const { lines, text } = await relayed([stack, '{"msg":"between"}\n', '42\n', '{"msg":"cut']);
  expect(lines.map(({ msg, output }) => output ?? msg)).toEqual([
    'Error: boom\\u{a}    at main\\u{1b}[2J (x.js:1)',
    'between',
    '42\\u{a}{"msg":"cut',
  ]);
  expect(text).not.toContain('\u001b');
  const nested = await relayed([
    `${'['.repeat(30_000)}\n{"a":${'['.repeat(15_000)}${']'.repeat(15_000)}}\n`,
  ]);
  expect(nested.lines.length).toBeGreaterThan(0);
});

test('control characters and those that turn text round are visible, in keys as well', async () => {
  const { text } = await relayed([
    `{"a\\u202eb":"\\u0085c\\u2028","msg":{"x\u202e":["\\u001b"]}}\n`,
  ]);
  expect(text).not.toMatch(/[\u0080-\u009f\u2028\u202e]|\\u001b/);
});

test('a line that is too long is cut, and what comes behind it is not lost', async () => {
  const pieces = Array<string>(100).fill('x'.repeat(10_000));
  const { lines, text } = await relayed(['{"msg":"', ...pieces, '"}\n{"msg":"b"}\n']);
  expect(text.length).toBeLessThan(40_000);
  // Cut before it is looked at: of the whole line there would be a JSON text.
  expect(lines.map(({ msg }) => msg)).toEqual(['output that is no log line', 'b']);
});

test('lines beyond the allowance are dropped, counted and told', async () => {
  const allowance = { burst: 2_000, rate: 1, flood: Infinity };
  const { lines, floods } = await relayed(['{"msg":"again"}\n'.repeat(1_000)], allowance);
  const passed = lines.filter(({ msg }) => msg === 'again');
  expect(passed.length).toBeGreaterThan(2);
  expect(passed.length).toBeLessThan(20);
  expect(lines.at(-1)).toMatchObject({
    level: 'warn',
    count: 1_000 - passed.length,
    msg: 'log lines dropped: it says too much',
  });
  expect(floods).toBe(0);
});

test('a flood is told of', async () => {
  const { floods } = await relayed(['x'.repeat(10_000)], { burst: 1, rate: 1, flood: 5_000 });
  expect(floods).toBeGreaterThan(0);
});
