/** What a captured child says on its standard error: lines of the master’s making, whatever it says. */
import { Readable } from 'node:stream';
import { LogRelay } from '../../src/ceod/master/logRelay.js';
import { printable } from '../../src/printable.js';
import { promise } from '../target.js';

const BURST = 65_536;
const speaker = { process: 'session', pid: 42 };

export const seeds = [
  '{"level":"info","msg":"a line","process":"runner","pid":1}\n',
  '{"level":50,"time":"x","err":{"stack":"at\\u001b[2J"}}\nError: a stack\n    at somewhere\n',
  '\u001b]0;title\u0007[1,2]\n"text"\n{"a":',
].map((text) => Buffer.from(text));

export function fuzz(data: Buffer): void {
  const lines: string[] = [];
  const relay = new LogRelay(
    speaker,
    { burst: BURST, rate: 0, flood: Infinity },
    { write: (line) => lines.push(line), onFlood: () => undefined },
  );
  const stderr = new Readable();
  relay.follow(stderr);
  const middle = data.length >> 1;
  for (const chunk of [data.subarray(0, middle), data.subarray(middle)]) stderr.emit('data', chunk);
  stderr.emit('close');
  for (const line of lines) {
    promise(line.indexOf('\n') === line.length - 1, 'a line is one line');
    const text = line.slice(0, -1);
    promise(printable(text, Infinity) === text, 'nothing in it moves a terminal');
    const { process, pid } = JSON.parse(text) as Record<string, unknown>;
    promise(process === 'session' && pid === 42, 'it tells who said it');
  }
  promise(lines.join('').length < 2 * BURST, 'what it may say is bounded');
}
