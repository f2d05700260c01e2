/** Turns commands into yargs: the only file that knows which parser there is. */
import yargs, { type Argv, type FallbackCompletionFunction, type Options } from 'yargs';
import { CeoError } from '../../errors.js';
import type { CommandContext } from './context.js';
import type { Command, Flag } from './command.js';
import { completeArgument } from './completion.js';

/** @returns the exit status @throws CeoError usage, and what the action throws */
export async function runCommand(
  root: Command,
  args: readonly string[],
  context: CommandContext,
): Promise<number> {
  // yargs would take a default command for `completion`, too.
  if (args.length === 0 && root.subcommands !== undefined && root.action !== undefined) {
    return root.action({}, context);
  }
  let status = 0;
  const completing = args.includes('--get-yargs-completions');
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
        // A line that is being typed is incomplete.
        if (completing) return;
        if (error instanceof Error) throw error;
        throw usageError(root.name, message ?? 'The command line is not understood.');
      }),
    root,
    async (command, values) => {
      // Whatever yargs makes of a line that is being typed, nothing is done.
      const code = completing ? undefined : await command.action?.(values as never, context);
      if (typeof code === 'number') status = code;
    },
    [root.name],
  );
  if (root.subcommands !== undefined) addCompletion(parser, root, context);
  await parser.parseAsync();
  return status;
}

/** `ceo completion` prints a script for bash or zsh, which asks `ceo` itself at every Tab. */
function addCompletion(parser: Argv, root: Command, context: CommandContext): void {
  const complete = (
    _current: string,
    { _: words }: { _: readonly (string | number)[] },
    defaults: () => void,
    done: (completions: readonly string[]) => void,
  ): void => {
    completeArgument(root, words.slice(1).map(String), context)
      .then(
        (offered) => (offered === undefined ? defaults() : done(offered)),
        // Tab has nowhere to show an error.
        () => done([]),
      )
      // yargs does not come back from here.
      .finally(() => void context.close());
  };
  parser.completion(
    'completion',
    'print a script for the completion of bash or zsh',
    complete as FallbackCompletionFunction,
  );
}

/** A program that is one command: its arguments and action are those of yargs' default command. */
const DEFAULT = '$0';

function declare(
  parser: Argv,
  command: Command,
  act: (command: Command, values: unknown) => Promise<void>,
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
        return declare(subParser, sub, act, subPath);
      },
      (argv) => act(sub, argv),
    );
  }
  if (command.subcommands !== undefined) {
    parser = parser.demandCommand(1, `Say which of the commands of "${path.join(' ')}" you want.`);
  }
  return parser;
}

function signature({ name, arguments: args = {} }: Command): string {
  const positionals = Object.entries(args).map(([each, { optional, variadic }]) => {
    const shown = variadic === true ? `${each}..` : each;
    return optional === true ? `[${shown}]` : `<${shown}>`;
  });
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
