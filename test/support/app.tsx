/** The program around pages of a test's own, without a terminal: keys in, text out. */
import { render } from 'ink-testing-library';
import type { ReactNode } from 'react';
import { Context } from '../../src/ceo/context.js';
import { App, type Host } from '../../src/ceo/tui/App.js';
import { Asker } from '../../src/ceo/tui/asker.js';
import type { Position } from '../../src/ceo/tui/display.js';
import { eventually } from './eventually.js';

/** Keys by their names in tmux, as test/support/tmux.ts has them. */
const CODES: Readonly<Record<string, string>> = {
  Enter: '\r',
  Escape: '\u001b',
  Tab: '\t',
  BTab: '\u001b[Z',
  Up: '\u001b[A',
  Down: '\u001b[B',
  Right: '\u001b[C',
  Left: '\u001b[D',
  PageUp: '\u001b[5~',
  PageDown: '\u001b[6~',
  Home: '\u001b[H',
  End: '\u001b[F',
  BSpace: '\u007f',
  F1: '\u001bOP',
  'C-c': '\u0003',
  'C-l': '\u000c',
  'C-u': '\u0015',
};

export interface TestApp {
  readonly context: Context;
  readonly asker: Asker;
  /** What would be printed at the end. */
  readonly kept: string[];
  /** What was under way, in turn. */
  readonly inHand: (string | undefined)[];
  readonly cursor: () => Position | undefined;
  readonly left: () => boolean;
  readonly redrawn: () => number;
  readonly text: () => string;
  /** Presses keys, one after the other, without waiting for what they do. */
  readonly press: (...keys: string[]) => void;
  readonly type: (text: string) => void;
  readonly resize: (columns: number, rows: number) => void;
  /** Waits until the screen shows something. */
  readonly shows: (what: string | RegExp) => Promise<string>;
  readonly close: () => void;
}

export function openApp(page: ReactNode, { columns = 80, rows = 24 } = {}): TestApp {
  const asker = new Asker();
  const context = new Context(asker);
  const kept: string[] = [];
  const inHand: (string | undefined)[] = [];
  let cursor: Position | undefined;
  let left = false;
  let redrawn = 0;
  const host: Host = {
    context,
    asker,
    username: 'somebody',
    title: 'Title of the Test',
    leave: () => (left = true),
    redraw: () => (redrawn += 1),
    setCursor: (position) => (cursor = position),
    keep: (text) => kept.push(text),
    inHand: (what) => inHand.push(what),
  };
  const { stdin, stdout, lastFrame, unmount } = render(<App host={host} menu={page} />);
  const resize = (to: { columns: number; rows: number }) => {
    for (const [name, value] of Object.entries(to)) {
      Object.defineProperty(stdout, name, { value, configurable: true });
    }
    stdout.emit('resize');
  };
  resize({ columns, rows });
  const text = () =>
    (lastFrame() ?? '')
      .replace(/\u001b\[[0-9;]*m/g, '')
      .replace(/ +$/gm, '')
      .trimEnd();
  return {
    context,
    asker,
    kept,
    inHand,
    cursor: () => cursor,
    left: () => left,
    redrawn: () => redrawn,
    text,
    press: (...keys) => keys.forEach((key) => stdin.write(CODES[key] ?? key)),
    type: (typed) => stdin.write(typed),
    resize: (newColumns, newRows) => resize({ columns: newColumns, rows: newRows }),
    async shows(what) {
      const matches = () => (typeof what === 'string' ? text().includes(what) : what.test(text()));
      await eventually(matches).catch(() => {
        throw new Error(`the screen never showed ${String(what)}; it shows:\n${text()}`);
      });
      return text();
    },
    close: unmount,
  };
}
