/**
 * The terminal's whole screen: ink writes frames to it, and it paints the lines
 * that differ. What it takes from the terminal it gives back, however the
 * program ends.
 */
import { EventEmitter } from 'node:events';
import type { WriteStream } from 'node:tty';
import { MIN_COLUMNS, MIN_ROWS } from './theme.js';

export interface Position {
  readonly column: number;
  readonly row: number;
}

// xterm control sequences: alternate screen, bracketed paste, cursor, synchronized update.
const ENTER = '\u001b[?1049h\u001b[?2004h\u001b[?25l';
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const BEGIN_UPDATE = '\u001b[?2026h';
const END_UPDATE = '\u001b[?2026l';
const moveTo = (row: number, column: number) => `\u001b[${row + 1};${column + 1}H`;
const ERASE_LINE = '\u001b[2K';
const ERASE_SCREEN = '\u001b[2J';
// What has no alternate screen, as Linux' console, is left empty.
const LEAVE = ERASE_SCREEN + moveTo(0, 0) + '\u001b[?2004l\u001b[?25h\u001b[?1049l';

/** Events: `resize`. Of stdout it is what ink needs. */
export class Display extends EventEmitter {
  /** Ink must not write control sequences of its own. */
  readonly isTTY = false;
  private frame: readonly string[] = [];
  private painted: readonly string[] = [];
  private paintedCursor = '';
  private cursor: Position | undefined;
  private entered = false;
  private scheduled = false;

  constructor(private readonly terminal: WriteStream) {
    super();
    this.setMaxListeners(0);
  }

  // A terminal that does not know its size, as a serial line, says 0.
  get columns(): number {
    return this.terminal.columns || MIN_COLUMNS;
  }

  get rows(): number {
    return this.terminal.rows || MIN_ROWS;
  }

  enter(): void {
    if (this.entered) return;
    this.entered = true;
    this.painted = [];
    this.terminal.write(ENTER);
    this.terminal.on('resize', this.resized);
    this.schedule();
  }

  leave(): void {
    if (!this.entered) return;
    this.entered = false;
    this.terminal.off('resize', this.resized);
    this.terminal.write(LEAVE);
  }

  /** Where the text cursor is; undefined: nothing is being typed. */
  setCursor(cursor: Position | undefined): void {
    this.cursor = cursor;
    this.schedule();
  }

  /** Paints everything again. */
  redraw(): void {
    this.painted = [];
    this.schedule();
  }

  /** A frame of ink: lines, with their colours. */
  write(frame: string): boolean {
    this.frame = frame.split('\n');
    this.schedule();
    return true;
  }

  private readonly resized = (): void => {
    this.redraw();
    this.emit('resize');
  };

  /** What changes in one turn is painted once. */
  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      if (this.entered) this.paint();
    });
  }

  private paint(): void {
    const lines = this.frame.slice(0, this.rows);
    const everything = this.painted.length === 0 || this.painted.length !== lines.length;
    const changed = lines.flatMap((line, row) =>
      everything || line !== this.painted[row] ? [moveTo(row, 0) + ERASE_LINE + line] : [],
    );
    const cursor =
      this.cursor === undefined
        ? HIDE_CURSOR
        : moveTo(this.cursor.row, this.cursor.column) + SHOW_CURSOR;
    if (changed.length === 0 && cursor === this.paintedCursor) return;
    const erase = everything ? ERASE_SCREEN : '';
    this.terminal.write(
      BEGIN_UPDATE + HIDE_CURSOR + erase + changed.join('') + cursor + END_UPDATE,
    );
    this.painted = lines;
    this.paintedCursor = cursor;
  }
}
