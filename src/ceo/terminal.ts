/** What people see: text on stdout and stderr, and questions on a terminal. */
import { CeoError } from '../errors.js';
import { printable } from '../printable.js';

/** What actions need of whoever sits there, be it on the command line or at the menu. */
export interface Attendant {
  /** Whether somebody can be asked. */
  readonly interactive: boolean;
  /** A line that is good to know. */
  note(line: string): void;
  /** Asks without showing what is typed. */
  askSecret(question: string, check?: (answer: string) => string | true): Promise<string>;
}

/** For commands: notes are lines on standard error; questions need it and standard input to be a terminal. */
export interface Terminal extends Attendant {
  readonly columns: number;
  /** A line on standard output; control characters in it become visible. */
  print(line: string): void;
  /** Shows how far something is below what was printed; nothing where nobody would see it move. */
  progress(done: number, total: number, what: string): void;
  /** Takes it away. */
  endProgress(): void;
  /**
   * @param check a sentence about what is wrong, or true
   * @param suggestion what Enter alone answers; Backspace takes it away
   */
  ask(
    question: string,
    check?: (answer: string) => string | true,
    suggestion?: string,
  ): Promise<string>;
  /** The first line of standard input, as it is. @throws CeoError usage: it does not end */
  readLine(): Promise<Buffer>;
}

export function processTerminal(): Terminal {
  const interactive = process.stdin.isTTY && process.stderr.isTTY;
  const bar = new Bar();
  return {
    interactive,
    columns: process.stdout.isTTY ? process.stdout.columns : 80,
    print: (line) => bar.above(() => process.stdout.write(`${shown(line)}\n`)),
    note: (line) => bar.above(() => process.stderr.write(`${shown(line)}\n`)),
    progress: (done, total, what) => bar.show(done, total, what),
    endProgress: () => bar.hide(),
    async ask(message, validate = () => true, suggestion) {
      const { default: input } = await import('@inquirer/input');
      const question = {
        message,
        validate,
        ...(suggestion !== undefined && { default: suggestion }),
      };
      return answered(input(question, { output: process.stderr }));
    },
    async askSecret(message, validate = () => true) {
      const { default: password } = await import('@inquirer/password');
      return answered(password({ message, validate, mask: '*' }, { output: process.stderr }));
    },
    async readLine() {
      let bytes = Buffer.alloc(0);
      for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
        bytes = Buffer.concat([bytes, chunk]);
        const end = bytes.indexOf('\n');
        if (end >= 0) return bytes.subarray(0, end);
        if (bytes.length > MAX_LINE) {
          throw new CeoError('usage', `The first line of standard input does not end.`, {
            next: `At most ${MAX_LINE} bytes are read.`,
          });
        }
      }
      return bytes;
    },
  };
}

/** Of standard input, in bytes. */
const MAX_LINE = 4_096;

/** The last line of a terminal, which shows how far something is. */
class Bar {
  private line = '';

  show(done: number, total: number, what: string): void {
    this.hide();
    if (process.stderr.isTTY) this.draw(progressLine(done, total, what, process.stderr.columns));
  }

  hide(): void {
    if (this.line !== '') process.stderr.write('\r\u001b[K');
    this.line = '';
  }

  above(write: () => void): void {
    const { line } = this;
    this.hide();
    write();
    this.draw(line);
  }

  private draw(line: string): void {
    process.stderr.write(line);
    this.line = line;
  }
}

const BAR_WIDTH = 24;

function progressLine(done: number, total: number, what: string, columns: number): string {
  const full = Math.round((BAR_WIDTH * done) / total);
  const bar = '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
  // A line that reached the last column would scroll.
  return printable(`${bar} ${done}/${total} ${what}`, Math.max(0, columns - 2));
}

const shown = (line: string) => printable(line, Infinity);

async function answered(answer: Promise<string>): Promise<string> {
  try {
    return await answer;
  } catch (cause) {
    if (!(cause instanceof Error && cause.name === 'ExitPromptError')) throw cause;
    throw new CeoError('failed', 'Interrupted.', { cause });
  }
}
