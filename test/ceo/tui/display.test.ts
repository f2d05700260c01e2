/** Promise: only lines that differ are written, everything after a change of the size, and what is taken from the terminal is given back. */
import { EventEmitter } from 'node:events';
import type { WriteStream } from 'node:tty';
import { expect, test } from '@jest/globals';
import { Display } from '../../../src/ceo/tui/display.js';

/** A terminal that keeps what it is sent. */
class Terminal extends EventEmitter {
  columns = 80;
  rows = 24;
  private written = '';

  write(text: string): boolean {
    this.written += text;
    return true;
  }

  /** What was written since the last time. */
  async taken(): Promise<string> {
    await new Promise((resolve) => setImmediate(resolve));
    const { written } = this;
    this.written = '';
    return written;
  }
}

async function opened() {
  const terminal = new Terminal();
  const display = new Display(terminal as unknown as WriteStream);
  display.enter();
  display.write('one\ntwo\nthree');
  return { terminal, display, first: await terminal.taken() };
}

const rowsIn = (written: string) =>
  [...written.matchAll(/\u001b\[(\d+);1H\u001b\[2K([^\u001b]*)/g)].map(([, row, text]) => [
    Number(row),
    text,
  ]);

test('takes the alternate screen, and writes everything at first', async () => {
  const { first } = await opened();
  expect(first).toMatch(/^\u001b\[\?1049h/);
  expect(first).toContain('\u001b[?25l');
  expect(rowsIn(first)).toEqual([
    [1, 'one'],
    [2, 'two'],
    [3, 'three'],
  ]);
});

test('then what differs, once for each turn', async () => {
  const { terminal, display } = await opened();
  display.write('one\n2\nthree');
  display.write('one\nTWO\nthree');
  const written = await terminal.taken();
  expect(rowsIn(written)).toEqual([[2, 'TWO']]);
  expect(written).not.toContain('\u001b[2J');
  // Ink renders oftener than anything changes.
  display.write('one\nTWO\nthree');
  expect(await terminal.taken()).toBe('');
});

test('the cursor is shown where something is typed, after everything else', async () => {
  const { terminal, display } = await opened();
  display.setCursor({ row: 1, column: 4 });
  expect(await terminal.taken()).toMatch(/\u001b\[2;5H\u001b\[\?25h\u001b\[\?2026l$/);
  display.write('one\ntwo\n3');
  expect(await terminal.taken()).toMatch(/3\u001b\[2;5H\u001b\[\?25h\u001b\[\?2026l$/);
  display.setCursor(undefined);
  display.setCursor({ row: 1, column: 4 });
  expect(await terminal.taken()).toBe('');
  display.setCursor(undefined);
  expect(await terminal.taken()).not.toContain('\u001b[?25h');
});

test('everything again after a change of the size, or on demand', async () => {
  const { terminal, display } = await opened();
  let resizes = 0;
  display.on('resize', () => (resizes += 1));
  terminal.rows = 2;
  terminal.emit('resize');
  const written = await terminal.taken();
  expect(resizes).toBe(1);
  expect(written).toContain('\u001b[2J');
  // Never below the last row: that would scroll.
  expect(rowsIn(written)).toEqual([
    [1, 'one'],
    [2, 'two'],
  ]);
  display.redraw();
  expect(rowsIn(await terminal.taken())).toHaveLength(2);
});

test('gives back what it took, once, and is quiet from then on', async () => {
  const { terminal, display } = await opened();
  display.leave();
  display.leave();
  display.write('late');
  display.setCursor({ row: 0, column: 0 });
  const written = await terminal.taken();
  expect(written.match(/\u001b\[\?1049l/g)).toHaveLength(1);
  expect(written).toContain('\u001b[?25h');
  expect(written).toContain('\u001b[?2004l');
  expect(written).not.toContain('late');
  expect(terminal.listenerCount('resize')).toBe(0);
  // Back again, everything is painted.
  display.enter();
  expect(rowsIn(await terminal.taken())).toEqual([[1, 'late']]);
});

test('a terminal that does not know its size has the least', async () => {
  const { terminal, display } = await opened();
  Object.assign(terminal, { columns: 0, rows: 0 });
  expect([display.columns, display.rows]).toEqual([80, 24]);
});
