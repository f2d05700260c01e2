/** What a terminal sends: keys, whatever the bytes are and wherever they are split. */
import { EventEmitter } from 'node:events';
import { Keyboard, type Key } from '../../src/ceo/tui/keyboard.js';
import { promise } from '../target.js';

export const seeds = ['abc', '\u001b[A', '\u001b[200~pasted\u001b[201~', '\u001b', '\u0003'].map(
  (text) => Buffer.from(text),
);

export function fuzz(data: Buffer): void {
  const input = new EventEmitter() as EventEmitter & NodeJS.ReadableStream;
  const keys: Key[] = [];
  const keyboard = new Keyboard(input, (key) => keys.push(key));
  input.emit('data', data);
  keyboard.stop();
  for (const { name, text } of keys) {
    promise(typeof name === 'string', 'a key has a name');
    promise(name === 'paste' || !/\p{Cc}/u.test(text), 'a key writes no control character');
  }
}
