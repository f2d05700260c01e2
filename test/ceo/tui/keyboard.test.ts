/** Promise: a key is one key however its bytes arrive, and pasted text is never keys. */
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Keyboard, type Key } from '../../../src/ceo/tui/keyboard.js';
import { eventually } from '../../support/eventually.js';

let keyboard: Keyboard | undefined;
afterEach(() => keyboard?.stop());

function open(): { readonly input: PassThrough; readonly keys: Key[] } {
  const input = new PassThrough();
  const keys: Key[] = [];
  keyboard = new Keyboard(input, (key) => keys.push(key));
  return { input, keys };
}

/** What the bytes are taken for, each piece in a read of its own. */
async function keysOf(...pieces: readonly (string | Buffer)[]): Promise<string[]> {
  const { input, keys } = open();
  for (const piece of pieces) input.write(piece);
  // Behind it all; a PassThrough delivers in order.
  input.write('\u0011');
  await eventually(() => keys.at(-1)?.name === 'q');
  keyboard?.stop();
  return keys.slice(0, -1).map(({ name, text, ctrl, shift }) => {
    const modified = `${ctrl ? 'Ctrl-' : ''}${shift && text === '' ? 'Shift-' : ''}`;
    return text === '' ? modified + name : `"${text}"`;
  });
}

const SEVERAL =
  'aé漢👩\r\u001b[A\u001b[B\u001bOC\u001b[3~\u001b[Z\t\u0001\u007f\u001b[5~\u001b[1;5D';
const NAMES = [
  ...['"a"', '"é"', '"漢"', '"👩"', 'return', 'up', 'down', 'right', 'delete'],
  ...['Shift-tab', 'tab', 'Ctrl-a', 'backspace', 'pageup', 'Ctrl-left'],
];

test('several keys in one read', async () => {
  expect(await keysOf(SEVERAL)).toEqual(NAMES);
});

test('split at every byte', async () => {
  const bytes = Buffer.from(SEVERAL);
  for (let at = 1; at < bytes.length; at += 1) {
    expect(await keysOf(bytes.subarray(0, at), bytes.subarray(at))).toEqual(NAMES);
  }
  expect(await keysOf(...Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(NAMES);
});

test('Esc alone is Esc, without a further key', async () => {
  const { input, keys } = open();
  input.write('\u001b');
  await eventually(() => keys.length > 0);
  expect(keys).toMatchObject([{ name: 'escape', text: '' }]);
});

test('Alt and a key is none: Esc and Enter soon after it do not confirm', async () => {
  expect(await keysOf('\u001b\r', '\u001ba', '\u001b\u007f')).toEqual([]);
});

test('pasted text is one key, with whatever is in it', async () => {
  const pasted = 'line 1\r\nline 2\u0003\u001b[A\t漢';
  const { input, keys } = open();
  const bytes = Buffer.from(`\u001b[200~${pasted}\u001b[201~`);
  for (const byte of bytes) input.write(Buffer.of(byte));
  await eventually(() => keys.length > 0);
  expect(keys).toEqual([{ name: 'paste', text: pasted, ctrl: false, shift: false }]);
});

test('what terminals send unasked writes nothing', async () => {
  const names = await keysOf('\u001b[I\u001b[O\u001b[15;2~\u001b[24~\u0000');
  expect(names.filter((name) => name.startsWith('"'))).toEqual([]);
});

describe('a paste that does not end', () => {
  const START = '\u001b[200~';
  const END = '\u001b[201~';
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  test('somebody’s Ctrl-C gets through', async () => {
    const { input, keys } = open();
    input.write(`${START}half`);
    await pause(200);
    input.write('\u0003');
    await eventually(() => keys.length > 1);
    expect(keys).toMatchObject([
      { name: 'paste', text: 'half' },
      { name: 'c', ctrl: true },
    ]);
  });

  test('after a while it has ended, and keys are keys; an end that comes too late is none', async () => {
    const { input, keys } = open();
    input.write(`${START}half`);
    await eventually(() => keys.length > 0);
    input.write(`${END}a\u0003`);
    await eventually(() => keys.length > 2);
    expect(keys).toMatchObject([
      { name: 'paste', text: 'half' },
      { text: 'a' },
      { name: 'c', ctrl: true },
    ]);
  });

  test('one that is too long is dropped as a whole, and none of it is a key', async () => {
    const { input, keys } = open();
    input.write(START);
    for (let count = 0; count < 100; count += 1) input.write('\r'.repeat(1_000));
    input.write(`${END}a`);
    await eventually(() => keys.length > 0);
    expect(keys).toMatchObject([{ text: 'a' }]);
  });

  test('while one goes on and on, Ctrl-C gets through', async () => {
    const { input, keys } = open();
    input.write(START);
    for (let count = 0; count < 100; count += 1) input.write('x'.repeat(1_000));
    input.write('\u0003');
    await eventually(() => keys.length > 0);
    expect(keys).toMatchObject([{ name: 'c', ctrl: true }]);
  });

  test('another one begins inside it', async () => {
    const { input, keys } = open();
    input.write(`${START}lost${START}kept${END}`);
    await eventually(() => keys.length > 0);
    expect(keys).toMatchObject([{ name: 'paste', text: 'kept' }]);
  });
});
