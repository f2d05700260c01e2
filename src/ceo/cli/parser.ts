/** Turns commands into yargs: the only file that knows which parser there is. */
import yargs, { type Argv, type FallbackCompletionFunction, type Options } from 'yargs';
import { asCeoError, CeoError, exitStatus } from '../../errors.js';
import { VERSION } from '../../version.js';
import type { CommandContext } from './context.js';
import { command, type Command, type Flag } from './command.js';
import { completeArgument } from './completion.js';
import { printError, printReport, report } from './result.js';
import { readWords, unmarked } from './words.js';

/** @returns the exit status @throws CeoError usage, and what the action throws */
export async function runCommand(
  program: Command,
  args: readonly string[],
  context: CommandContext,
): Promise<number> {
  const completing = args.includes('--get-yargs-completions');
  const root = program.subcommands === undefined ? program : withCompletion(program);
  // A line that is being typed is incomplete.
  const words = completing ? args : readWords(root, args);
  // yargs would take a default command for what comes first, too.
  if (words.length === 0 && root.subcommands !== undefined && root.action !== undefined) {
    return run(root, {}, context);
  }
  let status = 0;
  const parser = declare(
    yargs([...words])
      .scriptName(root.name)
      .usage(`${root.name}: ${root.usage}`)
      .strict()
      .exitProcess(false)
      .version(VERSION)
      .describe('version', 'show the version')
      .help()
      .alias('help', 'h')
      .describe('help', 'show this help')
      .wrap(Math.min(100, context.terminal.columns))
      .parserConfiguration({ 'camel-case-expansion': false, 'parse-positional-numbers': false })
      .fail((message: string | null, error: unknown) => {
        if (completing) return;
        if (error instanceof Error) throw error;
        throw new CeoError('usage', message ?? 'The command line is not understood.', {
          next: `See: ${root.name} --help`,
        });
      }),
    root,
    async (command, values) => {
      // Whatever yargs makes of a line that is being typed, nothing is done.
      if (completing) return;
      status = await run(command, unmarked(values), context);
    },
    [root.name],
  );
  const completions: Promise<unknown>[] = [];
  if (root.subcommands !== undefined)
    addCompletion(parser, root, context, (answer) => completions.push(answer));
  await parser.parseAsync();
  // yargs does not wait for them.
  await Promise.all(completions);
  return status;
}

/** @returns the exit status */
async function run(
  { action, load, changes = false }: Command,
  values: Readonly<Record<string, unknown>>,
  context: CommandContext,
): Promise<number> {
  const { terminal } = context;
  try {
    const done = await action?.(values as never, context, await load?.());
    if (done === undefined) return 0;
    const status = printReport(terminal, done, { json: values['json'] === true, changes });
    await done.afterwards?.();
    return status;
  } catch (error) {
    const known = asCeoError(error);
    printError(terminal, known, changes);
    return exitStatus[known.code];
  }
}

const SHELLS = ['bash', 'zsh', 'fish'];

/** The command whose script asks `ceo` itself at every Tab. */
export function withCompletion(program: Command): Command {
  const completion = command({
    name: 'completion',
    usage: `print a script for Tab in ${SHELLS.join(', ')}`,
    arguments: { shell: { usage: 'which of them; $SHELL unless given', optional: true } },
    examples: [{ command: 'source <(ceo completion bash)', usage: 'in ~/.bashrc' }],
    action({ shell }) {
      if (shell !== undefined && !SHELLS.includes(shell)) {
        throw new CeoError('usage', `There is no script for ${shell}.`, {
          next: `Give one of ${SHELLS.join(', ')}.`,
        });
      }
      // yargs goes by the environment alone.
      if (shell !== undefined) process.env['SHELL'] = shell;
      const print = () =>
        yargs().scriptName(program.name).completion('completion').showCompletionScript();
      return Promise.resolve(report({}, print));
    },
  });
  return { ...program, subcommands: [...(program.subcommands ?? []), completion] };
}

/** yargs' own command for the script, which cannot be told the shell. */
const YARGS_OWN = '$completion';

/** Answers what the script asks. */
function addCompletion(
  parser: Argv,
  root: Command,
  context: CommandContext,
  begun: (answer: Promise<void>) => void,
): void {
  const complete = (
    _current: string,
    { _: words }: { _: readonly (string | number)[] },
    defaults: () => void,
    done: (completions: readonly string[]) => void,
  ): void => {
    begun(
      completeArgument(root, words.slice(1).map(String), context).then(
        (offered) => (offered === undefined ? defaults() : done(offered)),
        // Tab has nowhere to show an error.
        () => done([]),
      ),
    );
  };
  parser.completion(YARGS_OWN, false, complete as FallbackCompletionFunction);
}

/** A program that is one command: its arguments and action are those of yargs' default command. */
const DEFAULT = '$0';

function declare(
  parser: Argv,
  command: Command,
  act: (command: Command, values: Readonly<Record<string, unknown>>) => Promise<void>,
  path: readonly string[],
): Argv {
  for (const [name, flag] of Object.entries(command.flags ?? {})) {
    parser = parser.option(name, optionOf(flag)).group(name, 'Options:');
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
    ...(flag.alias !== undefined && { alias: flag.alias }),
    ...(flag.type === 'strings'
      ? { array: true, nargs: 1, default: [], defaultDescription: 'none' }
      : flag.default !== undefined && { default: flag.default }),
  };
}
