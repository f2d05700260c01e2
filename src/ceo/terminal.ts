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
  /** @param check a sentence about what is wrong, or true */
  ask(question: string, check?: (answer: string) => string | true): Promise<string>;
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
    async ask(message, validate = () => true) {
      const { input } = await import('@inquirer/prompts');
      return answered(input({ message, validate }, { output: process.stderr }));
    },
    async askSecret(message, validate = () => true) {
      const { password } = await import('@inquirer/prompts');
      return answered(password({ message, validate, mask: '*' }, { output: process.stderr }));
    },
    async readLine() {
      let text = '';
      for await (const chunk of process.stdin.setEncoding('utf8') as AsyncIterable<string>) {
        text += chunk;
        if (text.includes('\n')) break;
      }
      return text.split('\n')[0] ?? '';
    },
  };
}

const shown = (line: string) => printable(line, Infinity);

async function answered(answer: Promise<string>): Promise<string> {
  try {
    return await answer;
  } catch (cause) {
    throw new CeoError('failed', 'Interrupted: nothing was changed.', { cause });
  }
}
