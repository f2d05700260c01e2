/** A program on a real terminal: keys in, screen out, through tmux(1). */
import path from 'node:path';
import { eventually } from './eventually.js';
import { folder, run } from './realm.js';

let count = 0;

/** A screen as it looks. */
export interface Capture {
  /** Lines, with SGR sequences that hold beyond the end of a line. */
  readonly text: string;
  /** Undefined: it is hidden. */
  readonly cursor: { readonly column: number; readonly row: number } | undefined;
}

export class Screen {
  private constructor(private readonly socket: string) {}

  /**
   * Starts a command in a terminal of its own, as a shell would.
   * @param env on top of this process's
   */
  static async start(
    command: string,
    env: Readonly<Record<string, string>> = {},
    { columns = 80, rows = 24 } = {},
  ): Promise<Screen> {
    count += 1;
    const screen = new Screen(path.join(folder, `tmux-${process.pid}-${count}`));
    const variables = Object.entries({ ...env, TERM: 'xterm-256color' }).flatMap(
      ([name, value]) => ['-e', `${name}=${value}`],
    );
    await screen.tmux(
      ...['-f', '/dev/null', 'new-session', '-d', '-x', String(columns), '-y', String(rows)],
      ...variables,
      // The shell stays, to tell the exit status.
      `${command}; echo "exit status $?"; exec sleep 60`,
    );
    return screen;
  }

  /** Types text as it is. */
  type(text: string): Promise<string> {
    return this.tmux('send-keys', '-l', text);
  }

  /** Presses keys by their names in tmux: Enter, Escape, Up, C-c, … */
  press(...keys: string[]): Promise<string> {
    return this.tmux('send-keys', ...keys);
  }

  /** Gives the terminal another size, as dragging a window does. */
  resize(columns: number, rows: number): Promise<string> {
    return this.tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** Sends bytes as they are, in one write, as two hexadecimal digits each. */
  send(...bytes: string[]): Promise<string> {
    return this.tmux('send-keys', '-H', ...bytes);
  }

  /** What tmux knows of the terminal, as `#{alternate_on}`; see FORMATS in tmux(1). */
  async state(format: string): Promise<string> {
    return (await this.tmux('display-message', '-p', format)).trim();
  }

  /** Keeps what is written to the terminal from now on, byte by byte. */
  record(file: string): Promise<string> {
    return this.tmux('pipe-pane', `cat >${file}`);
  }

  /** What is on the screen, without the blanks at the ends of lines. */
  async text(): Promise<string> {
    return (await this.tmux('capture-pane', '-p')).replace(/ +$/gm, '').trimEnd();
  }

  /** The screen with its colours and its text cursor, once it has come to rest. */
  async capture(): Promise<Capture> {
    let [last, now] = ['', await this.look()];
    while (last !== now) [last, now] = [now, await this.look()];
    const [, column, row, visible, text = ''] = /^(\d+) (\d+) (\d)\n([^]*)\n$/.exec(now) ?? [];
    return {
      text,
      cursor: visible === '1' ? { column: Number(column), row: Number(row) } : undefined,
    };
  }

  private look(): Promise<string> {
    const cursor = '#{cursor_x} #{cursor_y} #{cursor_flag}';
    return this.tmux('display-message', '-p', cursor, ';', 'capture-pane', '-e', '-p');
  }

  /** Waits until the screen shows something. @returns the whole screen */
  async shows(what: string | RegExp): Promise<string> {
    let text = '';
    try {
      await eventually(async () => {
        text = await this.text();
        return typeof what === 'string' ? text.includes(what) : what.test(text);
      });
    } catch {
      throw new Error(`the screen never showed ${String(what)}; it shows:\n${text}`);
    }
    return text;
  }

  async close(): Promise<void> {
    await this.tmux('kill-server');
  }

  private async tmux(...args: string[]): Promise<string> {
    // Colours are as they are, not as whoever runs the tests likes them.
    const clean = ['env', '-u', 'NO_COLOR', '-u', 'FORCE_COLOR'] as const;
    const { status, stdout, stderr } = await run([...clean, 'tmux', '-S', this.socket, ...args], {
      env: { TMUX: '', LC_ALL: 'C.UTF-8' },
    });
    if (status !== 0) throw new Error(`tmux: ${stderr}`);
    return stdout;
  }
}
