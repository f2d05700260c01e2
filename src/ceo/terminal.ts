/** What people see: text on stdout and stderr, and questions on a terminal. */
import { CeoError } from '../errors.js';
import { printable } from '../printable.js';

export interface Terminal {
  /** Whether somebody can be asked: standard input and error are a terminal. */
  readonly interactive: boolean;
  readonly columns: number;
  /** A line on standard output; control characters in it become visible. */
  print(line: string): void;
  /** A line on standard error. */
  note(line: string): void;
  /**
   * @param check a sentence about what is wrong, or true
   * @param suggestion what Enter alone answers; Backspace takes it away
   */
  ask(
    question: string,
    check?: (answer: string) => string | true,
    suggestion?: string,
  ): Promise<string>;
  /** Asks without showing what is typed. */
  askSecret(question: string, check?: (answer: string) => string | true): Promise<string>;
  /** The first line of standard input. */
  readLine(): Promise<string>;
}

export function processTerminal(): Terminal {
  const interactive = process.stdin.isTTY && process.stderr.isTTY;
  return {
    interactive,
    columns: process.stdout.isTTY ? process.stdout.columns : 80,
    print: (line) => void process.stdout.write(`${shown(line)}\n`),
    note: (line) => void process.stderr.write(`${shown(line)}\n`),
    async ask(message, validate = () => true, suggestion) {
      const { input } = await import('@inquirer/prompts');
      const question = {
        message,
        validate,
        ...(suggestion !== undefined && { default: suggestion }),
      };
      return answered(input(question, { output: process.stderr }));
    },
    async askSecret(message, validate = () => true) {
      const { password } = await import('@inquirer/prompts');
      return answered(password({ message, validate, mask: '*' }, { output: process.stderr }));
    },
    async readLine() {
      const chunks: Buffer[] = [];
      for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
        chunks.push(chunk);
        if (chunk.includes('\n')) break;
      }
      const bytes = Buffer.concat(chunks);
      const end = bytes.indexOf('\n');
      return utf8(end < 0 ? bytes : bytes.subarray(0, end));
    },
  };
}

/** Replacing what is no UTF-8 would make another password of it. */
function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CeoError('usage', 'Standard input is no UTF-8.', {
      next: 'Convert it first, for example with iconv(1).',
    });
  }
}

const shown = (line: string) => printable(line, Infinity);

async function answered(answer: Promise<string>): Promise<string> {
  try {
    return await answer;
  } catch (cause) {
    throw new CeoError('failed', 'Interrupted: nothing was changed.', { cause });
  }
}
