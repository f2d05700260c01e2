/** Pages of programs whose commands are declared: ceo, addmember, addclub. */
import type { Command, Flag } from '../../src/ceo/cli/command.js';
import { kinds } from '../../src/errors.js';
import { seeAlso, tagged, text, word, type Page, type Section } from './mdoc.js';

/** A command with the words that lead to it. */
interface Placed {
  readonly path: string;
  readonly command: Command;
}

export function pageOf(program: Command, { description, examples = [], others }: Extra): Page {
  const leaves = leavesOf(program, program.name);
  const only = program.subcommands === undefined ? program : undefined;
  const sections: Section[] = [
    {
      title: 'SYNOPSIS',
      lines:
        only === undefined
          ? ['.Nm', '.Nm', '.Ar command', '.Op Ar argument ...', '.Op Ar options']
          : synopsis({ path: program.name, command: only }),
    },
    { title: 'DESCRIPTION', lines: description },
    ...(only === undefined
      ? [{ title: 'COMMANDS', lines: leaves.flatMap(commandLines) }]
      : [{ title: 'ARGUMENTS AND OPTIONS', lines: tagged(rowsOf(only)) }]),
    { title: only === undefined ? 'OPTIONS' : 'FURTHER OPTIONS', lines: tagged(COMMON) },
    { title: 'EXIT STATUS', lines: exitStatuses() },
    ...(examples.length > 0 ? [{ title: 'EXAMPLES', lines: tagged(examples) }] : []),
    seeAlso(others),
  ];
  return { name: program.name, section: 1, about: program.usage, sections };
}

interface Extra {
  readonly description: readonly string[];
  readonly examples?: readonly (readonly [string, readonly string[]])[];
  readonly others: readonly string[];
}

/** Those that do something. */
function leavesOf(command: Command, path: string): Placed[] {
  if (command.subcommands === undefined) return [{ path, command }];
  return command.subcommands.flatMap((sub) => leavesOf(sub, `${path} ${sub.name}`));
}

const COMMON = [
  ['Fl -version', ['Show the version.']],
  ['Fl h , -help', ['Show help: of the program, or of the command that is named before it.']],
] as const;

function commandLines({ path, command }: Placed): string[] {
  const examples = command.examples ?? [];
  return [
    `.Ss ${text(path)}`,
    ...synopsis({ path, command }),
    '.Pp',
    text(sentence(command.usage)),
    ...(command.aliases ?? []).flatMap((alias) => ['Also called', `.Cm ${word(alias)} .`]),
    ...tagged(rowsOf(command)),
    ...(examples.length > 0 ? ['.Pp', 'Examples:'] : []),
    ...tagged(
      examples.map(({ command: line, usage }) => [`Li ${word(line)}`, [text(sentence(usage))]]),
    ),
  ];
}

/** The command with everything that it takes. */
function synopsis({ path, command: { arguments: args = {}, flags = {} } }: Placed): string[] {
  const [program = '', ...words] = path.split(' ');
  return [
    `.Nm ${program}`,
    ...(words.length > 0 ? [`.Cm ${words.map(word).join(' ')}`] : []),
    ...Object.entries(flags).map(([name, flag]) => {
      const repeated = flag.type === 'strings' ? ' ...' : '';
      return `.Op ${flagTag(name, flag, ' | ')}${repeated}`;
    }),
    ...Object.entries(args).map(([name, { optional, variadic }]) => {
      const shown = `Ar ${word(name)}${variadic === true ? ' ...' : ''}`;
      return optional === true ? `.Op ${shown}` : `.${shown}`;
    }),
  ];
}

/** Its arguments and flags, with what they mean. */
function rowsOf({ arguments: args = {}, flags = {} }: Command) {
  return [
    ...Object.entries(args).map(
      ([name, { usage }]) => [`Ar ${word(name)}`, [text(sentence(usage))]] as const,
    ),
    ...Object.entries(flags).map(
      ([name, flag]) =>
        [flagTag(name, flag, ' , '), [text(sentence(flag.usage)), ...limits(flag)]] as const,
    ),
  ];
}

function flagTag(name: string, flag: Flag, between: string): string {
  const forms = [...(flag.alias === undefined ? [] : [flag.alias]), `-${name}`];
  const value = flag.type === 'boolean' ? '' : ` Ar ${flag.type === 'integer' ? 'number' : 'text'}`;
  return `Fl ${forms.join(between === ' | ' ? ' | Fl ' : between)}${value}`;
}

function limits(flag: Flag): string[] {
  const range = flag.type === 'integer' ? [`A whole number from ${flag.min} to ${flag.max}.`] : [];
  const given = flag.type !== 'strings' && flag.type !== 'boolean' && flag.default !== undefined;
  return [...range, ...(given ? [`${text(String(flag.default))} unless given.`] : [])];
}

const exitStatuses = () =>
  tagged([
    ['0', ['Done.']] as const,
    ...Object.values(kinds).map(
      ({ exit, meaning }) => [String(exit), [text(sentence(meaning))]] as const,
    ),
  ]);

/** Usages are declared in lower case, for lists. */
const sentence = (usage: string) => `${usage.charAt(0).toUpperCase()}${usage.slice(1)}.`;
