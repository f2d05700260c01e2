/** Text from elsewhere, made safe to show: no character is left that moves the cursor or turns text round. */
import { printable } from '../../src/printable.js';
import { promise } from '../target.js';

export const seeds = ['plain', '\u001b[2J', '\u009b31m', 'a\u202eb', '\ud800'].map((text) =>
  Buffer.from(text),
);

export function fuzz(data: Buffer): void {
  for (const text of [data.toString('utf8'), data.toString('utf16le'), data.toString('latin1')]) {
    const shown = printable(text, 1_000_000);
    promise(!/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(shown), 'nothing acts');
    promise(printable(shown, 1_000_000) === shown, 'what is safe stays as it is');
  }
}
