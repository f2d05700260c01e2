/** Turns commands into yargs: the only file that knows which parser there is. */
import yargs, { type Argv, type Options } from 'yargs';
import { CeoError } from '../../errors.js';
import type { Context } from '../context.js';
import type { Command, Flag } from './command.js';

/** @returns the exit status @throws CeoError usage, and what the action throws */
export async function runCommand(
  root: Command,
  args: readonly string[],
  context: Context,
): Promise<number> {
  let status = 0;
  const parser = declare(
    yargs([...args])
      .scriptName(root.name)
      .usage(`${root.name}: ${root.usage}`)
      .strict()
      .exitProcess(false)
      .version(false)
      .help()
      .alias('help', 'h')
      .wrap(Math.min(100, context.terminal.columns))
      .parserConfiguration({ 'camel-case-expansion': false, 'parse-positional-numbers': false })
      .fail((message: string | null, error: unknown) => {
        if (error instanceof Error) throw error;
        throw usageError(root.name, message ?? 'The command line is not understood.');
      }),
    root,
    context,
    (code) => (status = code),
    [root.name],
  );
  await parser.parseAsync();
  return status;
}

/** A program that is one command: its arguments and action are those of yargs' default command. */
const DEFAULT = '$0';

function declare(
  parser: Argv,
  command: Command,
  context: Context,
  end: (status: number) => void,
  path: readonly string[],
): Argv {
  for (const [name, flag] of Object.entries(command.flags ?? {})) {
    parser = parser.option(name, optionOf(flag)).group(name, 'Options:');
    if (flag.type !== 'strings') parser = parser.check((argv) => checkOnce(name, argv[name]));
    if (flag.type === 'integer')
      parser = parser.check((argv) => checkInteger(name, flag, argv[name]));
  }
  for (const { command: line, usage } of command.examples ?? [])
    parser = parser.example(line, usage);
  const single = command.subcommands === undefined && path.length === 1;
  for (const sub of single ? [{ ...command, name: DEFAULT }] : (command.subcommands ?? [])) {
    const positionals = Object.entries(sub.arguments ?? {});
    const subPath = [...path, sub.name];
    parser = parser.command(
      [signature(sub), ...(sub.aliases ?? [])],
      sub.usage,
      (subParser) => {
        for (const [name, { usage }] of positionals) {
          subParser = subParser.positional(name, { type: 'string', describe: usage });
        }
        return declare(subParser, sub, context, end, subPath);
      },
      async (argv) => {
        const code = await sub.action?.(argv as never, context);
        if (typeof code === 'number') end(code);
      },
    );
  }
  if (command.subcommands !== undefined) {
    parser = parser.demandCommand(1, `Say which of the commands of "${path.join(' ')}" you want.`);
  }
  return parser;
}

function signature({ name, arguments: args = {} }: Command): string {
  const positionals = Object.entries(args).map(([each, { optional }]) =>
    optional === true ? `[${each}]` : `<${each}>`,
  );
  return [name, ...positionals].join(' ');
}

function optionOf(flag: Flag): Options {
  return {
    type: flag.type === 'integer' ? 'number' : flag.type === 'strings' ? 'string' : flag.type,
    describe: flag.usage,
    requiresArg: flag.type !== 'boolean',
    ...(flag.alias !== undefined && { alias: flag.alias }),
    ...(flag.type === 'strings'
      ? { array: true, nargs: 1, default: [], defaultDescription: 'none' }
      : flag.default !== undefined && { default: flag.default }),
  };
}

/** What is given twice arrives as a list. */
function checkOnce(name: string, value: unknown): true {
  if (!Array.isArray(value)) return true;
  throw usageError('ceo', `--${name} was given more than once.`);
}

function checkInteger(name: string, flag: { min: number; max: number }, value: unknown): true {
  if (value === undefined) return true;
  if (Number.isInteger(value) && Number(value) >= flag.min && Number(value) <= flag.max)
    return true;
  throw usageError('ceo', `--${name} must be a whole number from ${flag.min} to ${flag.max}.`);
}

function usageError(program: string, message: string): CeoError {
  return new CeoError('usage', message, {
    next: `See ${program} --help, or --help behind a command.`,
  });
}
