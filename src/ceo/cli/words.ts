/**
 * The words of a command line by the Utility Conventions of POSIX (XBD 12.2): the value of a flag
 * may begin with "-", and behind "--" there are only arguments.
 */
import { parseArgs } from 'node:util';
import { CeoError } from '../../errors.js';
import { didYouMean } from '../../nearest.js';
import { printable } from '../../printable.js';
import type { Command, Flag } from './command.js';

/**
 * In front of each text, so that yargs takes it for nothing else: a flag, a number, something in
 * quotes. No word of a command line can contain it.
 */
const MARK = '\0';
const marked = (text: string) => MARK + text;

/** Values by name, as they were typed. */
export const unmarked = (values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(withoutMark) : withoutMark(value),
    ]),
  );

const withoutMark = (value: unknown): unknown =>
  typeof value === 'string' && value.startsWith(MARK) ? value.slice(MARK.length) : value;

/** What every command has. */
const HELP: Flag = { type: 'boolean', usage: 'show help', alias: 'h' };
const VERSION: Flag = { type: 'boolean', usage: 'show the version' };

/**
 * @returns the same command line in a form that leaves nothing to interpret: the commands, each
 *   flag as `--name=value`, the arguments; texts are marked (see unmarked)
 * @throws CeoError usage, with the nearest command or flag for one that there is none of
 */
export function readWords(root: Command, words: readonly string[]): string[] {
  if (words[0] === 'help' && root.subcommands !== undefined)
    return readWords(root, [...words.slice(1), '--help']);
  const { command, path, rest } = commandOf(root, words);
  const flags: Readonly<Record<string, Flag>> = {
    ...command.flags,
    help: HELP,
    version: VERSION,
  };
  const line = [root.name, ...path].join(' ');
  const misused = (message: string) =>
    new CeoError('usage', message, { next: `See: ${line} --help` });
  const { tokens } = parseArgs({
    args: rest,
    options: Object.fromEntries(
      Object.entries(flags).map(([name, { type, alias }]) => [
        name,
        {
          type: type === 'boolean' ? type : 'string',
          ...(alias !== undefined && { short: alias }),
        },
      ]),
    ),
    strict: false,
    tokens: true,
  });
  const options: string[] = [];
  const operands: string[] = [];
  const given = new Set<string>();
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (flag === undefined) throw misused(noFlag(rawName, flags, command));
    if (flag.type !== 'strings' && given.has(name))
      throw misused(`--${name} was given more than once.`);
    given.add(name);
    if (flag.type === 'boolean') {
      if (value !== undefined) throw misused(`${rawName} takes no value.`);
      options.push(`--${name}`);
      continue;
    }
    if (value === undefined) throw misused(`${rawName} needs a value: ${flag.usage}.`);
    if (flag.type === 'integer') {
      checkInteger(name, flag, value, misused);
      options.push(`--${name}=${value}`);
    } else options.push(`--${name}=${marked(value)}`);
  }
  if (given.has('help')) return [...path, '--help'];
  if (given.has('version')) return ['--version'];
  checkOperands(command, line, operands, misused);
  return [...path, ...options, ...operands.map(marked)];
}

function commandOf(root: Command, words: readonly string[]) {
  let command = root;
  const path: string[] = [];
  for (const word of words) {
    const { subcommands } = command;
    if (subcommands === undefined || word.startsWith('-')) break;
    const sub = subcommands.find(({ name, aliases }) => name === word || aliases?.includes(word));
    if (sub === undefined) {
      const line = [root.name, ...path].join(' ');
      const names = subcommands.map(({ name }) => name);
      throw new CeoError(
        'usage',
        `There is no command "${line} ${printable(word)}".${didYouMean(word, names)}`,
        { next: `See: ${line} --help` },
      );
    }
    command = sub;
    path.push(sub.name);
  }
  return { command, path, rest: words.slice(path.length) };
}

function noFlag(rawName: string, flags: Readonly<Record<string, Flag>>, command: Command): string {
  const names = Object.keys(flags).map((name) => `--${name}`);
  const advice = didYouMean(rawName, names);
  const message = `There is no flag ${printable(rawName)}.${advice}`;
  if (advice !== '' || command.arguments === undefined) return message;
  return `${message} Put -- before an argument that begins with "-".`;
}

function checkInteger(
  name: string,
  { min, max }: { readonly min: number; readonly max: number },
  value: string,
  misused: (message: string) => CeoError,
): void {
  if (/^\d{1,15}$/.test(value) && Number(value) >= min && Number(value) <= max) return;
  throw misused(`--${name} must be a whole number from ${min} to ${max}.`);
}

function checkOperands(
  { arguments: declared = {}, subcommands, action }: Command,
  line: string,
  operands: readonly string[],
  misused: (message: string) => CeoError,
): void {
  if (subcommands !== undefined) {
    const names = subcommands.map(({ name }) => name).join(', ');
    if (operands.length > 0 || action === undefined)
      throw misused(`Say which of the commands of "${line}" you want: ${names}.`);
    return;
  }
  const args = Object.entries(declared);
  for (const [index, [name, { optional, usage, variadic }]] of args.entries()) {
    if (optional !== true && operands[index] === undefined)
      throw misused(`The ${name} ${variadic === true ? 'are' : 'is'} missing: ${usage}.`);
  }
  const extra = operands[args.length];
  if (extra === undefined || args.at(-1)?.[1].variadic === true) return;
  throw misused(
    args.length === 0
      ? `"${line}" takes no arguments, but "${printable(extra)}" was given.`
      : `"${printable(extra)}" is one argument too many: put quotes around what belongs together.`,
  );
}
